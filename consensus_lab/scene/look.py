"""What there is to see in a run: which value a node holds, which votes it has heard, what its fields say.

Nothing here knows a protocol. A node holds its decision, else the value of the first of its fields that now equals
one of the run's values. Its tally is the first field that is a set of (node, value) pairs. That is all that the
stage needs for shape and color, and it holds for a protocol that a reader has just written. Where nodes vote in
ballots or keep logs (`rooms/`), a room says what they hold.
"""

from collections import namedtuple
from functools import cached_property

from consensus_lab.model.events import Deliver, Propose, describe
from consensus_lab.model.values import canonical, show
from consensus_lab.scene.rooms import room_classes
from consensus_lab.scene.words import plain, quote

Appearance = namedtuple("Appearance", "decided holds tally")
Appearance.__doc__ = "What shows of a node: the texts of its decisions, what `Look.holds` gives, and its tally or None."

SLOTS = {"red": 0, "blue": 1, "amber": 2, "violet": 3}
OTHER = 4  # the slot of every further value
WHO = {"holder", "waiting", "leader", "coordinator", "owner", "voted_for", "followers", "votes"}  # node numbers


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
        self._known = {}  # what was worked out for a local state, a message or a part of one, for it is asked again
        self.rooms = {}
        for name, room in room_classes().items():
            if room.fits(run.system.classes):
                self.rooms[name] = room(self)
        self.claimants = sorted(self.rooms.values(), key=lambda room: not room.hides)
        self.hidden = {name for room in self.claimants for name in room.hides}

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
        """True when node `i` is up after step `k`."""
        return self.run.configurations[k].nodes[i].up

    def fields(self, k, i):
        """The fields of node `i` by name, as it had them when it was last up."""
        return dict(zip(self.system.classes[i].state_defaults, self.local(k, i).fields))

    def appearance(self, k, i):
        """The Appearance of node `i` after `k` steps; of a crashed node, as it was when it crashed."""
        return self._appearances[k][i]

    def decided(self, k, i):
        """The texts of all that node `i` has decided."""
        return self.appearance(k, i).decided

    def holds(self, i, local):
        """(field, text, vote): the value that node `i` holds in a local state, and its last vote in a ballot."""
        return *self.held_in(i, local), self.vote(i, local)

    def held_in(self, i, local):
        """(field, text) of the value that node `i` holds without having decided it, or (None, None)."""
        return first(room.held(i, local) for room in self.claimants) or self.kept_in(i, local)

    def vote(self, i, local):
        """(field, ballot, text) of node `i`'s last vote in a ballot, or None."""
        return first(room.vote(i, local) for room in self.claimants)

    def kept_in(self, i, local):
        """(field, text) of the first value among the fields of a local state, whatever the node keeps it for."""
        for position, name in self._holders[self.system.classes[i]]:
            text = self.text(local.fields[position])
            if text is not None:
                return name, text
        return None, None

    def tally(self, k, i):
        """For each node the text of its vote, as node `i` has heard it; None for a class that counts no votes."""
        return self.appearance(k, i).tally

    def tally_field(self, i):
        """The name of the field in which node `i` counts votes; None where it counts none."""
        return self._tallies[self.system.classes[i]][1]

    @cached_property
    def vote_messages(self):
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
        if isinstance(value, frozenset):
            pairs = self._once("pairs", value, self._pairs)
            if pairs:
                return pairs
        told = first(room.display(name, value) for room in self.rooms.values())
        if told is not None:
            return told
        if name in WHO or name == "voted":
            who = (value,) if self._is_node(value) else value
            if isinstance(who, (tuple, frozenset)) and all(map(self._is_node, who)):
                who = who if isinstance(who, tuple) else sorted(who)
                return ", ".join(self.names[node] for node in who) or "none"
        return self.show(value) if value not in ((), frozenset()) else "none"

    def show(self, value):
        """A value as a person reads it, with the tag of every ballot in it."""
        told = first(room.show(value) for room in self.rooms.values())
        return show(value) if told is None else told

    def parts(self, value):
        """A tuple as a person reads it, with the parts as `show` has them; None for other values."""
        return "(" + ", ".join(map(self.show, value)) + ")" if isinstance(value, tuple) else None

    def told(self, message):
        """A message as a list of events has it."""
        return self._once("told", message, self._told)

    def _told(self, message):
        return " ".join([type(message).__name__, *(self.show(getattr(message, name)) for name in message._fields)])

    def quoted(self, message):
        """What a message says, in quotation marks, or nothing."""
        return self._once("quoted", message, lambda message: quote(message, self.show))

    def content(self, message):
        """The fields of a message in words, each with its name."""
        return self._once("content", message, self._content)

    def _content(self, message):
        return [[plain(name), self.display(name, getattr(message, name))] for name in message._fields]

    def describe(self, event):
        """An event as a list has it: ``A → B Voted red``."""
        if isinstance(event, Deliver):
            sender, receiver = self.names[event.envelope.sender], self.names[event.envelope.receiver]
            return f"{sender} → {receiver} {self.told(event.envelope.message)}"
        return describe(event, self.names)

    def message_value(self, message):
        """The text of the value that a message carries, or None: its field `value`, or the first field that fits.

        In ballots it may be that of a vote which the message tells of.
        """
        return self._once("value", message, self._message_value)

    def _message_value(self, message):
        for room in self.claimants:
            if room.carries(message):
                return room.message_value(message)
        for name in _value_first(type(message)):
            text = self.text(getattr(message, name))
            if text is not None:
                return text
        return None

    def _once(self, what, thing, work_out):
        """`work_out(thing)`, remembered for this very object, which is kept, so that no other gets its id."""
        key = what, id(thing)
        if key not in self._known:
            self._known[key] = work_out(thing), thing
        return self._known[key][0]

    def _votes(self, pairs):
        heard = dict(_ordered(pairs)[::-1])
        return [self.text(heard[node]) if node in heard else None for node in self.system.nodes]

    def _pairs(self, value):
        if all(map(self._is_pair, value)):
            return ", ".join([f"{self.names[node]} {self.show(what)}" for node, what in _ordered(value)])
        return None

    # -- by structure ---------------------------------------------------------------------------------------

    def _is_node(self, value):
        return type(value) is int and value in self.system.nodes

    def _is_pair(self, pair):
        return isinstance(pair, tuple) and len(pair) == 2 and self._is_node(pair[0])

    def _last_awake(self):
        first, *others = self.run.configurations
        rows = [first.nodes]
        for event, configuration in zip(self.run.events, others):
            i, row = event.node, rows[-1]
            now = configuration.nodes[i]
            rows.append((*row[:i], now, *row[i + 1 :]) if now.up and now is not row[i] else row)
        return rows

    @cached_property
    def _appearances(self):
        rows = [[self._appearance(i, local) for i, local in enumerate(self._awake[0])]]
        for event, before, now in zip(self.run.events, self._awake, self._awake[1:]):
            i, row = event.node, rows[-1]
            rows.append(row if now is before else [*row[:i], self._appearance(i, now[i]), *row[i + 1 :]])
        return rows

    def _appearance(self, i, local):
        position, _ = self._tallies[self.system.classes[i]]
        tally = None if position is None else self._once("tally", local.fields[position], self._votes)
        return Appearance([show(value) for value in local.decisions], self.holds(i, local), tally)

    def _value_fields(self, cls):
        """The (position, name) of fields that may hold a value: at the start they hold none."""
        defaults = cls.state_defaults.items()
        return [(at, name) for at, (name, default) in enumerate(defaults) if self.text(default) is None]

    def _tally_field(self, cls):
        """The (position, name) of the field with the votes that it has heard, or (None, None)."""
        first, *others = self._awake
        mine = [local for local, kind in zip(first, self.system.classes) if kind is cls]
        stirred = [(event.node, row) for event, row in zip(self.run.events, others)]
        mine += [row[i] for i, row in stirred if self.system.classes[i] is cls]
        for position, name in enumerate(cls.state_defaults):
            seen = {local.fields[position] for local in mine}
            if all(isinstance(value, frozenset) for value in seen):
                pairs = frozenset().union(*seen)
                if pairs and all(self._is_pair(pair) and self.text(pair[1]) is not None for pair in pairs):
                    return position, name
        return None, None


def first(found):
    """The first that is not None, or None."""
    return next((one for one in found if one is not None), None)


def _key(value):
    return isinstance(value, bool), value  # True is not 1 here


def _value_first(kind):
    return sorted(kind._fields, key=lambda name: name != "value")


def _ordered(pairs):
    """(node, value) pairs in canonical order, which with one pair a node is that of the nodes."""
    return sorted(pairs) if len(dict(pairs)) == len(pairs) else sorted(pairs, key=canonical)


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
