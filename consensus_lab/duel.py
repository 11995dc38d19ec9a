"""Two proposers that outbid each other for ever: the unending run of the synod that FLP promised.

It is fair: every message is delivered within a round or two, and all nodes take steps without end. It stays bivalent:
each proposer has voted for its own value, the third node has voted for none, and either can still win.
"""

from consensus_lab.events import Deliver, Propose, Timeout
from consensus_lab.protocols.synod import Accept, Prepare, Promise, Synod
from consensus_lab.run import Run
from consensus_lab.system import System


def duel(ballots, protocol=Synod):
    """A Run in which two proposers begin so many ballots in turn, and nobody decides.

    Each begins its next ballot just when the other has the promises it needs: so the third node has promised the new
    ballot before it is asked to accept in the old one. "Paxos made simple" (2001), section 2.4, tells the story.
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
