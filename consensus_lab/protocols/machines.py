"""Deterministic state machines: what a replicated log is for.

A machine has an `initial` state and `apply(state, command) -> (state, answer)`. States and commands are immutable and
hashable, and `apply` has no other input: no clock, no coin. So replicas that apply the same commands in the same order
go through the same states and give the same answers. This is the state machine approach of Schneider, "Implementing
fault-tolerant services using the state machine approach" (1990), https://doi.org/10.1145/98163.98167.

A command that a machine does not understand changes nothing and is answered with None.
"""

from dataclasses import dataclass

from consensus_lab.model.message import Message


class Read(Message):
    """What does the register hold?"""


class Write(Message):
    """Set the register to `value`."""

    value: object


class CompareAndSet(Message):
    """Set the register to `value` if it holds `expected`."""

    expected: object
    value: object


class Add(Message):
    """Add `amount` to the counter."""

    amount: int


class Get(Message):
    """What value does the key have?"""

    key: object


class Put(Message):
    """Give the key this value, whatever it has; None takes the key away."""

    key: object
    value: object


class PutIfAbsent(Message):
    """Give the key this value, unless it has one: the key is then a write-once variable."""

    key: object
    value: object


class Ship(Message):
    """Ship the order, unless it is canceled."""

    order: object


class Cancel(Message):
    """Cancel the order, unless it is shipped."""

    order: object


class Status(Message):
    """What has become of the order?"""

    order: object


class Entry(Message):
    """The command that a client gave the number `serial`; serials count from 1."""

    client: int
    serial: int
    command: object


@dataclass(frozen=True)
class Machine:
    """A deterministic state machine; subclass it.

    Attributes
    ----------
    initial : hashable
        The state that every replica starts from.
    """

    initial = None

    def apply(self, state, command, /) -> tuple:
        """The next state, and the answer.

        Parameters
        ----------
        state : hashable
            The state before; it is not changed.
        command : hashable
            What to do, such as ``Add(2)``.

        Returns
        -------
        state, answer : hashable
            Both are the same for the same input, on every machine. A command that is not understood changes nothing
            and is answered with None.
        """
        raise NotImplementedError("it has no apply(self, state, command)")

    def key(self, command):
        """What the command concerns: commands with different keys never meet.

        Parameters
        ----------
        command : hashable
            What to do.

        Returns
        -------
        hashable
            The key; None where the command may concern all of the state.
        """
        return None

    def reads(self, command):
        """Whether the command never changes the state.

        Parameters
        ----------
        command : hashable
            What to do.

        Returns
        -------
        bool
            True where a server may answer it without a place in the log.
        """
        return isinstance(command, (Read, Get, Status))


class Register(Machine):
    """One variable. Read, Write and CompareAndSet answer what it holds afterwards.

    >>> Register().apply("red", CompareAndSet("red", "blue")), Register().apply("red", CompareAndSet(None, "blue"))
    (('blue', 'blue'), ('red', 'red'))
    """

    def apply(self, state, command):
        match command:
            case Write(value):
                state = value
            case CompareAndSet(expected, value) if state == expected:
                state = value
            case CompareAndSet() | Read():
                pass
            case _:
                return state, None
        return state, state


class Counter(Machine):
    """A number. Add answers the sum: the machine to which a command must not happen twice.

    >>> Counter().apply(40, Add(2))
    (42, 42)
    """

    initial = 0

    def apply(self, state, command):
        match command:
            case Add(amount):
                return state + amount, state + amount
        return state, None


class KeyValue(Machine):
    """A map, as a frozenset of (key, value). Get, Put and PutIfAbsent answer the value that the key has afterwards.

    >>> once, _ = KeyValue().apply(KeyValue.initial, PutIfAbsent("order 7", "shipped"))
    >>> KeyValue().apply(once, PutIfAbsent("order 7", "canceled"))
    (frozenset({('order 7', 'shipped')}), 'shipped')
    """

    initial = frozenset()

    def key(self, command):
        return getattr(command, "key", None)

    def apply(self, state, command):
        match command:
            case Put(key, value):
                pass
            case Get(key) | PutIfAbsent(key):
                value = dict(state).get(key)
                if value is None and isinstance(command, PutIfAbsent):
                    value = command.value
            case _:
                return state, None
        others = {pair for pair in state if pair[0] != key}
        return frozenset(others if value is None else others | {(key, value)}), value


class Orders(KeyValue):
    """A shop. Ship, Cancel and Status answer "shipped", "canceled" or "pending"; what comes first stands.

    >>> Orders().apply(Orders.initial, Status(7)), Orders().apply(Orders.initial, Ship(7))
    ((frozenset(), 'pending'), (frozenset({(7, 'shipped')}), 'shipped'))
    """

    def key(self, command):
        return getattr(command, "order", None)

    def apply(self, state, command):
        match command:
            case Ship(order):
                return super().apply(state, PutIfAbsent(order, "shipped"))
            case Cancel(order):
                return super().apply(state, PutIfAbsent(order, "canceled"))
            case Status(order):
                state, answer = super().apply(state, Get(order))
                return state, answer or "pending"
        return state, None


@dataclass(frozen=True)
class ExactlyOnce(Machine):
    """A machine that applies each Entry once, however often it comes; the second time gets the first one's answer.

    The state is a pair: that of the inner machine, and the sessions, a frozenset with the (client, serial, answer) of
    each client's last entry. One is enough: a client asks for nothing new before it has its answer. So an entry older
    than that is a late copy, whose answer nobody waits for any more: None.

    >>> counter = ExactlyOnce(Counter())
    >>> state, answer = counter.apply(counter.initial, Entry(3, 1, Add(5)))
    >>> counter.apply(state, Entry(3, 1, Add(5))) == (state, 5)
    True
    """

    machine: Machine

    @property
    def initial(self):
        """The inner machine's initial state, and no sessions."""
        return self.machine.initial, frozenset()

    def apply(self, state, entry):
        inner, sessions = state
        serial, answer = last(sessions, entry.client)
        if entry.serial <= serial:
            return state, answer if entry.serial == serial else None
        inner, answer = self.machine.apply(inner, entry.command)
        others = {session for session in sessions if session[0] != entry.client}
        return (inner, frozenset(others | {(entry.client, entry.serial, answer)})), answer


def last(sessions, client):
    """The serial and the answer of the client's last entry; (0, None) if it has had none."""
    return next(((serial, answer) for who, serial, answer in sessions if who == client), (0, None))
