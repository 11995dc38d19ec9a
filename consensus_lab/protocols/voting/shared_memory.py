"""Threads and a shared memory, as nodes: the check-then-act race is a schedule like any other.

A memory is a node that answers reads and writes, one at a time. A thread is a node whose every access is a message
to it. Where the threads are preempted is then nothing but the order of deliveries.
"""

from consensus_lab.model.node import Message, Node

MEMORY = 0  # the memory is node 0, the threads are the others


class Read(Message):
    """A thread asks for the variable."""

    says = "what is it?"


class Holds(Message):
    """The answer to `Read`."""

    value: object

    says = "it is {value}"


class Write(Message):
    """A thread sets the variable."""

    value: object

    says = "set it to {value}"


class Written(Message):
    """The answer to `Write`."""

    says = "done"


class Acquire(Message):
    """A thread asks for the lock."""

    says = "I want the lock"


class Granted(Message):
    """The lock is the receiver's, until it gives it back."""

    says = "the lock is yours"


class Release(Message):
    """A thread gives the lock back."""

    says = "I give the lock back"


class Memory(Node):
    """One variable and one lock."""

    value: object = None
    holder: int | None = None
    waiting: tuple[int, ...] = ()

    decides = False

    def receive(self, sender, message):
        match message:
            case Read():
                self.send(sender, Holds(self.value))
            case Write(value):
                self.value = value
                self.send(sender, Written())
            case Acquire():
                self.waiting += (sender,)
            case Release():
                self.holder = None
        if self.holder is None and self.waiting:
            self.holder, *rest = self.waiting
            self.waiting = tuple(rest)
            self.send(self.holder, Granted())


class CheckThenAct(Node):
    """A thread: if the variable is not set, set it; return what it holds. Nothing keeps others out in between."""

    mine: object = None

    def propose(self, value):
        self.mine = value
        self.send(MEMORY, Read())

    def receive(self, sender, message):
        match message:
            case Holds(None):
                self.send(MEMORY, Write(self.mine))
            case Written():
                self.send(MEMORY, Read())
            case Holds(value):
                self.decide(value)


class LockThenAct(CheckThenAct):
    """The same thread, with a lock around it."""

    def propose(self, value):
        self.mine = value
        self.send(MEMORY, Acquire())

    def receive(self, sender, message):
        if message == Granted():
            self.send(MEMORY, Read())
        super().receive(sender, message)
        if self.decided is not None:
            self.send(MEMORY, Release())
