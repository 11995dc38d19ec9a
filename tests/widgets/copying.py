"""A small replicated log, for the tests of what the stage shows of logs: whoever is asked copies its log to others."""

from consensus_lab.model.node import Message, Node


class Set(Message):
    key: object
    value: object


class Ask(Message):
    serial: int
    command: object


class Reply(Message):
    serial: int
    answer: object


class Copy(Message):
    """The whole log of a term, and how far it is committed."""

    term: int
    log: tuple
    commit: int


class Copied(Message):
    term: int
    length: int


class Copying(Node):
    log: tuple = ()
    commit: int = 0
    applied: int = 0
    state: frozenset = frozenset()
    term: int = 1
    role: str = "follower"
    copies: frozenset = frozenset()  # (node, length)

    servers = 3

    def propose(self, command):
        self.role = "leader"
        self.log += ((self.term, command),)
        self.share()

    def share(self):
        for to in range(self.servers):
            if to != self.id:
                self.send(to, Copy(self.term, self.log, self.commit))

    def timeout(self, name):
        self.term, self.role, self.copies = self.term + 1, "candidate", frozenset()

    def receive(self, sender, message):
        match message:
            case Ask(serial, command):
                self.propose(command)
                self.send(sender, Reply(serial, "done"))
            case Copy(term, log, commit) if term >= self.term:
                self.term, self.log, self.role = term, log, "follower"
                self.learn(commit)
                self.send(sender, Copied(term, len(log)))
            case Copied(term, length) if term == self.term and length > self.commit:
                self.learn(length)
                self.share()

    def learn(self, index):
        self.commit = max(self.commit, index)
        for _, command in self.log[self.applied : self.commit]:
            self.applied += 1
            if isinstance(command, Set):
                self.state = frozenset({p for p in self.state if p[0] != command.key} | {(command.key, command.value)})


class Asking(Node):
    """A client of node 0."""

    queue: tuple = ()
    answers: tuple = ()

    decides = False

    def propose(self, value):
        self.queue += (value,)
        if self.queue == (value,):
            self.ask()

    def ask(self):
        self.send(0, Ask(len(self.answers) + 1, self.queue[0]))

    def receive(self, sender, message):
        if message.serial == len(self.answers) + 1:
            self.answers += ((message.serial, self.queue[0], message.answer),)
            self.queue = self.queue[1:]
            if self.queue:
                self.ask()
