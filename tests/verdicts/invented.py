"""Protocols that the book does not mention, each with a flaw of its own."""

from consensus_lab import Message, Node


class Value(Message):
    value: object


class Request(Message):
    value: object


class Yes(Message):
    value: object


class Commit(Message):
    value: object


class Ballot(Message):
    round: int
    value: object


class GossipMin(Node):
    """Wait for the values of all, and decide the least."""

    kind = "blocks"
    known: frozenset = frozenset()
    quorum = 0  # how many may be missing

    def propose(self, value):
        self.broadcast(Value(value))

    def receive(self, sender, message):
        self.known |= {(sender, message.value)}
        if len(self.known) >= len(self.nodes) - self.quorum and self.decided is None:
            self.decide(min(value for _, value in self.known))


class QuorumMin(GossipMin):
    """Wait for the values of all but one, and decide the least."""

    kind = "disagrees"
    quorum = 1


class TwoPhaseCommit(Node):
    """Node 0 asks everyone to agree to the first value it hears, and waits for all."""

    kind = "blocks"
    first: object = None
    agreed: frozenset = frozenset()

    def propose(self, value):
        self.send(0, Value(value))

    def receive(self, sender, message):
        match message:
            case Value(value) if self.first is None:
                self.first = value
                self.broadcast(Request(value))
            case Request(value):
                self.send(sender, Yes(value))
            case Yes(value):
                self.agreed |= {sender}
                if len(self.agreed) == len(self.nodes):
                    self.broadcast(Commit(value))
            case Commit(value):
                self.decide(value)


class Lease(Node):
    """Node 0 leads. When nothing is heard of it for too long, node 1 takes over."""

    kind = "disagrees"
    mine: object = None

    def propose(self, value):
        self.mine = value
        if self.id == 0:
            self.broadcast(Commit(value))
        else:
            self.set_timer("lease", after=5)

    def timeout(self, name):
        if self.id == 1:
            self.broadcast(Commit(self.mine))

    def receive(self, sender, message):
        if self.decided is None:
            self.decide(message.value)
        self.clear_timer("lease")


class Token(Node):
    """A token goes round once; who has it first writes a value on it, and the last one tells everybody."""

    kind = "blocks"
    mine: object = None
    token: tuple = ()

    def start(self):
        if self.id == 0:
            self.token = (None,)

    def propose(self, value):
        self.mine = value
        self.pass_on()

    def receive(self, sender, message):
        match message:
            case Commit(value):
                self.decide(value)
            case Value(value):
                self.token = (value,)
                self.pass_on()

    def pass_on(self):
        if self.token and self.mine is not None:
            value = self.mine if self.token == (None,) else self.token[0]
            self.token = ()
            if self.id == self.nodes[-1]:
                self.broadcast(Commit(value))
            else:
                self.send(self.id + 1, Value(value))


class LastWriter(Node):
    """Hear everyone, and decide what was heard last."""

    kind = "disagrees"
    heard: int = 0

    def propose(self, value):
        self.broadcast(Value(value))

    def receive(self, sender, message):
        self.heard += 1
        if self.heard == len(self.nodes):
            self.decide(message.value)


class VoteAgain(Node):
    """Vote; when a majority has voted and is not of one mind, go to the next round with the least value heard."""

    kind = "disagrees"
    round: int = 0
    vote: object = None
    heard: frozenset = frozenset()

    def propose(self, value):
        self.enter(0, value)

    def enter(self, round, value):
        self.round, self.vote = round, value
        self.broadcast(Ballot(round, value))

    def receive(self, sender, message):
        self.heard |= {(sender, message)}
        votes = [m.value for _, m in self.heard if m.round == self.round]
        if self.decided is None and self.vote is not None and len(votes) >= self.majority:
            best = max(sorted(votes), key=votes.count)
            if votes.count(best) >= self.majority:
                self.decide(best)
            else:
                self.enter(self.round + 1, min(votes))


class Spare(Node):
    """Ask node 2; when it does not answer, ask node 1, which knows nothing of what node 2 may have said."""

    kind = "disagrees"
    mine: object = None

    def propose(self, value):
        self.mine = value
        self.send(2, Value(value))
        self.set_timer("answer", after=4)

    def timeout(self, name):
        self.send(1, Value(self.mine))

    def receive(self, sender, message):
        match message:
            case Value(value):
                self.broadcast(Commit(value if self.decided is None else self.decided))
            case Commit(value) if self.decided is None:
                self.decide(value)


class Unanimous(Node):
    """Decide if all are of one mind."""

    kind = "blocks"
    known: frozenset = frozenset()

    def propose(self, value):
        self.broadcast(Value(value))

    def receive(self, sender, message):
        self.known |= {(sender, message.value)}
        if len(self.known) == len(self.nodes) and len({value for _, value in self.known}) == 1:
            self.decide(message.value)


class AskAgain(Node):
    """Ask node 2, and go on asking until it answers."""

    kind = "blocks"
    mine: object = None
    value: object = None

    def propose(self, value):
        self.mine = value
        self.timeout("again")

    def timeout(self, name):
        if self.decided is None:
            self.send(2, Value(self.mine))
            self.set_timer("again", after=2)

    def receive(self, sender, message):
        match message:
            case Value(value) if self.value is None:
                self.value = value
                self.broadcast(Commit(value))
            case Commit(value):
                self.decide(value)


class Mute(Node):
    """Never decide."""

    kind = "blocks"

    def propose(self, value):
        self.broadcast(Value(value))

    def receive(self, sender, message):
        pass


class Loudest(Node):
    """Decide who was heard, instead of what."""

    kind = "disagrees"

    def propose(self, value):
        self.broadcast(Value(value))

    def receive(self, sender, message):
        if self.decided is None:
            self.decide(f"node {sender}")


class Greeter(Node):
    """Decide a greeting, and always the same one."""

    kind = "invalid"

    def propose(self, value):
        self.broadcast(Value(value))

    def receive(self, sender, message):
        self.decide("hello")


INVENTED = (
    AskAgain, GossipMin, Greeter, LastWriter, Lease, Loudest, Mute, QuorumMin, Spare, Token, TwoPhaseCommit, Unanimous,
    VoteAgain,
)  # fmt: skip


class Waverer(Node):
    """Node 0 asks node 1 until it says yes; node 1 changes its mind whenever its timer fires."""

    mine: object = None
    willing: bool = False

    def start(self):
        if self.id == 1:
            self.set_timer("mind", after=1)

    def propose(self, value):
        if self.id == 0:
            self.mine = value
            self.send(1, Request(value))

    def timeout(self, name):
        self.willing = not self.willing
        self.set_timer("mind", after=1)

    def receive(self, sender, message):
        match message:
            case Request(value) if self.willing:
                self.broadcast(Commit(value))
            case Request(value):
                self.send(0, Yes(value))
            case Yes(value):
                self.send(1, Request(value))
            case Commit(value):
                self.decide(value)
                self.clear_timer("mind")
