"""A verdict in words: what happened, who was about to decide, and which bad choice that is."""

import textwrap

from consensus_lab.model.events import Crash, Timeout, describe
from consensus_lab.model.properties import checked, decided
from consensus_lab.model.values import show

BAD_CHOICE = {
    "disagrees": "It forces a decision in more than one place, and two nodes decide differently.",
    "invalid": "It decides what nobody has proposed.",
    "violates": "It breaks a property that it was to have.",
    "blocks": "It waits for what need not come, and then somebody waits forever.",
    "runs forever": "It forces a decision nowhere, and can go on forever without one.",
    "decides": "It decides, in every fair run.",
    "holds": "It has the properties that were asked for. No node has to decide anything.",
    "unknown": "Not known: the search stopped at its bound.",
}


VERBS = {
    "disagrees": "disagrees", "invalid": "decides what nobody has proposed", "violates": "breaks a property",
    "blocks": "blocks", "runs forever": "runs forever",
}  # fmt: skip
SURE = ("disagrees", "decides", "holds", "unknown")  # where the kind is the worst, or says itself what is not known


def wrapped(text):
    """A paragraph in lines of 88 characters."""
    return textwrap.fill(text, 88)


def certain(verdict):
    """Whether the kind of a verdict can get no worse by looking further."""
    return verdict.complete or verdict.kind in SURE


def headline(verdict):
    """The two lines that say what is wrong, and how sure that is."""
    if certain(verdict):
        return f"{verdict.system}: {verdict.kind.upper()}\n{BAD_CHOICE[verdict.kind]}"
    text = BAD_CHOICE[verdict.kind]
    if verdict.kind == "runs forever":
        text = "It can go on forever without a decision."
    return f"{verdict.system}: AT LEAST {verdict.kind.upper()}\n{text} No worse was found, in as far as was looked."


def others(findings):
    """A sentence about the other findings."""
    verbs = [VERBS[finding.kind] for finding in findings]
    text = verbs[0] if len(verbs) == 1 else ", ".join(verbs[:-1]) + " and " + verbs[-1]
    return f"It also {text}; see findings."


def _break(prop, run):
    """(nodes, why) of a property that the last configuration of a run breaks."""
    broken = checked(prop, run.last)
    if broken is None:
        raise ValueError(f"{prop.name} holds at the end of {run!r}")
    return broken


def violates(prop, run):
    """Of a run that breaks a property of one's own."""
    _, why = _break(prop, run)
    return f"{prop.name} is broken after {counted(len(run), 'event')}: {why}."


def broken(prop, run):
    """Of a run whose last configuration breaks a safety property."""
    (nodes, why), names = _break(prop, run), run.system.names
    if prop.name == "Validity":
        proposed = sorted(map(show, run.last.proposed))
        if prop.also:
            return f"{why}. That may be decided without a proposal: {', '.join(map(show, prop.also))}."
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


def blocks(run, way):
    """Of a Blocked and its run."""
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
    if not way.fork:
        return text + f"The others cannot go on without {down}, and cannot tell whether {down} has crashed or is slow."
    node, (one, red), (other, blue) = way.fork
    return text + (
        f"The decision is forced in one place. {names[node]} was the one to settle it: {show(red)} if "
        f"“{describe(one, names)}” had come first, {show(blue)} if “{describe(other, names)}” had. With {names[node]} "
        "gone nobody can tell which did, or whether either did."
    )


def livelock(run, rounds, waiting):
    """Of a run that goes on although no schedule leads to a decision any more."""
    who = listed(waiting, run.system.names)
    return (
        f"Nobody has to crash. {who} can never decide, whatever the schedule, and yet something is always left to "
        f"happen: the run shown is the beginning of one that goes on forever, and {counted(rounds, 'round')} of it. In "
        "a round all happens that was possible at its beginning."
    )


def cycles(run, prefix, cycle):
    """Of a run of `prefix` and then a fair `cycle`, which ends in the configuration that the cycle begins in."""
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
    """Whether a handler makes a choice in the run."""
    return any(getattr(event, "choices", ()) for event in run.events)


def luck(run):
    """What can end a run that goes on forever, if anything can: the network, or coins too."""
    if not tosses(run):
        return "No coin is tossed, so luck cannot end it; only the network's good behavior can."
    return (
        "Here the network has picked the coins, too, and a real coin is not the network's to pick. If from everywhere "
        "some luck leads to a decision, whatever the network does, then with fair coins a run like this one has "
        "probability 0: the protocol decides with probability 1."
    )


def nothing_found(kind, crashes, properties=()):
    """Of a system in which no finding was made; `crashes` may happen in a run, None for any number."""
    faults = "any number of crashes" if crashes is None else f"at most {counted(crashes, 'crash', 'crashes')}"
    faults = faults if crashes != 0 else "no crash"
    if kind == "decides":
        return f"With {faults} every fair run ends in one decision that was proposed, and every live node takes it."
    if kind == "holds":
        return f"With {faults} every schedule has {', '.join(prop.name for prop in properties)}."
    return (
        f"Nothing wrong was found with {faults}, but there are schedules that nobody looked at. Raise max_states to "
        "look at more of them."
    )


def covered(graphs, ways, hunted):
    """Which schedules were looked at: those of `graphs`, of so many ways to propose, and some for a disagreement."""
    visited, cut = sum(map(len, graphs)), [graph for graph in graphs if not graph.complete]
    of = f"{len(graphs)} of {ways:,} ways" if len(graphs) < ways else counted(len(graphs), "way")
    if not cut and len(graphs) == ways:
        return f"Looked at: every schedule of {of} to propose, {visited:,} configurations."
    if not cut:
        return f"Looked at: every schedule of {of} to propose, {visited:,} configurations. Others may be worse."
    deep = min(graph.depth(len(graph.moves)) for graph in cut)
    more = f" Another {hunted:,} were looked at for a disagreement." if hunted else ""
    return (
        f"Looked at: {of} to propose, {visited:,} configurations, and there are more.{more} Every schedule of up to "
        f"{deep} events was covered, and of longer ones some: there may be a shorter run than one that is shown, and "
        "worse to be found. Raise max_states to look at more."
    )


def counted(number, what, many=None):
    """A number and its noun: 1 event, 2 events; `many` is the plural where it takes more than an s."""
    return f"{number} {what if number == 1 else many or what + 's'}"


def listed(nodes, names):
    """The names of the nodes of these numbers, as a list in a sentence: A, B and C."""
    names = [names[i] for i in nodes]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
