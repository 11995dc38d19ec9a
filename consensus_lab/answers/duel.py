"""Requests of the duel: the reader's next event, by hand or on a network that keeps time, and where the duel stands."""

from consensus_lab.answers.random_choice import then_at_random
from consensus_lab.experiments.proposer_duel import standings
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Deliver, bare
from consensus_lab.model.values import show
from consensus_lab.protocols.paxos.synod import Synod
from consensus_lab.scene.look import Look
from consensus_lab.scene.moves import asked, moves
from consensus_lab.scene.scene import scene
from consensus_lab.scene.words import capital
from consensus_lab.simulation.bounded_delay import early, wait

MOST_EVENTS = 300  # who got so far has seen that it can go on


def go_on(begun, event, clock, seed, by_reader=()):
    """The scene of the run with the event after it: see `duel_scene`.

    On a network that keeps time, what is due comes first; with no event, what is due next happens.
    """
    at = len(begun)
    if not issubclass(begun.system.classes[0], Synod):
        raise ProtocolError(f"a duel is between proposers of the synod, and this is {begun.system}")
    if at >= MOST_EVENTS:
        raise ProtocolError(f"this duel has gone on for {at} events; the game goes no further")
    if event is None:
        longer = wait(begun, seed)
        return duel_scene(longer, clock, by_reader)
    longer = early(begun, event, seed) if clock else then_at_random(begun, event)
    mine = next((k for k in range(at, len(longer)) if bare(longer.events[k]) == event), None)
    return duel_scene(longer, clock, by_reader if mine is None else {*by_reader, mine + 1})


def duel_scene(run, clock, by_reader=()):
    """A scene with what can happen next, no timers among it where the network keeps time, and the duel's standing.

    ``"duel": {"standings": [[ballots, outbid, delivered, waited], ...], "chosen": {"step", "say"} or None,
    "ends": [event, ...]}``; `waited` is for how many events the oldest message has been on its way, `ends` are the
    events after which a value is chosen at once.
    """
    drawn, found = scene(run, "The duel", by_reader=by_reader, valencies=False), standings(run)
    offered = moves(run)
    if clock and offered:
        offered.pop("timeout", None)
    rows = [[s.ballots, s.outbid, s.delivered, _waited(run, k)] for k, s in enumerate(found)]
    step = next((k for k, standing in enumerate(found) if standing.chosen is not None), None)
    duel = {"standings": rows, "chosen": None, "ends": _ends(run) if step is None else []}
    if step is not None:
        duel["chosen"] = {"step": step, "say": _chosen(run, step, found[step].chosen)}
    return drawn | {"next": offered, "duel": duel}


def _ends(run):
    events = [event for event in run.system.events(run.last) if isinstance(event, Deliver)]
    return [asked(run, event) for event in events if standings(run.then(event))[-1].chosen is not None]


def _chosen(run, step, value):
    node = run.events[step - 1].node
    ballot, _ = run.configurations[step].state(node)["accepted"]
    names = run.system.names
    knows = run.configurations[step].decisions
    nobody = "" if knows else " Nobody knows it yet, and nobody can undo it."
    how = f"with {names[node]}, a majority has accepted it in ballot {Look(run).show(ballot)}"
    return f"{capital(show(value))} was chosen at step {step}: {how}.{nobody}"


def _waited(run, k):
    on_way = [f.sent for f in run.flights if f.sent <= k and (f.end is None or f.end > k)]
    return k - min(on_way) if on_way else 0
