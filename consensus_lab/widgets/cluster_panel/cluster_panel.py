"""Real processes to kill, pause and part by hand, and the run that really happened on a stage."""

from contextlib import suppress
from itertools import accumulate, pairwise
from typing import Any

from consensus_lab.cluster import Cluster
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.run import Run
from consensus_lab.model.values import show
from consensus_lab.widgets.base import Recorded
from consensus_lab.widgets.stage.stage import Stage

LONGEST = 600  # events that the stage is given
STEPS = 0.25, 2.0  # units of time between two events as they are drawn: no less, no more
EVENED = "Drawn in even steps: in truth a message took less than a millisecond, and the pauses were longer."
TOLD = ("role", "term", "answers", "decided")  # what the fields that say how a node stands are called


class ClusterPanel(Recorded):
    """A cluster that the reader starts, ill-treats, and watches again. Without a kernel it shows a recorded run.

    Parameters
    ----------
    protocol, n
        As for `Cluster`.
    run : Run
        A run that these nodes once had, for the page; it names them too.
    values : list, or mapping of a text to a value
        What can be proposed.
    at : sequence of int
        The nodes at which it can be proposed; the first two by default.
    title : str
        Stands above the panel.
    tick : float
        Seconds in a unit of time; slow enough to follow.

    Examples
    --------
    >>> from consensus_lab import System, simulate
    >>> from consensus_lab.protocols import Synod
    >>> ClusterPanel(Synod, n=3, run=simulate(System(Synod, n=3, proposals={0: "red"})))
    ClusterPanel(Synod, 3 processes)
    """

    kind, heading = "cluster_panel", "Transcript of the recorded run"
    needs = ("stage",)
    _running = None  # the panel of this kernel whose processes are up: there is one at most

    def __init__(self, protocol, n=None, *, run, values=("red", "blue"), at=(0, 1), title="Real processes", tick=0.3):
        self._cluster: Any = None
        self._cut, self._words = frozenset(), {}
        self._make = lambda: Cluster(protocol, n, tick=tick, names=run.system.names)
        self._system, self._run = self._make().system, run
        self._values = dict(values) if hasattr(values, "keys") else {show(value): value for value in values}
        self._stage = Stage(evened(run), title="What really happened once", about=EVENED)
        nodes = [self._system.number(i) for i in at]
        for i in nodes:
            for value in self._values.values():
                self._system.can_propose(i, value)
        super().__init__(payload={
            "version": 1, "title": title, "live": True, "names": list(self._system.names),
            "values": list(self._values), "at": nodes, "stage": self._stage.payload,
        })  # fmt: skip

    def __repr__(self):
        kinds = " and ".join(cls.__name__ for cls in dict.fromkeys(self._system.classes))
        return f"ClusterPanel({kinds}, {self._system.n} processes)"

    @property
    def recorded(self):
        return self.payload | {"live": False}

    @property
    def picture(self):
        """The still picture of the recorded run."""
        return self._stage.picture

    @property
    def transcript(self):
        """The recorded run, a line an event."""
        return str(self._run)

    @property
    def protocols(self):
        return list(dict.fromkeys(self._system.classes))

    def close(self):
        self._end()
        super().close()

    # -- requests -------------------------------------------------------------------------------------------

    def answer(self, message):
        """The reply to a request. ``{"do": "cluster", "act": ...}`` is for the processes; others are the stage's."""
        if not (isinstance(message, dict) and message.get("do") == "cluster"):
            return super().answer(message)
        try:
            self._act(message.get("act"), message)
            reply = {"nodes": self._look()}
            return reply | ({"stage": self._played()} if message.get("act") == "play" else {})
        except ProtocolError as error:
            return {"error": " ".join(str(error).split()), "nodes": self._look()}

    def _act(self, act, message):
        if act == "start":
            return self._start()
        if act == "look":
            return None
        if self._cluster is None:
            raise ProtocolError("the processes have not been started")
        if act == "end":
            return self._end()
        if act == "propose":
            return self._propose(message.get("node"), message.get("value"))
        if act == "cut":
            return self._part(message.get("node"))
        if act in ("kill", "restart", "pause", "resume"):
            return getattr(self._cluster, act)(message.get("node"))
        if act != "play":
            raise ProtocolError(f"no such act: {act!r}")

    def _start(self):
        if ClusterPanel._running:
            ClusterPanel._running._end()
        self._cut, self._words, cluster = frozenset(), {}, self._make()
        self._cluster = cluster.__enter__()
        ClusterPanel._running = self

    def _end(self):
        cluster, self._cluster = self._cluster, None
        if cluster:
            ClusterPanel._running = None
            cluster.close()

    def _propose(self, node, value):
        if not isinstance(value, str) or value not in self._values:
            raise ProtocolError(f"{value!r} is none of the values: {', '.join(self._values)}")
        self._cluster.propose(node, self._values[value])

    def _part(self, node):
        """Cut a node off, or let it join the others again."""
        self._cut ^= {self._system.number(node)}
        rest = [i for i in self._system.nodes if i not in self._cut]
        self._cluster.partition(rest, sorted(self._cut)) if self._cut else self._cluster.heal()

    def _look(self):
        """How each process is, and what its node has come to."""
        return [self._looked(i) for i in self._system.nodes] if self._cluster else []

    def _looked(self, i):
        cluster = self._cluster
        state = "down" if i not in cluster.alive else "paused" if i in cluster.paused else "up"
        if state == "up":
            with suppress(ProtocolError):  # it has died in between
                self._words[i] = _in_words(cluster.state(i, *TOLD))
        words = {"down": "no process", "paused": "takes no step"}.get(state, self._words.get(i, ""))
        return {"state": state, "words": words, "cut": i in self._cut, "pid": cluster.processes.get(i)}

    def _played(self):
        """The payload of a stage with the run that has happened."""
        run = self._cluster.run()
        shorter = Run(run.system, run.events[:LONGEST], run.times[:LONGEST])
        cut = f" These are the first {LONGEST} of {len(run):,} events." if len(run) > LONGEST else ""
        return Stage(evened(shorter), title="What really happened", about=EVENED + cut).payload


def evened(run):
    """The same run at a pace that one can follow."""
    least, most = STEPS
    gaps = [min(max(after - before, least), most) for before, after in pairwise((0.0, *run.times))]
    return Run(run.system, run.events, [round(time, 6) for time in accumulate(gaps)])


def _in_words(state):
    words = [f"{state['role']}, term {state['term']}"] if "role" in state and "term" in state else []
    if state["decided"] is not None:
        words.append(f"decided {show(state['decided'])}")
    if "answers" in state:
        words.append(f"was told {show(state['answers'][-1][-1])}" if state["answers"] else "has no answer yet")
    return "; ".join(words) or "undecided"
