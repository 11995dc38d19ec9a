"""What there is to see in a run: which value a node holds, which votes it has heard, what its fields say.

Nothing here knows a protocol. A node holds its decision, else the value of the first of its fields that now equals
one of the run's values. Its tally is the first field that is a set of (node, value) pairs. That is all that the
stage needs for shape and color, and it holds for a protocol that a reader has just written.
"""

from functools import cached_property

from consensus_lab.events import Deliver, Propose
from consensus_lab.node import canonical, show

SLOTS = {"red": 0, "blue": 1, "amber": 2, "violet": 3}
OTHER = 4  # the slot of every further value
WHO = {"holder", "waiting", "leader", "coordinator", "owner", "voted_for", "followers"}  # fields that hold node numbers


class Look:
    """A run, as a viewer sees it. Steps count from 0, before the first event."""

    def __init__(self, run):
        self.run, self.system, self.names = run, run.system, run.system.names
        self._texts = {}
        for value in _values(run):
            self._texts.setdefault(_key(value), show(value))
        self.slots = value_slots(list(self._texts.values()))
        self._awake = self._last_awake()
        self._tallies = {cls: self._tally_field(cls) for cls in set(run.system.classes)}
        self._holders = {cls: self._value_fields(cls) for cls in set(run.system.classes)}

    def text(self, value):
        """The text of `value` if it is one of the run's values, else None."""
        try:
            return self._texts.get(_key(value))
        except TypeError:
            return None

    def local(self, k, i):
        """The Local of node `i` after `k` steps; of a crashed node, the one that it crashed in."""
        return self._awake[k][i]

    def up(self, k, i):
        return self.run.configurations[k].nodes[i].up

    def fields(self, k, i):
        """The fields of node `i` by name, as it had them when it was last up."""
        return dict(zip(self.system.classes[i].state_defaults, self.local(k, i).fields))

    def decided(self, k, i):
        """The texts of all that node `i` has decided."""
        return [show(value) for value in self.local(k, i).decisions]

    def held(self, k, i):
        """(field, text) of the value that node `i` holds without having decided it, or (None, None)."""
        return self.held_in(i, self.local(k, i))

    def held_in(self, i, local):
        """The same, of node `i` in the local state `local`."""
        for position, name in self._holders[self.system.classes[i]]:
            text = self.text(local.fields[position])
            if text is not None:
                return name, text
        return None, None

    def tally(self, k, i):
        """For each node the text of its vote, as node `i` has heard it; None for a class that counts no votes."""
        cls = self.system.classes[i]
        name = self._tallies[cls]
        if name is None:
            return None
        heard = dict(sorted(self.fields(k, i)[name], key=canonical, reverse=True))
        return [self.text(heard[node]) if node in heard else None for node in self.system.nodes]

    def tally_field(self, i):
        return self._tallies[self.system.classes[i]]

    @cached_property
    def ballots(self):
        """The classes of messages that put a vote of their sender into a tally."""
        found = set()
        for k, event in enumerate(self.run.events, 1):
            if isinstance(event, Deliver) and self.tally_field(event.node):
                before, after = self.tally(k - 1, event.node), self.tally(k, event.node)
                if before[event.envelope.sender] != after[event.envelope.sender]:
                    found.add(type(event.envelope.message))
        return found

    def display(self, name, value):
        """The value of a field or of a message's field in words, with the names of nodes."""
        if isinstance(value, frozenset) and value and all(self._is_ballot(pair) for pair in value):
            return ", ".join(f"{self.names[node]} {show(vote)}" for node, vote in sorted(value, key=canonical))
        if name in WHO:
            who = (value,) if self._is_node(value) else value
            if isinstance(who, (tuple, frozenset)) and all(map(self._is_node, who)):
                who = who if isinstance(who, tuple) else sorted(who)
                return ", ".join(self.names[node] for node in who) or "none"
        return show(value) if value not in ((), frozenset()) else "none"

    def message_value(self, message):
        """The text of the value that a message carries, or None: its field `value`, or the first field that fits."""
        names = sorted(message._fields, key=lambda name: name != "value")
        return next((text for name in names if (text := self.text(getattr(message, name))) is not None), None)

    # -- by structure ---------------------------------------------------------------------------------------

    def _is_node(self, value):
        return type(value) is int and value in self.system.nodes

    def _is_ballot(self, pair):
        return isinstance(pair, tuple) and len(pair) == 2 and self._is_node(pair[0])

    def _last_awake(self):
        configurations = self.run.configurations
        rows = [configurations[0].nodes]
        for configuration in configurations[1:]:
            last = rows[-1]
            nodes = configuration.nodes
            rows.append(tuple(now if now.up else was for now, was in zip(nodes, last)))
        return rows

    def _value_fields(self, cls):
        """The (position, name) of fields that may hold a value: at the start they hold none."""
        defaults = cls.state_defaults.items()
        return [(at, name) for at, (name, default) in enumerate(defaults) if self.text(default) is None]

    def _tally_field(self, cls):
        mine = [i for i in self.system.nodes if self.system.classes[i] is cls]
        for position, name in enumerate(cls.state_defaults):
            seen = {row[i].fields[position] for row in self._awake for i in mine}
            if all(isinstance(value, frozenset) for value in seen):
                pairs = frozenset().union(*seen)
                if pairs and all(self._is_ballot(pair) and self.text(pair[1]) is not None for pair in pairs):
                    return name
        return None


def _key(value):
    return isinstance(value, bool), value  # True is not 1 here


def _values(run):
    """All values of a run: those planned, those proposed, and those decided."""
    yield from run.system.proposals.values()
    for event in run.events:
        if isinstance(event, Propose):
            yield event.value
    for local in run.last.nodes:
        yield from local.decisions


def value_slots(texts):
    """{text: palette slot}: its own where it names a color, else the next that is free."""
    free = [slot for slot in range(OTHER) if slot not in {SLOTS.get(text) for text in texts}]
    named = dict.fromkeys(texts)
    return {text: SLOTS[text] if text in SLOTS else free.pop(0) if free else OTHER for text in named}
