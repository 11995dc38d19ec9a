"""Scenes for the tests of the stage: one written by hand, and swarms of any size. No protocol is needed to draw."""

import random


def view(state="undecided", value=None, **more):
    words = f"{state} {value}" if value else state
    return {"state": state, "value": value, "words": words, "fields": [["vote", value or "none"]], **more}


class Scene:
    """Grows a scene step by step."""

    def __init__(self, names="ABC", values=("red", "blue"), **more):
        self.names, self.steps, self.messages, self.time = list(names), [], [], 0.0
        slots = [[value, min(slot, 4)] for slot, value in enumerate(values)]
        self.more = {"title": "A split vote", "protocol": "MajorityVote", "network": "lossy", "seed": 7, "can": None}
        self.more |= {
            "properties": [],
            "budgets": {"crash": None, "restart": None, "timeout": None},
            "run": {"version": 1, "title": "split"},
            "values": slots,
        } | more

    def send(self, sender, receiver, label, value):
        self.messages.append([sender, receiver, label, value, len(self.steps), None, None])
        return len(self.messages) - 1

    def step(self, kind, node, text, *, after=0.4, say=None, effect="", mark="", changed=None, **more):
        self.time = round(self.time + after, 3)
        changed = {} if changed is None else {str(node): changed}
        self.steps.append(
            {"t": self.time, "kind": kind, "node": node, "text": text, "effect": effect, "mark": mark}
            | {"say": say or f"{text}.", "set": changed}
            | more
        )

    def end(self, kind, message, **more):
        sender, receiver, label, value, *_ = self.messages[message]
        text = f"{self.names[sender]} → {self.names[receiver]} {label} {value or ''}".strip()
        self.step(kind, receiver, text, msg=message, **more)
        self.messages[message][5:] = [len(self.steps), kind]

    def json(self, **more):
        nodes = [view(tally=[None] * len(self.names), timers=[]) for _ in self.names]
        return {"names": self.names, "nodes": nodes, "steps": self.steps, "messages": self.messages} | self.more | more


def promise(name, sign, broken=None, between=(), eventual=False, met=None):
    found = {"name": name, "sign": sign, "broken": broken, "met": met, "between": list(between), "why": "said the test"}
    return found | ({"eventual": True} if eventual else {})


def split(names="ABC", values=("red", "blue"), title="A split vote", **more):
    """Sixteen steps with one event of each kind; agreement breaks at step 13."""
    a, b, c = range(3)
    red, blue = values[:2]
    s = Scene(names, values, title=title, **more)
    s.step(
        "propose",
        a,
        f"{names[a]} proposes {red}",
        value=red,
        after=0,
        mark="vote",
        effect=f"votes {red}",
        changed=view("voted", red),
    )
    to_b, to_c = s.send(a, b, "VoteFor", red), s.send(a, c, "VoteFor", red)
    s.step(
        "propose",
        c,
        f"{names[c]} proposes {blue}",
        value=blue,
        mark="vote",
        effect=f"votes {blue}",
        changed=view("voted", blue),
    )
    back, ack = s.send(c, a, "VoteFor", blue), s.send(c, b, "Ack", None)
    s.end("deliver", to_b, mark="vote", effect=f"votes {red}", changed=view("voted", red, tally=[red, None, None]))
    lost = s.send(b, c, "Voted", red)
    s.end("deliver", back, say=f"{names[a]} hears of {blue}. It has already voted.")
    s.end("deliver", ack)
    s.step("duplicate", c, f"{names[a]} → {names[c]} VoteFor {red}", msg=to_c)
    twin = s.send(a, c, "VoteFor", red)
    s.end("drop", lost, mark="drop", effect="lost")
    s.step("crash", b, f"{names[b]} crashes", mark="crash", changed=view("crashed", red))
    s.send(a, b, "Voted", red)
    waiting = view("voted", blue, timers=[["tie", s.time + 0.4, s.time + 2.4], ["lease", s.time, None]])
    s.end("deliver", twin, effect="a tie", changed=waiting)
    s.step("restart", b, f"{names[b]} restarts", mark="restart", effect="forgets", changed=view())
    s.step(
        "timeout",
        c,
        f"{names[c]}: tie times out",
        name="tie",
        after=1.2,
        mark="decide",
        effect=f"decides {blue}",
        changed=view("decided", blue),
    )
    s.end("deliver", to_c)
    s.step(
        "propose",
        a,
        f"{names[a]} decides",
        mark="decide",
        effect=f"decides {red}",
        changed=view("decided", red),
        by="reader",
    )
    news = s.send(a, b, "Decided", red)
    s.send(c, b, "Decided", blue)
    s.step("propose", a, f"{names[a]} proposes {red}", value=red)
    s.end("deliver", news, mark="decide", effect=f"decides {red}", changed=view("decided", red))
    s.step("timeout", c, f"{names[c]}: lease times out", name="lease")
    properties = [promise("Agreement", "ne", 13, (c, a)), promise("Validity", "cross")]
    properties.append(promise("Termination", "none", eventual=True, met=15))
    return s.json(properties=properties, can=[[0, [red, blue]], [9, [blue]], [12, None], [13, [red, blue]]])


def swarm(nodes, flying, steps, seed=1, **more):
    """Gossip: whoever hears something sends something on, so that always the same number is in flight."""
    rng, s = random.Random(seed), Scene([chr(65 + i) for i in range(nodes)], title="A swarm", seed=seed, **more)
    due = []

    def gossip(sender):
        receiver = rng.choice([i for i in range(nodes) if i != sender])
        message = s.send(sender, receiver, rng.choice(["Voted", "VoteFor"]), rng.choice(["red", "blue"]))
        due.append((s.time + 0.5 + rng.random(), message))

    s.step("propose", 0, "A proposes red", value="red", after=0)
    for i in range(flying):
        gossip(i % nodes)
    while len(s.steps) < steps:
        due.sort(reverse=True)
        time, message = due.pop()
        receiver, value = s.messages[message][1], s.messages[message][3]
        state = rng.choice(["voted"] * 9 + ["decided"]) if rng.random() < 0.2 else None
        changed = state and view(state, value, tally=[rng.choice([None, "red", "blue"]) for _ in range(nodes)])
        mark = {"voted": "vote", "decided": "decide", None: ""}[state]
        s.end("deliver", message, after=time - s.time, mark=mark, changed=changed)
        gossip(receiver)
    return s.json(properties=[promise("Agreement", "ne", steps // 2, (0, nodes - 1))])


def entry(name, *seeds, about=""):
    """One prepared run; each seed is a list of roads."""
    return {"id": name, "title": seeds[0][0]["title"], "about": about, "seeds": list(seeds)}


def payload(*entries, **where):
    return {"version": 1, "open": {"entry": 0, "seed": 0, "road": 0, "step": 0} | where, "entries": list(entries)}


def recorded():
    """Two runs; the first has two seeds, and a second road that leaves the first at step 6 by dropping message 1."""
    other = split()
    other["steps"] = other["steps"][:6] + [
        dict(other["steps"][6], kind="drop", msg=1, text="A → C VoteFor red", node=2)
    ]
    other["steps"][6]["say"] = "The vote is lost on the other road."
    other["messages"] = [
        [*m[:5], *([7, "drop"] if i == 1 else m[5:] if (m[5] or 99) < 7 else [None, None])]
        for i, m in enumerate(other["messages"])
        if m[4] < 7
    ]
    other |= {"fork": {"road": 0, "step": 6}, "properties": [promise("Agreement", "ne")]}
    runs = entry("split", [split(), other], [split(seed=8)], about="Three nodes, two proposals.")
    return payload(
        runs, entry("words", [split(["memory", "thread 1", "thread 2"], title="A shared memory", seed=None)])
    )
