"""The five properties of Raft, each checked in every configuration.

They are those of Figure 3 of Ongaro and Ousterhout, "In search of an understandable consensus algorithm (extended
version)" (2014), https://raft.github.io/raft.pdf. Most speak of what has ever been: of former leaders, of what a
server applied before it crashed. So a search checks them on `witnessed(Raft)`, which is the same protocol and keeps a
record that it never reads: a history variable, as in Abadi and Lamport, "The existence of refinement mappings"
(1991), https://doi.org/10.1016/0304-3975(91)90224-P. A single run is checked as it is: its events happen once more,
to servers that keep the record.
"""

from functools import cache, lru_cache
from itertools import combinations

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.properties import Property
from consensus_lab.model.run import Run
from consensus_lab.model.values import canonical, show


@cache
def witnessed(protocol):
    """The same protocol with a few fields more, which it never reads.

    An item is what a log has at an index: a pair of the entry's term and the entry.

    Parameters
    ----------
    protocol : Raft class
        Any class for which `is_raft` is true.

    Returns
    -------
    Node class
        A subclass of `protocol`, always the same one for the same argument.
    """

    class Witnessed(protocol):
        __doc__ = f"{protocol.__name__}, with a record of its leaders and of what they committed."

        led: frozenset = frozenset()  # (term, dropped, items) for each term that it has led, of when that began
        committed: frozenset = frozenset()  # (term, index, item) for all that it committed as the leader of a term
        executed: frozenset = frozenset()  # (index, item) for all that it ever applied
        leading: tuple = ()  # (term, items) while it leads
        rewrote: bool = False  # as a leader, it has changed or dropped an entry

        durable = (*protocol.durable, "led", "committed", "executed", "rewrote")

        def items(self):
            """The log, as pairs (index, item)."""
            return tuple(enumerate(self.after(self.dropped()), self.dropped() + 1))

        def lead(self):
            self.led |= {(self.term, self.dropped(), self.items())}
            super().lead()

        def learn(self, index):
            fresh = [pair for pair in self.items() if self.applied < pair[0] <= index]
            self.executed |= set(fresh)
            if self.role == "leader":
                self.committed |= {(self.term, *pair) for pair in fresh}
            super().learn(index)

        def propose(self, command):
            super().propose(command)
            self.note()

        def receive(self, sender, message):
            super().receive(sender, message)
            self.note()

        def timeout(self, name):
            super().timeout(name)
            self.note()

        def note(self):
            before, self.leading = self.leading, (self.term, self.items()) if self.role == "leader" else ()
            self.rewrote = self.rewrote or _rewritten(before, self.leading, self.dropped())

    Witnessed.__name__ = Witnessed.__qualname__ = f"{protocol.__name__}Witnessed"
    return Witnessed


def _rewritten(before, now, dropped):
    """Whether a leader has changed or lost an entry after `dropped`, of what it led with before: (term, items)."""
    if not (before and now and before[0] == now[0]):
        return False
    kept = tuple(pair for pair in before[1] if pair[0] > dropped)
    return now[1][: len(kept)] != kept


def is_raft(cls):
    """True for the servers of Raft, and for those of a protocol with the same methods."""
    return all(hasattr(cls, name) for name in ("lead", "learn", "after", "dropped"))


def recorded(run):
    """The same run, of servers that keep the record."""
    if "recorded" not in run.__dict__:
        system = run.system
        classes = [witnessed(cls) if is_raft(cls) and not keeps_record(cls) else cls for cls in system.classes]
        again = system.replace(protocol=classes)
        run.__dict__["recorded"] = run if classes == list(system.classes) else Run(again, run.events, run.times)
    return run.__dict__["recorded"]


def keeps_record(cls):
    """Whether a class is one that `witnessed` has made."""
    return "executed" in cls.state_defaults


class RaftProperty(Property):
    """A property of Raft's servers, and of their record."""

    def violation(self, run):
        return super().violation(recorded(run))


class ElectionSafety(RaftProperty):
    """At most one leader can be elected in a given term (section 5.2)."""

    def broken(self, configuration):
        leaders = {}
        for node, term, _, _ in elections(configuration):
            first = leaders.setdefault(term, node)
            if first != node:
                a, b = (configuration.system.names[i] for i in (first, node))
                return (first, node), f"{a} and {b} were both elected in term {term}"
        return None


class LeaderAppendOnly(RaftProperty):
    """A leader never overwrites or deletes entries in its log; it only appends new entries (section 5.3)."""

    def broken(self, configuration):
        for node, state in servers(configuration):
            if state["rewrote"]:
                return (node,), f"{configuration.system.names[node]} has rewritten its log as the leader"
        return None


class LogMatching(RaftProperty):
    """Two logs with an entry of the same index and term are identical up to it (section 5.3)."""

    def broken(self, configuration):
        logs = [(node, log_of(state)) for node, state in servers(configuration)]
        for (a, one), (b, other) in combinations(logs, 2):
            both = [index for index in sorted(one) if index in other]
            alike = max((index for index in both if one[index][0] == other[index][0]), default=0)
            for index in both:
                if index <= alike and one[index] != other[index]:
                    names = [configuration.system.names[i] for i in (a, b)]
                    term = one[alike][0]
                    return (a, b), f"{' and '.join(names)} differ at {index}, and have term {term} at {alike}"
        return None


class LeaderCompleteness(RaftProperty):
    """An entry committed in a term is in the logs of the leaders of all later terms (section 5.4)."""

    def broken(self, configuration):
        known = [(node, *record) for node, state in servers(configuration) for record in in_order(state["committed"])]
        for leader, later, dropped, items in elections(configuration):
            log = dict(items)
            for node, term, index, item in known:
                if term < later and index > dropped and log.get(index) != item:
                    names = configuration.system.names
                    why = f"{names[node]} committed {show(item[1])} in term {term}, at {index}"
                    return (node, leader), f"{why}; {names[leader]}, elected in term {later}, has not got it"
        return None


class StateMachineSafety(RaftProperty):
    """No two servers ever apply different entries at the same index (section 5.4.3)."""

    def broken(self, configuration):
        applied = {}
        for node, state in servers(configuration):
            for index, item in in_order(state["executed"]):
                first, other = applied.setdefault(index, (node, item))
                if other != item:
                    a, b = (configuration.system.names[i] for i in (first, node))
                    return (first, node), f"at {index}, {a} applied {show(other[1])} and {b} {show(item[1])}"
        return None


FIGURE_3 = (ElectionSafety(), LeaderAppendOnly(), LogMatching(), LeaderCompleteness(), StateMachineSafety())


def servers(configuration):
    """(node, its fields) for every server."""
    nodes = [i for i, cls in enumerate(configuration.system.classes) if keeps_record(cls)]
    if not nodes:
        raise ProtocolError(f"{configuration.system} keeps no record of its leaders; search witnessed(Raft), say")
    return [(i, configuration.state(i)) for i in nodes]


def elections(configuration):
    """(node, term, how many entries are in its snapshot, the others as pairs of index and item) for all elected."""
    return [(node, *record) for node, state in servers(configuration) for record in in_order(state["led"])]


@lru_cache(maxsize=10_000)
def in_order(records):
    """A server's records, a frozenset, as a list in an order that every process has."""
    return sorted(records, key=canonical)


def log_of(state):
    """{index: (term, entry)} of a server."""
    return dict(enumerate(state["log"], state.get("base", 0) + 1))
