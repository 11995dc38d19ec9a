"""Two proposers that outbid each other for ever: the unending run of the synod that FLP promised.

It is fair: every message is delivered within a round or two, and all nodes take steps without end. It stays bivalent:
each proposer has voted for its own value, the third node has voted for none, and either can still win.

Where the network keeps time and a proposer that is outbid waits for a random time, the same network loses.
"""

from collections import namedtuple

from consensus_lab.model.events import Deliver, Propose, Timeout
from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.protocols.paxos.synod import Accept, Decided, Prepare, Promise, Synod
from consensus_lab.protocols.paxos.synod_proposers import Request
from consensus_lab.simulation.bounded_delay import early, wait


def duel(ballots, protocol=Synod):
    """A Run in which two proposers begin so many ballots in turn, and nobody decides.

    Each begins its next ballot just when the other has the promises it needs: so the third node has promised the new
    ballot before it is asked to accept in the old one.

    Parameters
    ----------
    ballots : int
        How many ballots are begun; the run goes on for as long as you like.
    protocol : Synod class
        The class of all three nodes.

    Returns
    -------
    Run
        Nobody decides in it, and every message but the last few is delivered.

    References
    ----------
    L. Lamport, Paxos made simple, ACM SIGACT News 32 (2001), section 2.4,
    https://lamport.azurewebsites.net/pubs/paxos-simple.pdf.

    Examples
    --------
    >>> run = duel(4)
    >>> len(run), run.decisions
    (26, {})
    """
    run = Run(System(protocol, 3, {0: "red", 1: "blue"}, timeouts=None))
    for number in range(ballots):
        proposer = number % 2
        value = run.system.proposals[proposer]
        run = run.then(Propose(proposer, value) if number < 2 else Timeout(proposer, "retry"))
        run = _deliver(run, Prepare)
        run = _deliver(run, Promise)
        run = _deliver(run, Accept, older_than=run.last.state(2)["promised"])
    return run


def _deliver(run, kind, older_than=(float("inf"),)):
    """Deliver all messages of a kind, those from and to the third node first."""
    waiting = [
        envelope
        for envelope in run.last.in_flight
        if isinstance(envelope.message, kind) and envelope.message.ballot < older_than
    ]
    third_first = sorted(waiting, key=lambda envelope: 2 not in (envelope.sender, envelope.receiver))
    return run.then(*map(Deliver, third_first))


Standing = namedtuple("Standing", "ballots outbid delivered chosen")
Standing.__doc__ = """How many ballots were begun, how many of them can never be chosen any more, how many messages were
delivered; and the value that a majority has accepted in one ballot, or None."""


def standings(run):
    """The Standing after each step of a run of the synod, and at its start.

    Parameters
    ----------
    run : Run
        Of nodes with the fields of `Synod`.

    Returns
    -------
    list of Standing
        One more than the run has events.
    """
    system, found = run.system, []
    need, ballots, cast = system.n // 2 + 1, {}, {i: {} for i in system.nodes}
    delivered, chosen = 0, None
    for k, c in enumerate(run.configurations):
        states = [c.state(i) for i in system.nodes]
        for i, state in enumerate(states):
            if state["ballot"]:
                ballots[state["ballot"]] = None
            if state["accepted"]:
                ballot, value = state["accepted"]
                cast[i][ballot] = value
                if chosen is None and sum(ballot in votes for votes in cast.values()) >= need:
                    chosen = value
        delivered += k > 0 and isinstance(run.events[k - 1], Deliver)
        open_to = [sum(b in cast[i] or state["promised"] <= b for i, state in enumerate(states)) for b in ballots]
        found.append(Standing(len(ballots), sum(left < need for left in open_to), delivered, chosen))
    return found


def outbidding_event(run):
    """What who plays a network that keeps time has early to keep two proposers from ending; None: rather wait.

    The latest ballot is asked for at once, and then held back; what is left of the others is had at once, so that their
    proposers hear soon that they were outbid, and bid higher.
    """
    for node, value in sorted(run.last.pending):
        return Propose(node, value)
    latest = max(run.last.state(i)["promised"] for i in run.system.nodes)
    for envelope in run.last.in_flight:
        message = envelope.message
        if isinstance(message, Decided | Request):
            continue
        if message.ballot < latest or isinstance(message, Prepare):
            return Deliver(envelope)
    return None


def outbid_run(protocol, seed=0, most=200):
    """The Run in which `outbidding_event` plays against a protocol until a value is chosen, or for so many events."""
    run = Run(System(protocol, 3, {0: "red", 1: "blue"}, timeouts=None))
    while standings(run)[-1].chosen is None and len(run) < most:
        event = outbidding_event(run)
        run = early(run, event, seed) if event else wait(run, seed)
    return run
