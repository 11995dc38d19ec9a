"""What can happen next, worked out once an inbox.

The bits of a node in the int of a configuration, its local state and what is on its way to it, are its inbox. What
can happen at a node depends on its inbox alone, and on what is left of the budgets. So it is worked out once an
inbox, as pairs (x, o), and a successor is `(key ^ x) | o`. A handler is called once for each local state and cause.
"""

from collections.abc import Iterable
from functools import partial

from consensus_lab.exploration.closure import CRASH, RESTART, TIMEOUT, faults
from consensus_lab.exploration.encoding import Encoding, ones
from consensus_lab.model.budgets import SPENDS
from consensus_lab.model.events import Crash, Deliver, Envelope, Propose, Restart, Timeout


class Memo(dict):
    """A function that is worked out once an argument. It is a dict, as nothing is faster to look up."""

    __slots__ = ("function",)

    def __init__(self, function):
        self.function = function

    def __missing__(self, argument):
        value = self[argument] = self.function(argument)
        return value


class Successors(Encoding):
    """The configurations of `system` as ints, and the events between them.

    Attributes
    ----------
    plain : bool
        True when all successors are `(key ^ x) | o`, and nothing more is to be done about them.
    most : int or None
        How many ways to choose a handler may have; beyond these TooManyChoices is raised.
    tables : list of (int, Memo)
        `memo[key & mask]` has the pairs (x, o) of some events, and all the tables those of all. A mask is replaced
        when the search meets something new.
    """

    def __init__(self, system, alive=None):
        super().__init__(system, alive)
        self.plain, self.most = self.network.keeps and not alive, None
        self._crowds = Memo(self.crowd)
        self._moves = [Memo(partial(self._react, i)) for i in system.nodes]
        self._idle = [Memo(partial(self._rests, i)) for i in system.nodes]
        left = {kind: system.budgets.of(SPENDS[kind]) for kind in (TIMEOUT, CRASH, RESTART)}
        self._free = [kind for kind, count in left.items() if count is None]
        self._paid = [kind for kind, count in left.items() if count]
        self.tables, self._ways = [], []
        for i in system.nodes:
            self._add_table(i, 0, self._free_ways)
            if self._paid:  # apart, as these alone depend on the budgets
                self._add_table(i, self.budgets, self._paid_ways)

    def _add_table(self, i, mask, ways):
        self.tables.append((mask, Memo(lambda inbox: tuple(dict.fromkeys((x, o) for x, o, *_ in ways(i, inbox))))))
        self._ways.append((i, ways))

    def _new_bit(self, i):
        bit = super()._new_bit(i)
        self._crowds.clear()  # a line may be longer now
        for number, (node, _) in enumerate(self._ways):
            if node == i:
                mask, memo = self.tables[number]
                self.tables[number] = mask | bit, memo
        return bit

    # -- what comes next ------------------------------------------------------------------------------------

    def successors(self, key):
        """The ints that can come next."""
        known = [memo[key & mask] for mask, memo in self.tables]
        vital, crowds = self.vital_at(key), self._crowds  # only now, when all that `known` needs has been met
        return [
            (key ^ x) | (self.add(key, o & vital) if (crowd := crowds[o]) < 0 or key & crowd else o & vital)
            for pairs in known
            for x, o in pairs
        ]

    def steps(self, key) -> Iterable[tuple]:
        """Pairs of an event and the int that it leads to."""
        for (mask, _), (i, ways) in zip(self.tables, self._ways):
            for x, o, cause, choices in ways(i, key & mask):
                yield self._event(i, cause, choices), (key ^ x) | self.add(key, o & self.vital_at(key))

    def event(self, key, there):
        """An event that leads from one configuration to the other."""
        return next(event for event, after in self.steps(key) if after == there)

    def priced(self, key, down):
        """Like `steps`, with the number of messages left out as they do nothing, but for those to nodes of `down`."""
        found = [(i, way) for (mask, _), (i, ways) in zip(self.tables, self._ways) for way in ways(i, key & mask)]
        vital = self.vital_at(key)  # only now, when all the copies in `found` have been met
        for i, (x, o, cause, choices) in found:
            there = (key ^ x) | self.add(key, o & vital)
            mail = self.mail & sum(inbox for node, inbox in enumerate(self.inboxes) if node not in down)
            delivered = isinstance(cause, int) and bool(cause & mail)
            vain = (key & mail).bit_count() + (o & mail).bit_count() - delivered - (there & mail).bit_count()
            yield self._event(i, cause, choices), there, vain

    def quiet(self, key):
        """True when nothing is left to happen but faults."""
        return all(idle[key & inbox] for inbox, idle in zip(self.inboxes, self._idle))

    # -- where a configuration stands for others (see Quotient); here it stands for itself -------------------

    def canonical(self, key):
        """The int that stands for a configuration and others like it: here for itself alone."""
        return key

    def canonical_pair(self, key, nodes):
        """The pair that stands for an int and some of the nodes, and for others like it."""
        return key, nodes

    def orbit(self, key):
        """The ints that this one stands for."""
        return (key,)

    def renamed(self, keys, last):
        """The ints of a run with the nodes renamed so that it ends in `last`."""
        return keys

    def unfold(self, keys, last=None):
        """The ints of a run, from those that stand for them; it ends in `last`, where that is given."""
        return keys

    # -- what can happen at one node ------------------------------------------------------------------------

    def _free_ways(self, i, inbox):
        """What can happen at node `i` whatever is left of the budgets: (x, o, cause, choices)."""
        local = self.local(i, inbox)
        if local.up:
            for bit in ones(inbox & self.firsts):
                yield from self._ways_of(i, inbox, bit, self._taken(inbox, bit))
        for kind in self._free:
            for cause in faults(local, kind):
                yield from self._ways_of(i, inbox, cause, 0)

    def _paid_ways(self, i, inbox):
        """What can happen at node `i` that a budget bounds."""
        local = self.local(i, inbox)
        for kind in self._paid:
            purse = inbox & self.purses[kind]
            if purse:
                for cause in faults(local, kind):
                    yield from self._ways_of(i, inbox, cause, purse ^ purse - self.coins[kind])

    def _ways_of(self, i, inbox, cause, taken):
        code = inbox & self.states[i]
        for after, o, choices in self._moves[i][code, cause]:
            mail = (inbox ^ taken) & self.mail
            dead = mail & ~self.vital[i][after] if self.alive else 0
            yield code ^ after ^ taken ^ mail ^ self.without(mail, dead), o, cause, choices

    def _taken(self, inbox, bit):
        """What a proposal or a delivery changes in the inbox: the bits to turn."""
        if bit & self.plan:
            return bit
        mail = inbox & self.mail
        return 0 if self.network.keeps else mail ^ self.without(mail, bit)

    def _react(self, i, code_and_cause):
        """Each way in which node `i` may react: (bits of its next local state, of what it sends, choices)."""
        code, cause = code_and_cause
        local, cause = self.local(i, code), self._cause(cause)
        if cause[0] == "receive" and self.network.keeps and not self.system.matters(i, local, *cause[1:]):
            return ()
        ways = self.system.reactions(i, local, cause, self.most)
        return tuple((self.code(i, way.local), self.post(i, way.sent), choices) for choices, way in ways)

    def _rests(self, i, inbox):
        """True when nothing can happen to node `i` but faults."""
        local = self.local(i, inbox)
        code = inbox & self.states[i]
        awake = local.up and (local.timers or any(self._moves[i][code, bit] for bit in ones(inbox & self.firsts)))
        return not awake

    def _cause(self, cause):
        """A handler's name and its arguments; what is on its way goes by its bit."""
        match cause:
            case int():
                item = self.item(cause)
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
