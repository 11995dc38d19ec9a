"""A verdict in words: what happened, who was about to decide, and which bad choice that is."""

import textwrap

from consensus_lab.model.events import Crash, Timeout, describe
from consensus_lab.model.properties import decided
from consensus_lab.model.values import show

BAD_CHOICE = {
    "disagrees": "It forces a decision in more than one place, and two nodes decide differently.",
    "invalid": "It decides what nobody has proposed.",
    "blocks": "It waits for what need not come, and then somebody waits forever.",
    "runs forever": "It forces a decision nowhere, and can go on forever without one.",
    "decides": "It decides, in every fair run.",
    "unknown": "Not known: the search stopped at its bound.",
}


def wrapped(text):
    return textwrap.fill(text, 88)


def headline(finding):
    return f"{finding.system}: {finding.kind.upper()}\n{BAD_CHOICE[finding.kind]}"


def broken(prop, run):
    """Of a run whose last configuration breaks a safety property."""
    (nodes, why), names = prop.broken(run.last), run.system.names
    if prop.name == "Validity":
        proposed = sorted(map(show, run.last.proposed))
        asked = f"Proposed was {', '.join(proposed)} and nothing else" if proposed else "Nobody had proposed anything"
        return f"{why}. {asked}. A protocol that decides whatever it is asked is easy to write, and of no use."
    told = []
    for step, event in enumerate(run.events, 1):
        before, after = (decided(run.configurations[k]) for k in (step - 1, step))
        for i, value in after:
            if (i, value) not in before and i in nodes:
                told.append(f"{names[i]} decides {show(value)} at “{describe(event, names)}”")
    text = f"{why}. {'; '.join(told)}. "
    if any(isinstance(event, Timeout) for event in run.events):
        text += (
            "A timer fired, and what it gave up on was only late: a message that comes late and one that never comes "
            "look the same. "
        )
    if not any(isinstance(event, Crash) for event in run.events):
        text += "Nobody has crashed, and no message was lost. "
    return text + "Each decision was made without being sure that the other nodes make the same."


def blocks(run, way, graph):
    """Of a Blocked and its run; `graph` is where its number belongs."""
    names = run.system.names
    waiting = listed(way.waiting, names)
    never = f"{waiting} {'waits' if len(way.waiting) == 1 else 'wait'} in vain: "
    never += "nothing is left to happen" if way.stuck else "no schedule of the others leads to a decision"
    if not way.down:
        return (
            f"Nobody has to crash. {never}, although no message was lost. The protocol has no rule for this case: a "
            "vote that has come out even, say, or a message that is never sent."
        )
    down = listed(sorted(way.down), names)
    text = f"{down} {'crashes' if len(way.down) == 1 else 'crash'}, and {never}. "
    race = way.number is not None and fork(graph, way.number, way.down)
    if not race:
        return text + f"The others cannot go on without {down}, and cannot tell whether {down} has crashed or is slow."
    node, (one, red), (other, blue) = race
    return text + (
        f"The decision is forced in one place. {names[node]} was the one to settle it: {show(red)} if "
        f"“{describe(one, names)}” had come first, {show(blue)} if “{describe(other, names)}” had. With {names[node]} "
        "gone nobody can tell which did, or whether either did."
    )


def cycles(run, prefix, cycle):
    names = run.system.names
    start = f"After {counted(len(prefix), 'event')}, " if prefix.events else "From the start "
    undecided = "not everyone has decided" if run.decisions else "nobody has decided"
    down = f", with {listed(sorted(run.last.crashed), names)} down" if run.last.crashed else ""
    return (
        f"{start}a cycle of {counted(len(cycle), 'event')} leads back to the very same configuration, and {undecided}. "
        "It can go round forever. It is fair: every message to a live node arrives, and every timer that stays armed "
        f"fires{down}. {luck(run)}"
    )


def plays(run, rounds, ends):
    """`ends` says of some schedules picked by chance whether they came to a decision."""
    text = (
        f"After {counted(rounds, 'round')} and {counted(len(run), 'event')} nobody has decided. In each round all that "
        "waited at its beginning happened: every message arrived, and every timer that stayed armed fired. The run was "
        "made by the construction in the proof of Fischer, Lynch and Paterson: what has waited longest is put off only "
        f"until it can happen and leave two decisions possible. {luck(run)}"
    )
    if tosses(run):
        text += f" Tried with fair coins, {sum(ends)} of {len(ends)} schedules picked by chance came to a decision."
    return text


def tosses(run):
    return any(getattr(event, "choices", ()) for event in run.events)


def luck(run):
    if not tosses(run):
        return "No coin is tossed, so luck cannot end it; only the network's good behavior can."
    return (
        "Here the network has picked the coins, too, and a real coin is not the network's to pick. If from everywhere "
        "some luck leads to a decision, whatever the network does, then with fair coins a run like this one has "
        "probability 0: the protocol decides with probability 1."
    )


def nothing_found(kind, crashes):
    faults = "any number of crashes" if crashes is None else f"at most {counted(crashes, 'crash', 'crashes')}"
    faults = faults if crashes != 0 else "no crash"
    if kind == "decides":
        return f"With {faults} every fair run ends in one decision that was proposed, and every live node takes it."
    return (
        f"Nothing wrong was found with {faults}, but there are schedules that nobody looked at. Raise max_states to "
        "look at more of them."
    )


def covered(graphs):
    visited, ways = sum(map(len, graphs)), counted(len(graphs), "way")
    cut = [graph for graph in graphs if not graph.complete]
    if not cut:
        return f"Looked at: every schedule of {ways} to propose, {visited:,} configurations."
    deep = min(graph.depth(len(graph.moves)) for graph in cut)
    return (
        f"Looked at: {ways} to propose, {visited:,} configurations, and there are more. Every schedule of up to {deep} "
        "events was covered, and of longer ones some: there may be a shorter run than one that is shown, and worse to "
        "be found."
    )


def fork(graph, number, nodes):
    """(node, (event, value), (event, value)): two events at one of `nodes` that leave different decisions, or None."""
    can = graph.valencies()
    for node in sorted(nodes):
        ways = [(event, *can[there]) for event, there in graph.moves[number] if event.node == node]
        settled = [way for way in ways if len(way) == 2]
        for one in settled:
            for other in settled:
                if one[1] != other[1]:
                    return node, one, other
    return None


def counted(number, what, many=None):
    return f"{number} {what if number == 1 else many or what + 's'}"


def listed(nodes, names):
    names = [names[i] for i in nodes]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
