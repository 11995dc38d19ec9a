"""The logs of a run's servers: what is in them, what of it is committed, what was lost, and what clients asked for.

A protocol tells the stage of its logs by names, as it does of its ballots. A server's `log` is a tuple of (term,
entry), the first at index 1. Or it has bare entries, or None for a gap: then all that is in it is chosen, and
`accepted` has the votes (ballot, entry) for the slots. Where the first entries are no longer kept, a method `dropped`
or a property `base` tells how many, from the fields alone. `commit` and `applied` are the highest index known to be
committed, and that the state machine has; `state` is that of the machine. A client has a `queue` of commands, the
first of which is outstanding, and `answers`, a tuple of (serial, command, answer).
"""

from types import SimpleNamespace

from consensus_lab.model.message import Message
from consensus_lab.model.values import show


def has_log(cls):
    """Whether the nodes of a class keep a log."""
    return isinstance(cls.state_defaults.get("log"), tuple)


def is_client(cls):
    """Whether the nodes of a class are clients."""
    return {"queue", "answers"} <= cls.state_defaults.keys()


class Logs:
    """The logs in the run of a Look.

    Attributes
    ----------
    servers : list of int
        The nodes that keep a log.
    entries : list
        Every entry that is or was in a log, as (row of its term, text, value or None). A log is told by their numbers.
    versions : list
        Every state of a log, as (index of the first entry, numbers of the entries, None where there is a gap, and the
        indexes of those that are known to be chosen).
    committed : dict
        The step since when some server knows that an entry is committed, by (index, entry).
    lost : list
        (step, node, index, entry, whether it was committed) for each entry that a log had and has no more.
    calls : list
        (node, text, value, first step, last step or None, answer or None) for each command of a client.
    """

    def __init__(self, look):
        self.look, self.system = look, look.system
        self.servers = [i for i in self.system.nodes if has_log(self.system.classes[i])]
        self.entries, self.versions, self.committed, self.lost = [], [], {}, []
        self._numbers, self._seen, self._asked = {}, {}, {}
        self.terms = self._terms()
        self._follow()
        self.calls = sorted((call for i in self.system.nodes for call in self._calls(i)), key=lambda call: call[3])

    def state(self, k, i):
        """The fields of node `i` after step `k`, by name."""
        return self.look.fields(k, i)

    def version(self, k, i):
        """The number of the version that the log of node `i` is in after `k` steps."""
        local = self.look.local(k, i)
        key = i, id(local)  # the run keeps it alive
        if key not in self._seen:
            self._seen[key] = self._read(i, dict(zip(self.system.classes[i].state_defaults, local.fields)))
        return self._seen[key][0]

    def commit(self, k, i):
        """The highest index up to which a server knows everything to be committed."""
        self.version(k, i)
        return self._seen[i, id(self.look.local(k, i))][1]

    def log(self, k, i):
        """{index: number of the entry} of a server's log, without gaps and what it no longer keeps."""
        first, numbers, _ = self.versions[self.version(k, i)]
        return {index: number for index, number in enumerate(numbers, first) if number is not None}

    def dropped(self, k, i):
        """How many entries a server no longer keeps."""
        return self.versions[self.version(k, i)][0] - 1

    def term(self, value):
        """The row of a term, or of a ballot that stands for one; None where there is none."""
        if "ballots" in self.look.rooms:
            return self.look.rooms["ballots"].row(value)
        return self.terms.get(value) if isinstance(value, int) else None

    # -- reading ------------------------------------------------------------------------------------------------

    def _terms(self):
        """{term: row} of all terms that nodes enter, the first one first."""
        found = {self.state(k, i).get("term") for k in range(len(self.look.run) + 1) for i in self.servers}
        found |= {getattr(flight.envelope.message, "term", None) for flight in self.look.run.flights}
        terms = sorted(term for term in found if isinstance(term, int) and term > 0)
        return {term: row for row, term in enumerate(terms)}

    def _read(self, i, state):
        """(version, commit) of a state."""
        cls, memory = self.system.classes[i], SimpleNamespace(**state)
        if hasattr(cls, "dropped"):
            first = 1 + cls.dropped(memory)
        else:
            first = 1 + (cls.base.fget(memory) if isinstance(getattr(cls, "base", None), property) else 0)
        log = state["log"]
        if all(isinstance(slot, tuple) and len(slot) == 2 for slot in log) and "accepted" not in state:
            numbers, known = [self._number(self.term(term), entry) for term, entry in log], ()
        else:
            numbers, known = self._slots(first, log, state.get("accepted", ()))
        return self._once(self.versions, (first, tuple(numbers), tuple(known))), state.get("commit", state["applied"])

    def _slots(self, first, log, accepted):
        """(numbers of the entries, indexes of those that are chosen) of a log by slots: what is chosen, else a vote."""
        numbers, known = [], []
        for place in range(max(len(log), len(accepted))):
            chosen = log[place] if place < len(log) else None
            vote = accepted[place] if place < len(accepted) else None
            entry = chosen if chosen is not None else vote and vote[1]
            if vote and vote[1] == entry:
                self._asked.setdefault((first + place, entry), self.term(vote[0]))
            row = self._asked.get((first + place, entry))
            numbers.append(None if entry is None else self._number(row, entry))
            known += [first + place] * (chosen is not None)
        return numbers, known

    def _number(self, row, entry):
        return self._once(self.entries, (row, self.words(entry), self.value(entry)), (row, entry))

    def _once(self, where, thing, what=None):
        key = id(where), thing if what is None else what
        if key not in self._numbers:
            self._numbers[key] = len(where)
            where.append(thing)
        return self._numbers[key]

    def words(self, entry):
        """An entry, or a command, in a few words."""
        command = getattr(entry, "command", entry)
        if isinstance(command, Message):
            name = "".join(f" {c.lower()}" if c.isupper() else c for c in type(command).__name__).strip()
            return " ".join([name, *(show(getattr(command, field)) for field in command._fields)])
        return show(command)

    def value(self, entry):
        """The value of the run that an entry is, or None."""
        return self.look.text(getattr(entry, "command", entry))

    def message_value(self, message):
        """The value of the run that a message brings: its command, that of its entry or of its only entry; or None."""
        for name in message._fields:
            what = getattr(message, name)
            if isinstance(what, tuple) and len(what) == 1 and isinstance(what[0], tuple):
                what = what[0][-1]
            if self.value(what) is not None:
                return self.value(what)
        return None

    def display(self, name, value):
        """A log, or the state of a machine, as a field of the inspector."""
        if name == "state":
            return self.machine({"state": value})
        return f"{len(value)} entr{'y' if len(value) == 1 else 'ies'}" if value else "empty"

    def machine(self, state):
        """The state of a server's machine in words; None for a server that has none."""
        if "state" not in state:
            return None
        value = state["state"]
        if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], frozenset):
            value = value[0]  # beside the sessions of ExactlyOnce
        if isinstance(value, frozenset) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
            return ", ".join(sorted(f"{show(key)} = {show(what)}" for key, what in value)) or "empty"
        return self.look.show(value) if value not in (None, (), "") else "empty"

    # -- what the steps did -------------------------------------------------------------------------------------

    def _follow(self):
        run = self.look.run
        for k in range(len(run) + 1):
            for i in [run.events[k - 1].node] if k else self.servers:
                if i in self.servers:
                    self._step(k, i)

    def _step(self, k, i):
        log, commit, known = self.log(k, i), self.commit(k, i), self.versions[self.version(k, i)][2]
        for index, number in log.items():
            if index <= commit or index in known:
                self.committed.setdefault((index, number), k)
        if k:
            for index, number in self.log(k - 1, i).items():
                if index > self.dropped(k, i) and log.get(index) != number:
                    self.lost.append((k, i, index, number, (index, number) in self.committed))

    def _calls(self, i):
        """The calls of a client, each with the one command that is outstanding until its answer comes."""
        if not is_client(self.system.classes[i]):
            return
        outstanding = None  # (command, first step)
        for k, event in enumerate(self.look.run.events, 1):
            if event.node != i:
                continue
            before, now = self.state(k - 1, i), self.state(k, i)
            if outstanding and len(now["answers"]) > len(before["answers"]):
                yield self._call(i, *outstanding, k, show(now["answers"][-1][2]))
                outstanding = None
            if outstanding is None and now["queue"]:
                outstanding = now["queue"][0], k
        if outstanding:
            yield self._call(i, *outstanding, None, None)

    def _call(self, i, command, first, last, answer):
        return i, self.words(command), self.value(command), first, last, answer
