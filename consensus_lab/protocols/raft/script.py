"""Raft's runs made by hand: who is elected, what arrives, who crashes.

On a lossy network, so that what does not arrive is lost.
"""

from consensus_lab.model.events import Crash, Deliver, Propose, Restart, Timeout, bare
from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.protocols.raft.messages import Appended, AppendEntries, RequestVote, Vote


class Script:
    """A run in the making: each method lets something happen, and `run` is what has happened so far."""

    def __init__(self, protocol, names):
        budgets = {"crashes": None, "restarts": None, "timeouts": None}
        self.run = Run(System(protocol, len(names), network="lossy", names=names, **budgets))

    def happen(self, *events):
        """Let these events happen, one after the other."""
        self.run = self.run.then(*events)

    def propose(self, node, command):
        """A client proposes the command to the node."""
        self.happen(Propose(node, command))

    def crash(self, node):
        """The node crashes."""
        self.happen(Crash(node))

    def restart(self, node):
        """The node comes back."""
        self._toss(Restart(node))

    def fire(self, node, timer):
        """A timer of the node fires."""
        self._toss(Timeout(node, timer))

    def arrive(self, sender, receiver, kind, **fields):
        """The last message of a kind, with these fields, that one has sent to the other arrives."""
        flights = [flight.envelope for flight in self.run.flights if flight.end is None]
        sent = [e for e in flights if (e.sender, e.receiver, type(e.message)) == (sender, receiver, kind)]
        self._toss(Deliver([e for e in sent if all(getattr(e.message, k) == v for k, v in fields.items())][-1]))

    def elect(self, node, *voters):
        """The node stands for election, in a term later than all before, and asks these for their votes."""
        terms = [self.run.last.state(i)["term"] for i in self.run.system.servers]
        while self.run.last.state(node)["term"] <= max(terms):
            self.fire(node, "election")
        for voter in voters:
            self.arrive(node, voter, RequestVote)
            self.arrive(voter, node, Vote)

    def replicate(self, leader, *followers, **fields):
        """The leader's last message to each follower arrives, and its answer."""
        for follower in followers:
            self.arrive(leader, follower, AppendEntries, **fields)
            self.arrive(follower, leader, Appended)

    def beat(self, leader, *followers):
        """A heartbeat."""
        self.fire(leader, "heartbeat")
        self.replicate(leader, *followers)

    def _toss(self, event):
        """A coin that the node tosses meanwhile falls on its first side."""
        ways = [way for way in self.run.system.events(self.run.last) if bare(way) == event]
        self.happen(*ways[:1] or [event])
