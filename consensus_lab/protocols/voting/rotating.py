"""The rotating coordinator: when one coordinator takes too long, it is the next node's turn.

The round number says whose turn it is, and whoever loses patience goes on to the next round. This is the protocol
for the failure detector ◇S of Chandra and Toueg, "Unreliable Failure Detectors for Reliable Distributed Systems"
(1996), section 6.2, https://doi.org/10.1145/226643.226647, with a timer in place of the detector. In round r

1. every node sends its estimate to the coordinator, with the round in which it adopted it, its stamp;
2. the coordinator waits for a majority of estimates and asks everyone to adopt the one with the latest stamp;
3. a node adopts it and says so, or its timer fires and it goes on to round r + 1;
4. when a majority has adopted the estimate, the coordinator decides it and tells everyone.

Safe, because once a majority has adopted v in round r, the estimates of every later round come from a majority, too,
so v is among them with a stamp of at least r, and by induction no other value has such a stamp. (A node that has gone
on to a later round adopts nothing of an earlier one.) No crash of fewer than half of the nodes can block it: the
timers of the others take them to a coordinator that is up. It decides once timers are patient enough. Timers that
fire too early, round after round, keep it going forever.
"""

from consensus_lab.model.node import Message, Node


class InRound(Message):
    """What belongs to one round."""

    round: int


class Estimate(InRound):
    """For the round's coordinator: the sender's estimate, and its stamp, the round in which it was adopted."""

    value: object
    stamp: int

    says = "round {round}: my estimate is {value}, of round {stamp}"


class Adopt(InRound):
    """The coordinator's choice, for all."""

    value: object

    says = "round {round}: please adopt {value}"


class Adopted(InRound):
    """For the coordinator: the sender has adopted its choice."""

    says = "round {round}: adopted"


class Decision(Message):
    """For all: a majority has adopted the value."""

    value: object

    says = "{value} it is"


class RotatingCoordinator(Node):
    """Rounds of coordinators, a majority that adopts, and a timer for those who wait in vain."""

    round: int = 0
    value: object = None  # the estimate
    stamp: int = 0  # the round in which it was adopted
    heard: frozenset = frozenset()  # the coordinator: (node, message) of this round
    choice: object = None  # the coordinator: what it asks everyone to adopt in this round

    patience = 5.0  # how long to wait for one coordinator, in units of virtual time

    def propose(self, value):
        if self.value is None:
            self.value = value
        if self.round == 0:
            self.enter(1)

    def enter(self, round):
        """Go on to a round: send its coordinator the estimate, and wait."""
        self.round, self.heard, self.choice = round, frozenset(), None
        self.set_timer("patience", after=self.patience)
        self.send(self.coordinator(), Estimate(round, self.value, self.stamp))

    def coordinator(self):
        """The number of the node whose turn it is."""
        return self.round % len(self.nodes)

    def timeout(self, name):
        self.enter(self.round + 1)

    def receive(self, sender, message):
        if isinstance(message, Decision):
            self.decide(message.value)
            self.clear_timer("patience")
        elif self.decided is None:
            self.take_part(sender, message)

    def take_part(self, sender, message):
        """Do what a message of this round or a later one asks for; one of an earlier round is too late."""
        if message.round > self.round:
            self.enter(message.round)
        if message.round < self.round:
            return
        match message:
            case Adopt(round, value):
                self.value, self.stamp = value, round
                self.send(sender, Adopted(round))
            case Estimate():
                self.heard |= {(sender, message)}
                self.ask()
            case Adopted():
                self.heard |= {(sender, message)}
                if len(self.of_kind(Adopted)) >= self.majority:
                    self.broadcast(Decision(self.choice))

    def ask(self):
        """As the coordinator, ask all to adopt the estimate with the latest stamp, once a majority has sent theirs."""
        estimates = self.of_kind(Estimate)
        known = [(e.stamp, -sender, e.value) for sender, e in estimates if e.value is not None]
        if self.choice is None and known and len(estimates) >= self.majority:
            self.choice = max(known, key=lambda estimate: estimate[:2])[2]
            self.broadcast(Adopt(self.round, self.choice))

    def of_kind(self, kind):
        """The pairs (sender, message) of one class of messages that it has heard in this round."""
        return [(sender, message) for sender, message in self.heard if isinstance(message, kind)]
