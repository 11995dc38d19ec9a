"""A configuration as one int, so that a search of every schedule is dictionary look-ups and bit arithmetic.

At the low end the int holds what is left of the three budgets. Above, every bit is handed out when it is first
needed: one for a message or a planned proposal, one more for a node whose local states have become too many to
number with the bits it has. So an int is as short as what was met allows, about 40 bytes.
"""

from consensus_lab.model.budgets import SPENDS, Budgets
from consensus_lab.model.configuration import Configuration
from consensus_lab.model.values import kinds


class Encoding:
    """The configurations of `system` as ints.

    `alive(i, local)` is the set of (sender, i, message) that can still matter to node i in that local state; all other
    messages are left out of every configuration. None leaves nothing out.

    A search may be interrupted between any two statements and its graph used all the same. So what is met for the
    first time goes into the masks first, and last into the dict that makes it known.

    Attributes
    ----------
    budgets, mail, plan : int
        Masks of what is left of the budgets, of all messages, and of all planned proposals.
    inboxes : list of int
        A mask a node: its local state, and what is on its way to it.
    """

    def __init__(self, system, alive=None):
        self.system, self.alive = system, alive
        self.network = system.network
        self._next, self.coins, self.purses = 1, {}, {}  # what one of a budget is worth, and the bits of all of it
        for kind, name in SPENDS.items():
            self.coins[kind] = self._next
            self._next <<= (system.budgets.of(name) or 0).bit_length()
            self.purses[kind] = self._next - self.coins[kind]
        self.budgets = self._next - 1
        self.inboxes = [0 for _ in system.nodes]
        self.states = [0 for _ in system.nodes]  # the part of an inbox that is the local state
        self._digits = [[] for _ in system.nodes]  # the same, bit by bit
        self._codes = [{} for _ in system.nodes]  # local state -> its bits
        self._locals = [{} for _ in system.nodes]  # and back
        self._bits, self._items = {}, {}  # copy, or (i, value) of a planned proposal -> its bit; and back
        self._line_numbers, self._lines = {}, []  # line of copies -> its number; the bits of all its copies, by number
        self._places = {}  # bit of a copy -> (number of its line, its own number in the line)
        self._renumbered = {}  # (bit of a copy, another number) -> the bit of the same message with that number
        self.mail = self.plan = self.firsts = 0  # the last are planned, or copies that can be delivered next
        self._values = {}  # (decided value, its kinds) -> its bit
        self._decides = [{} for _ in system.nodes]  # bits of a local state -> bits of the values decided
        self.vital = [{} for _ in system.nodes]  # bits of a local state -> bits of the copies that can still matter

    def encode(self, c):
        """The int of a configuration."""
        key = sum((c.left.of(SPENDS[kind]) or 0) * coin for kind, coin in self.coins.items())
        for i, local in enumerate(c.nodes):
            key |= self.code(i, local)
        for i, value in sorted(c.pending, key=lambda pair: pair[0]):
            key |= self.bit((i, value), i)
        for copy in sorted(c.network, key=self.system.order):
            key |= self.bit(copy, copy[1])
        mail = key & self.mail
        return key ^ mail ^ self.without(mail, mail & ~self.vital_at(key))

    def decode(self, key):
        """The configuration of an int."""
        nodes = tuple(self.local(i, key) for i in self.system.nodes)
        items = [self._items[bit] for bit in ones(key & (self.mail | self.plan))]
        network = frozenset(item for item in items if len(item) == 4)
        pending = frozenset(item for item in items if len(item) == 2)
        proposed = frozenset(value for _, value in self.system.proposals.items() - pending)
        left = {
            name: None if self.system.budgets.of(name) is None else (key & self.purses[kind]) // self.coins[kind]
            for kind, name in SPENDS.items()
        }
        return Configuration(self.system, nodes, network, pending, proposed, Budgets(**left))

    def local(self, i, key):
        """The local state of node `i`."""
        return self._locals[i][key & self.states[i]]

    def item(self, bit):
        """The copy (sender, i, message, number) of a bit, or the (i, value) of a planned proposal."""
        return self._items[bit]

    def items(self, i, key):
        """What is on its way to node `i`, as a list."""
        return [self._items[bit] for bit in ones(key & self.inboxes[i] & ~self.states[i])]

    def decided(self, key):
        """The values decided in a configuration, as bits; `values` has their order."""
        bits = 0
        for state, decides in zip(self.states, self._decides):
            bits |= decides[key & state]
        return bits

    @property
    def values(self):
        """The values that have a number, in the order of their numbers."""
        return tuple(value for value, _ in self._values)

    # -- bits -----------------------------------------------------------------------------------------------

    @property
    def size(self):
        """How many bits have been handed out."""
        return self._next.bit_length() - 1

    def code(self, i, local):
        """The bits of a local state of node `i`."""
        code = self._codes[i].get(local)
        if code is None:
            number, digits = len(self._codes[i]), self._digits[i]
            if number >> len(digits):
                digit = self._new_bit(i)
                self.states[i] |= digit
                digits.append(digit)
            code = sum(digit for place, digit in enumerate(digits) if number >> place & 1)
            self._decides[i][code] = sum({self._value_bit(value) for value in local.decisions})
            if self.alive:
                alive = self.alive(i, local)
                self.vital[i][code] = sum(bit for item, bit in self._bits.items() if item[:3] in alive)
            self._locals[i][code] = local
            self._codes[i][local] = code
        return code

    def bit(self, item, i):
        """The bit of a copy or a planned proposal on its way to node `i`."""
        bit = self._bits.get(item)
        if bit is None:
            bit = self._new_bit(i)
            if len(item) == 2:
                self.plan |= bit
            else:
                self.mail |= bit
                self._stand(bit, item)
            if len(item) == 2 or item[3] == 0:
                self.firsts |= bit
            if self.alive:
                for local, code in self._codes[i].items():
                    if item[:3] in self.alive(i, local):
                        self.vital[i][code] |= bit
            self._items[bit] = item
            self._bits[item] = bit
        return bit

    def _new_bit(self, i):
        """A bit of the inbox of node `i` that nothing has used."""
        bit = self._next
        self._next <<= 1
        self.inboxes[i] |= bit
        return bit

    def _value_bit(self, value):
        return self._values.setdefault((value, kinds(value)), 1 << len(self._values))

    def vital_at(self, key):
        """The bits of the copies that can still matter."""
        if not self.alive:
            return -1
        bits = 0
        for state, vital in zip(self.states, self.vital):
            bits |= vital[key & state]
        return bits

    # -- copies in their lines, see `consensus_lab.model.network` --------------------------------------------

    def post(self, sender, sent):
        """The bits of what is sent in one step, while nothing else is in flight."""
        bits = 0
        for to, message in sent:
            bit = self.bit((sender, to, message, 0), to)
            bits |= bit if self.network.keeps else self._behind(bit, bits)
        return bits

    def add(self, key, o):
        """The bits of `o`, of one step, behind what is in flight already."""
        if self.network.keeps:
            return o
        bits = 0
        for bit in sorted(ones(o), key=self._number):
            bits |= self._behind(bit, key | bits)
        return bits

    def without(self, mail, gone):
        """What is left of `mail` when the copies `gone` leave it and those behind them move up."""
        left = mail & ~gone
        if self.network.keeps:
            return left
        for line in {self._places[bit][0] for bit in ones(gone)}:
            behind = left & self._lines[line]
            left ^= behind
            for bit in sorted(ones(behind), key=self._number):
                left |= self._behind(bit, left)
        return left

    def crowd(self, o):
        """What may be in flight without a change to the bits of `o`, sent now, has none of these bits; -1 is all."""
        if self.network.keeps:
            return 0
        lines = [self._places[bit][0] for bit in ones(o)]
        if self.alive and len(set(lines)) < len(lines):
            return -1  # if some of them are left out, those behind move up
        return sum(self._lines[line] for line in lines)

    def _stand(self, bit, copy):
        """Let a new bit stand for a copy in its line."""
        line = self._line_numbers.setdefault(self.network.line(copy), len(self._lines))
        if line == len(self._lines):
            self._lines.append(0)
        self._lines[line] |= bit
        self._places[bit] = line, copy[3]

    def _number(self, bit):
        return self._places[bit][1]

    def _behind(self, bit, mail):
        """The bit of the same message at the end of its line in `mail`."""
        line, number = self._places[bit]
        waiting = (mail & self._lines[line]).bit_count()
        return bit if waiting == number else self.renumbered(bit, waiting)

    def renumbered(self, bit, number):
        """The bit of the same message with another number in its line."""
        moved = self._renumbered.get((bit, number))
        if moved is None:
            sender, to, message, _ = self._items[bit]
            moved = self._renumbered[bit, number] = self.bit((sender, to, message, number), to)
        return moved


def ones(bits):
    """The bits of an int, lowest first."""
    while bits:
        low = bits & -bits
        yield low
        bits ^= low
