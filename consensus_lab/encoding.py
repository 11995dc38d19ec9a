"""A configuration as one int, so that a search of every schedule is dictionary look-ups and bit arithmetic.

At the low end the int holds what is left of the three budgets. Above, every bit is handed out when it is first
needed: one for a message or a planned proposal, one more for a node whose local states have become too many to
number with the bits it has. So an int is as short as what was met allows, about 40 bytes.

The bits of a node, its local state and what is on its way to it, are its inbox. What can happen at a node depends
on its inbox alone: it is worked out once an inbox, as pairs (x, o), and a successor is `(key ^ x) | o`.
"""

from functools import partial

from consensus_lab.configuration import Configuration
from consensus_lab.events import Crash, Deliver, Envelope, Propose, Restart, Timeout
from consensus_lab.reduction import CRASH, KINDS, RESTART, TIMEOUT, faults, reactions


class Memo(dict):
    """A function that is worked out once an argument. It is a dict, as nothing is faster to look up."""

    __slots__ = ("function",)

    def __init__(self, function):
        self.function = function

    def __missing__(self, argument):
        value = self[argument] = self.function(argument)
        return value


class Encoding:
    """The configurations of `system` as ints.

    `alive(i, local)` is the set of letters (sender, i, message) that can still matter to node i in that local state;
    the others are left out of every configuration. None leaves nothing out.

    A search may be interrupted between any two statements and its graph used all the same. So what is met for the
    first time goes into the masks first, and last into the dict that makes it known.

    Attributes
    ----------
    tables : list of (int, Memo)
        `memo[key & mask]` has the pairs (x, o) of some events, and all the tables those of all.
    inboxes : list of int
        A mask a node.
    budgets, mail : int
        Masks of what is left of the budgets, and of all messages.
    """

    def __init__(self, system, alive=None):
        self.system, self._alive = system, alive
        self._once = system.network == "reliable"
        self._next, self._coins, self._purses = 1, {}, {}  # what one of a budget is worth, and the bits of all of it
        for kind, left in zip(KINDS, system.left):
            self._coins[kind] = self._next
            self._next <<= (left or 0).bit_length()
            self._purses[kind] = self._next - self._coins[kind]
        self.budgets = self._next - 1
        self._digits = [[] for _ in system.nodes]  # the bits that number a node's local states
        self._states = [0 for _ in system.nodes]  # the same as a mask
        self._codes = [{} for _ in system.nodes]  # local state -> its bits
        self._locals = [{} for _ in system.nodes]  # and back
        self._bits, self._items = {}, {}  # letter, or (i, value) of a planned proposal -> its bit; and back
        self._firsts = self._plan = self.mail = 0  # bits of all but second copies, of the proposals, of the letters
        self._values = {}  # decided value -> its bit
        self._decides = [{} for _ in system.nodes]  # bits of a local state -> bits of the values decided
        self._vital = [{} for _ in system.nodes]  # bits of a local state -> bits of the letters that can still matter
        self._moves = [Memo(partial(self._react, i)) for i in system.nodes]
        self._idle = [Memo(partial(self._rests, i)) for i in system.nodes]
        self.inboxes, self.tables, self._ways = [0 for _ in system.nodes], [], []
        kinds = dict(zip(KINDS, system.left))
        self._free = [kind for kind in (TIMEOUT, CRASH, RESTART) if kinds[kind] is None]
        self._paid = [kind for kind in (TIMEOUT, CRASH, RESTART) if kinds[kind]]
        for i in system.nodes:
            self._add_table(0, partial(self._free_ways, i))
            if self._paid:  # apart, for what they depend on: the budgets, but no letters
                self._add_table(self.budgets, partial(self._paid_ways, i))

    def _add_table(self, mask, ways):
        self.tables.append((mask, Memo(lambda inbox: tuple(dict.fromkeys((x, o) for x, o, *_ in ways(inbox))))))
        self._ways.append(ways)

    # -- there and back -------------------------------------------------------------------------------------

    def encode(self, c):
        """The int of a configuration."""
        key = sum((left or 0) * coin for left, coin in zip(c.left, self._coins.values()))
        for i, local in enumerate(c.nodes):
            key |= self.code(i, local)
        for i, value in sorted(c.pending, key=lambda pair: pair[0]):
            key |= self.bit((i, value), i)
        for letter in sorted(c.network, key=self.system.order):
            key |= self.bit(letter, letter[1])
        return key & (self._vital_at(key) | ~self.mail)

    def decode(self, key):
        """The configuration of an int."""
        nodes = tuple(self.local(i, key) for i in self.system.nodes)
        items = [self._items[bit] for bit in ones(key & (self.mail | self._plan))]
        network = frozenset(item for item in items if len(item) == 4)
        pending = frozenset(item for item in items if len(item) == 2)
        proposed = frozenset(value for _, value in self.system.proposals.items() - pending)
        left = tuple(
            None if limit is None else (key & self._purses[kind]) // self._coins[kind]
            for kind, limit in zip(KINDS, self.system.left)
        )
        return Configuration(self.system, nodes, network, pending, proposed, left)

    def local(self, i, key):
        """The local state of node `i`."""
        return self._locals[i][key & self._states[i]]

    def items(self, i, key):
        """What is on its way to node `i`: letters (sender, i, message, copy), and (i, value) for a proposal."""
        return [self._items[bit] for bit in ones(key & self.inboxes[i] & ~self._states[i])]

    def decided(self, key):
        """The values decided in a configuration, as bits; `values` has their order."""
        bits = 0
        for state, decides in zip(self._states, self._decides):
            bits |= decides[key & state]
        return bits

    @property
    def values(self):
        return tuple(self._values)

    def planned(self, key):
        """The proposals that are still to come, as bits."""
        return key & self._plan

    def quiet(self, key):
        """True when nothing is left to happen but faults."""
        return all(idle[key & inbox] for inbox, idle in zip(self.inboxes, self._idle))

    def canonical(self, key):
        """The int that stands for a configuration and others like it: here for itself alone."""
        return key

    def orbit(self, key):
        """The ints that this one stands for."""
        return (key,)

    def unfold(self, keys, last=None):
        """The ints of a run, from those that stand for them; it ends in `last`, where that is given."""
        return keys

    # -- what comes next ------------------------------------------------------------------------------------

    @property
    def plain(self):
        """True when the successors are `(key ^ x) | o` for the pairs of all the tables, and nothing more to it."""
        return not (self._once or self._alive)

    def successors(self, key):
        """The ints that can come next."""
        known = [memo[key & mask] for mask, memo in self.tables]
        vital = self._vital_at(key)  # only now, when all the letters in `known` have been met
        return [
            (key ^ x) | (self._again(key, o & vital) if key & o and self._once else o & vital)
            for pairs in known
            for x, o in pairs
        ]

    def steps(self, key):
        """Pairs of an event and the int that it leads to."""
        for (mask, _), ways in zip(self.tables, self._ways):
            for x, o, i, cause, choices in ways(key & mask):
                o &= self._vital_at(key)
                yield self._event(i, cause, choices), (key ^ x) | (self._again(key, o) if self._once else o)

    def event(self, key, there):
        """An event that leads from one configuration to the other."""
        return next(event for event, after in self.steps(key) if after == there)

    # -- what can happen at one node ------------------------------------------------------------------------

    def _free_ways(self, i, inbox):
        """What can happen at node `i` whatever is left of the budgets: (x, o, i, cause, choices)."""
        local = self.local(i, inbox)
        if local.up:
            for bit in ones(inbox & self._firsts):
                taken = bit if bit & self._plan else self._last_copy(bit, inbox) if self._once else 0
                yield from self._ways_of(i, inbox, bit, taken)
        for kind in self._free:
            for cause in faults(local, kind):
                yield from self._ways_of(i, inbox, cause, 0)

    def _paid_ways(self, i, inbox):
        """What can happen at node `i` that a budget bounds."""
        local = self.local(i, inbox)
        for kind in self._paid:
            purse = inbox & self._purses[kind]
            if purse:
                for cause in faults(local, kind):
                    yield from self._ways_of(i, inbox, cause, purse ^ purse - self._coins[kind])

    def _ways_of(self, i, inbox, cause, taken):
        code = inbox & self._states[i]
        for after, o, choices in self._moves[i][code, cause]:
            dead = (inbox ^ taken) & self.mail & ~self._vital[i][after] if self._alive else 0
            yield code ^ after ^ taken ^ dead, o, i, cause, choices

    def _react(self, i, code_and_cause):
        """Each way in which node `i` may react: (bits of its next local state, of what it sends, choices)."""
        code, cause = code_and_cause
        local, cause = self._locals[i][code], self._cause(cause)
        if cause[0] == "receive" and not self._once and not self.system.matters(i, local, *cause[1:]):
            return ()
        ways = reactions(self.system, i, local, cause)
        return tuple((self.code(i, way.local), self._post(i, way.sent), choices) for choices, way in ways)

    def _rests(self, i, inbox):
        """True when nothing can happen to node `i` but faults."""
        local = self.local(i, inbox)
        code = inbox & self._states[i]
        awake = local.timers or any(self._moves[i][code, bit] for bit in ones(inbox & self._firsts))
        return not (local.up and awake)

    def _cause(self, cause):
        """A handler's name and its arguments; what is on its way goes by its bit."""
        match cause:
            case int():
                item = self._items[cause]
                return ("propose", item[1]) if len(item) == 2 else ("receive", item[0], item[2])
        return cause

    def _event(self, i, cause, choices):
        match self._cause(cause):
            case ("propose", value):
                return Propose(i, value, choices)
            case ("receive", sender, message):
                return Deliver(Envelope(sender, i, message), choices)
            case (kind, name) if kind == TIMEOUT:
                return Timeout(i, name, choices)
            case (kind,) if kind == CRASH:
                return Crash(i)
            case _:
                return Restart(i, choices)

    # -- bits -----------------------------------------------------------------------------------------------

    def code(self, i, local):
        """The bits of a local state of node `i`."""
        code = self._codes[i].get(local)
        if code is None:
            number, digits = len(self._codes[i]), self._digits[i]
            if number >> len(digits):
                digit = self._new_bit(i, for_state=True)
                self._states[i] |= digit
                digits.append(digit)
            code = sum(digit for place, digit in enumerate(digits) if number >> place & 1)
            self._decides[i][code] = sum({self._value_bit(value) for value in local.decisions})
            if self._alive:
                alive = self._alive(i, local)
                self._vital[i][code] = sum(bit for item, bit in self._bits.items() if item[:3] in alive)
            self._locals[i][code] = local
            self._codes[i][local] = code
        return code

    def bit(self, item, i):
        """The bit of a letter or a planned proposal on its way to node `i`."""
        bit = self._bits.get(item)
        if bit is None:
            bit = self._new_bit(i)
            if len(item) == 2:
                self._plan |= bit
            else:
                self.mail |= bit
            if len(item) == 2 or item[3] == 0:
                self._firsts |= bit
            if self._alive:
                for local, code in self._codes[i].items():
                    if item[:3] in self._alive(i, local):
                        self._vital[i][code] |= bit
            self._items[bit] = item
            self._bits[item] = bit
        return bit

    def _new_bit(self, i, for_state=False):
        """A bit of the inbox of node `i` that nothing has used."""
        bit = self._next
        self._next <<= 1
        self.inboxes[i] |= bit
        for number, ((mask, memo), ways) in enumerate(zip(self.tables, self._ways)):
            if ways.args == (i,) and (for_state or self._alive or ways.func == self._free_ways):
                self.tables[number] = mask | bit, memo
        return bit

    def _value_bit(self, value):
        return self._values.setdefault(value, 1 << len(self._values))

    def _vital_at(self, key):
        """The bits of the letters that can still matter."""
        if not self._alive:
            return -1
        bits = 0
        for state, vital in zip(self._states, self._vital):
            bits |= vital[key & state]
        return bits

    def _post(self, sender, messages):
        """The bits of what is sent in one step."""
        bits = 0
        for to, message in messages:
            bit = self.bit((sender, to, message, 0), to)
            bits |= self._free_copy(bit, bits) if self._once else bit
        return bits

    def _again(self, key, o):
        """The bits of `o`, with the next free copy for each message that is on its way already."""
        bits = 0
        for bit in ones(o):
            bits |= self._free_copy(bit, key | bits)
        return bits

    def _free_copy(self, bit, taken):
        """The bit of the first copy of a letter that is not among those taken."""
        while bit & taken:
            sender, to, message, copy = self._items[bit]
            bit = self.bit((sender, to, message, copy + 1), to)
        return bit

    def _last_copy(self, bit, inbox):
        """The bit of the last copy of a letter that is in an inbox."""
        sender, to, message, copy = self._items[bit]
        after = self._bits.get((sender, to, message, copy + 1), 0)
        return self._last_copy(after, inbox) if after & inbox else bit


def ones(bits):
    """The bits of an int, lowest first."""
    while bits:
        low = bits & -bits
        yield low
        bits ^= low
