"""A configuration as one int, so that a search of every schedule is dictionary look-ups and bit arithmetic.

From the low end the int holds what is left of the three budgets, the number of each node's local state, and a bit
for each message and each planned proposal. Local states and messages get their numbers as they are first met. A
node's bits together are its inbox, and what can happen at a node depends on its inbox alone: so the events of an
inbox are worked out once, and a successor is `(key ^ x) | o`.
"""

from consensus_lab.configuration import Configuration
from consensus_lab.events import Crash, Deliver, Envelope, Propose, Restart, Timeout


class Encoding:
    """The configurations of `system` as ints.

    `alive(i, local)` is the set of letters (sender, i, message) that can still matter to node i in that local state;
    the others are left out of every configuration. None leaves nothing out.
    """

    def __init__(self, system, alive=None):
        self.system, self._alive = system, alive
        self._budget = max((left or 0).bit_length() for left in system.left)  # bits for each of the three budgets
        self._width = 40  # bits for the number of a local state: more than a memory holds
        self._shifts = [3 * self._budget + i * self._width for i in system.nodes]
        self._local_mask = (1 << self._width) - 1
        self._next_bit = 1 << 3 * self._budget + system.n * self._width
        self._locals = [[] for _ in system.nodes]  # number -> local state
        self._numbers = [{} for _ in system.nodes]  # local state -> number
        self._vital = [[] for _ in system.nodes]  # number -> bits of the letters that can still matter
        self._letters = {}  # letter or (i, value) of a proposal -> bit
        self._of_bit = {}
        self._inbox = [self._local_mask << shift for shift in self._shifts]
        self._memo = [{} for _ in system.nodes]
        self._everything = -1
        self._plan = 0  # bits of the planned proposals
        self._values = {}  # decided value -> bit
        self._decides = [[] for _ in system.nodes]  # number -> bits of the values decided
        self._costs = [1 << self._budget * kind for kind in range(3)]
        self._purse = {cost: cost * ((1 << self._budget) - 1) for cost in self._costs}

    # -- there and back -------------------------------------------------------------------------------------

    def encode(self, c):
        """The int of a configuration."""
        key = sum((left or 0) * cost for left, cost in zip(c.left, self._costs))
        for i, local in enumerate(c.nodes):
            key |= self._number(i, local) << self._shifts[i]
        for i, value in sorted(c.pending, key=lambda pair: pair[0]):
            key |= self._bit((i, value), i)
        for letter in sorted(c.network, key=self.system.order):
            bit = self._bit(letter, letter[1])
            if self._matters(key, letter[1], bit):
                key |= bit
        return key

    def decode(self, key):
        """The configuration of an int."""
        nodes = tuple(
            self._locals[i][key >> shift & self._local_mask] for i, shift in enumerate(self._shifts)
        )
        network, pending = [], []
        rest = key >> (bottom := 3 * self._budget + self.system.n * self._width)
        while rest:
            low = rest & -rest
            rest ^= low
            item = self._of_bit[low << bottom]
            (network if len(item) == 4 else pending).append(item)
        proposed = self.system.proposals.items() - pending
        left = tuple(
            None if limit is None else key // cost & (1 << self._budget) - 1
            for limit, cost in zip(self.system.left, self._costs)
        )
        return Configuration(
            self.system, nodes, frozenset(network), frozenset(pending), frozenset(v for _, v in proposed), left
        )

    def decided(self, key):
        """The values decided in a configuration, as bits; `values` has their order."""
        bits = 0
        for shift, decides in zip(self._shifts, self._decides):
            bits |= decides[key >> shift & self._local_mask]
        return bits

    @property
    def values(self):
        return tuple(self._values)

    def planned(self, key):
        """The proposals that are still to come, as bits."""
        return key & self._plan

    @property
    def node_bits(self):
        """A mask of all but the messages."""
        return (1 << 3 * self._budget + self.system.n * self._width) - 1 | self._plan

    # -- what comes next ------------------------------------------------------------------------------------

    def successors(self, key):
        """(ints that can come next, quiet): quiet when nothing is left to happen but faults."""
        found, quiet = [], True
        vital = self._vital_bits(key)
        for i, memo in enumerate(self._memo):
            inbox = key & self._inbox[i]
            known = memo.get(inbox)
            if known is None:
                known = memo[inbox] = self._look(i, inbox)
                vital = self._vital_bits(key)  # it may have met new messages
            ways, idle = known
            quiet = quiet and idle
            for x, o, cost, _ in ways:
                if cost and not key & self._purse[cost]:
                    continue
                o &= vital
                if key & o:
                    o = self._again(key, o)
                found.append(((key ^ x) | o) - cost)
        return found, quiet

    def event(self, key, there):
        """An event that leads from one configuration to the other."""
        vital = self._vital_bits(key)
        for i, memo in enumerate(self._memo):
            for x, o, cost, event in memo[key & self._inbox[i]][0]:
                if cost and not key & self._purse[cost]:
                    continue
                if ((key ^ x) | self._again(key, o & vital)) - cost == there:
                    return event
        raise AssertionError("the second configuration does not follow from the first")

    def _look(self, i, inbox):
        """What can happen at node `i` with this inbox: (tuple of (xor, or, cost, event), idle)."""
        system, shift = self.system, self._shifts[i]
        number = inbox >> shift & self._local_mask
        local = self._locals[i][number]
        ways, idle = [], True
        lossy = system.network == "lossy"

        def add(reactions, event, taken=0, cost=0):
            for choices, reaction in reactions:
                after = self._number(i, reaction.local)
                x = (number ^ after) << shift | taken
                x ^= (inbox ^ taken) & ~(self._local_mask << shift) & ~self._vital[i][after] & ~self._plan
                o = 0
                for to, message in reaction.sent:
                    o |= self._letter_bits(i, to, message, o)
                ways.append((x, o, cost, event(choices)))

        items = []
        rest = inbox & ~(self._local_mask << shift)
        while rest:
            low = rest & -rest
            rest ^= low
            items.append((low, self._of_bit[low]))
        if local.up:
            for bit, item in items:
                if len(item) == 2:
                    idle = False
                    value = item[1]
                    add(system.reactions(i, local, ("propose", value)), lambda c, v=value: Propose(i, v, c), bit)
            for _, item in items:
                if len(item) == 2 or item[3]:
                    continue
                sender, _, message, _ = item
                if lossy and not system.matters(i, local, sender, message):
                    continue
                idle = False
                envelope = Envelope(sender, i, message)
                taken = 0 if lossy else self._last_copy(inbox, item)
                reactions = system.reactions(i, local, ("receive", sender, message))
                add(reactions, lambda c, e=envelope: Deliver(e, c), taken)
            idle = idle and not local.timers
        crashes, restarts, timeouts = system.left
        if timeouts != 0:
            cost = 0 if timeouts is None else self._costs[2]
            for name in local.timers:
                reactions = system.reactions(i, system.fired(local, name), ("timeout", name))
                add(reactions, lambda c, name=name: Timeout(i, name, c), cost=cost)
        if local.up and crashes != 0:
            cost = 0 if crashes is None else self._costs[0]
            add((((), system.stopped(i, local)),), lambda c: Crash(i), cost=cost)
        if not local.up and restarts != 0:
            cost = 0 if restarts is None else self._costs[1]
            add(system.reactions(i, local._replace(up=True), ("restart",)), lambda c: Restart(i, c), cost=cost)
        return tuple(ways), idle

    # -- numbers and bits -----------------------------------------------------------------------------------

    def _number(self, i, local):
        number = self._numbers[i].get(local)
        if number is None:
            number = self._numbers[i][local] = len(self._locals[i])
            self._locals[i].append(local)
            self._decides[i].append(sum({self._value_bit(value) for value in local.decisions}))
            vital = self._everything
            if self._alive:
                alive = self._alive(i, local)
                vital = sum(bit for item, bit in self._letters.items() if len(item) == 4 and item[:3] in alive)
            self._vital[i].append(vital)
        return number

    def _value_bit(self, value):
        return self._values.setdefault(value, 1 << len(self._values))

    def _bit(self, item, i):
        bit = self._letters.get(item)
        if bit is None:
            bit = self._letters[item] = self._next_bit
            self._next_bit <<= 1
            self._of_bit[bit] = item
            self._inbox[i] |= bit
            if len(item) == 2:
                self._plan |= bit
            elif self._alive:
                for number, local in enumerate(self._locals[i]):
                    if item[:3] in self._alive(i, local):
                        self._vital[i][number] |= bit
        return bit

    def _vital_bits(self, key):
        if not self._alive:
            return self._everything
        bits = 0
        for shift, vital in zip(self._shifts, self._vital):
            bits |= vital[key >> shift & self._local_mask]
        return bits

    def _matters(self, key, i, bit):
        return bool(self._vital[i][key >> self._shifts[i] & self._local_mask] & bit)

    def _letter_bits(self, sender, to, message, taken):
        letter = sender, to, message, 0
        while self.system.network == "reliable" and taken & self._bit(letter, to):
            letter = (*letter[:3], letter[3] + 1)
        return self._bit(letter, to)

    def _last_copy(self, inbox, letter):
        last = self._letters[letter]
        copy = 1
        while (bit := self._letters.get((*letter[:3], copy))) and inbox & bit:
            last, copy = bit, copy + 1
        return last

    def _again(self, key, o):
        """The bits of `o`, with the next free copy for each message that is in flight already."""
        if self.system.network == "lossy" or not key & o:
            return o
        bits = 0
        while o:
            low = o & -o
            o ^= low
            letter = self._of_bit[low]
            while (key | bits) & low:
                letter = (*letter[:3], letter[3] + 1)
                low = self._bit(letter, letter[1])
            bits |= low
        return bits
