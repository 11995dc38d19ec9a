"""What can happen: the events that take one configuration to the next.

Two events are equal only when they are of the same class with equal fields. ``choices`` holds what the handler's
calls of ``choose`` came to, in order; it is empty for a handler that makes no choice.
"""

from dataclasses import dataclass, replace
from typing import get_args

from consensus_lab.model.message import Message
from consensus_lab.model.values import same


@dataclass(frozen=True)
class Envelope:
    """A message on its way from one node to another."""

    sender: int
    receiver: int
    message: Message


@dataclass(frozen=True)
class Propose:
    """A client of `node` proposes `value`."""

    node: int
    value: object
    choices: tuple = ()

    def __eq__(self, other):
        return _alike(self, other) and self.node == other.node and same(self.value, other.value)


@dataclass(frozen=True)
class Deliver:
    """A message reaches its receiver."""

    envelope: Envelope
    choices: tuple = ()

    def __eq__(self, other):
        return _alike(self, other) and self.envelope == other.envelope

    @property
    def node(self):
        return self.envelope.receiver


@dataclass(frozen=True)
class Drop:
    """A lossy network loses a message, every copy of it that is on its way."""

    envelope: Envelope

    @property
    def node(self):
        return self.envelope.receiver


@dataclass(frozen=True)
class Duplicate:
    """A lossy network makes a second copy of a message."""

    envelope: Envelope

    @property
    def node(self):
        return self.envelope.receiver


@dataclass(frozen=True)
class Timeout:
    """An armed timer of `node` fires."""

    node: int
    name: str
    choices: tuple = ()

    def __eq__(self, other):
        return _alike(self, other) and self.node == other.node and self.name == other.name


@dataclass(frozen=True)
class Crash:
    """`node` stops. It takes no step until it restarts, and forgets what is not durable."""

    node: int


@dataclass(frozen=True)
class Restart:
    """`node` comes back with its durable fields and its decision."""

    node: int
    choices: tuple = ()

    def __eq__(self, other):
        return _alike(self, other) and self.node == other.node


Event = Propose | Deliver | Drop | Duplicate | Timeout | Crash | Restart
EVENTS = get_args(Event)


def _alike(one, other):
    """True when two events are of one class, and their handlers choose the same."""
    return one.__class__ is other.__class__ and same(one.choices, other.choices)


def bare(event):
    """The event without what its handler chose."""
    return replace(event, choices=()) if getattr(event, "choices", ()) else event


def cause_of(event):
    """The name of the handler that the event calls, or ``"crash"``, and the handler's arguments; None for none."""
    match event:
        case Deliver(Envelope(sender, _, message)):
            return "receive", sender, message
        case Propose(_, value):
            return "propose", value
        case Timeout(_, name):
            return "timeout", name
        case Crash():
            return ("crash",)
        case Restart():
            return ("restart",)
    return None


def describe(event, names):
    """One event as a person reads it: ``A → B Voted red``."""
    match event:
        case Propose(node, value):
            return f"{names[node]} proposes {value}"
        case Deliver(Envelope(sender, receiver, message)):
            return f"{names[sender]} → {names[receiver]} {message}"
        case Drop(Envelope(sender, receiver, message)):
            return f"{names[sender]} → {names[receiver]} {message} is lost"
        case Duplicate(Envelope(sender, receiver, message)):
            return f"{names[sender]} → {names[receiver]} {message} is duplicated"
        case Timeout(node, name):
            return f"{names[node]} times out ({name})"
        case Crash(node):
            return f"{names[node]} crashes"
        case Restart(node):
            return f"{names[node]} restarts"
    raise TypeError(f"{event!r} is no event")


def source(event):
    """The node that an event comes from: the sender of what is delivered, else the node itself."""
    return event.envelope.sender if isinstance(event, Deliver) else event.node
