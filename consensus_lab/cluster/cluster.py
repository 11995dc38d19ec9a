"""A protocol on real processes that talk over TCP, with the means to kill, pause and part them."""

import tempfile
import threading
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from math import inf
from pathlib import Path
from typing import Any

from consensus_lab.cluster.code import Messages
from consensus_lab.cluster.history import run_of
from consensus_lab.cluster.supervisor import Supervisor
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.json_values import plain, read_value
from consensus_lab.model.system import System
from consensus_lab.write_once.write_once import Variables


class Cluster(Variables):
    """A process for each node of a protocol, on this machine. Use it as a context manager.

    The classes are those that `System` runs. What is sent to a process that is down, or across a partition, is lost.
    A process writes its node's durable fields to a file before anything that it sends leaves, so they are there after
    a kill -9; all else is not, as in the model.

    Parameters
    ----------
    protocol, n
        As for `System`. The classes have to come from a module, a script or a notebook, from its top level.
    tick : float
        Seconds in one unit of time: a timer `after=6` fires after six of them.
    host : str
        The address at which the nodes listen, the loopback address by default.
    patience : float
        How many seconds somebody who asks for a final value waits for it, if it is not there yet.
    limit : float
        How many seconds the process of a node may take to answer its parent. Then a `ProtocolError` says whether it
        was stopped from outside, or is busy.
    directory : path, optional
        Where the files of the nodes go; a new temporary directory by default, which goes when the cluster closes.
    names : sequence of str, optional
        As for `System`.

    Examples
    --------
    >>> from consensus_lab.protocols import Synod
    >>> with Cluster(Synod, n=3) as cluster:
    ...     cluster.kill(2)
    ...     cluster.propose(0, "red")
    ...     value = cluster.write_once(1).final_value().result(timeout=10)
    >>> value
    'red'
    """

    def __init__(
        self, protocol, n=None, *, tick=0.05, host="127.0.0.1", patience=2.0, limit=10.0, directory=None, names=None
    ):
        for name, seconds, what in ("tick", tick, "a unit of time takes"), ("limit", limit, "an answer may take"):
            if not (isinstance(seconds, (int, float)) and 0 < seconds < inf):
                raise ProtocolError(f"{name}={seconds!r}: pass how many seconds {what}, above 0")
        budgets = dict.fromkeys(["crashes", "restarts", "timeouts"])
        self.system = System(protocol, n, network="lossy", names=names, **budgets)
        self._messages = Messages(self.system.classes)
        self._tick, self._patience = tick, patience
        self._temporary: Any = None if directory else tempfile.TemporaryDirectory(prefix="consensus-lab-")
        folder = Path(directory or self._temporary.name)
        self._supervisor = Supervisor(self.system, folder, host, tick, limit, self._read, self._report, self._fail)
        self._lock = threading.Lock()
        self._futures = [Future() for _ in self.system.nodes]
        self._answers = [{} for _ in self.system.nodes]  # of a client: serial -> future

    def __repr__(self):
        return f"<cluster: {self.system}, {len(self.alive)} alive>"

    def __enter__(self):
        self._began = self._supervisor.start()
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Kill every process, and remove the files unless a directory was given."""
        self._supervisor.close()
        if self._temporary:
            self._temporary.cleanup()

    # -- what clients do ------------------------------------------------------------------------------------

    def propose(self, node, value):
        """A client of `node` proposes `value`; returns once the node has taken note of it."""
        self._propose(node, value)

    def ask(self, node, command):
        """Have a `Client` node ask its servers: a future of the answer, and for a tuple of commands of the last one."""
        if not self.system.classes[self.system.number(node)].client:
            raise ProtocolError(f"node {node} is no Client; put some at the end, as in [Raft, Raft, Raft, Client]")
        worker = self._supervisor.worker(node, awake=True)
        return self._answer(node, worker.wait(self._propose(node, command)))

    @property
    def decisions(self):
        """{node: value} for the nodes that have reported a decision."""
        return {i: future.result() for i, future in enumerate(self._futures) if _done(future)}

    def state(self, node, *names):
        """The fields of a live node by name, its decision among them, as they are now; all, or those of `names`."""
        worker = self._supervisor.worker(node, awake=True)
        fields = worker.wait(worker.order("state", names=names))
        return {name: self._read(data) for name, data in fields.items()}

    # -- what goes wrong ------------------------------------------------------------------------------------

    def kill(self, node):
        """kill -9 the process of `node`."""
        self._supervisor.worker(node).kill()

    def restart(self, node):
        """Start the process of a node again, with what it has on disk."""
        self._supervisor.restart(node)

    def pause(self, node):
        """Stop the process of `node` (SIGSTOP): it takes no step, but nobody can tell, and nothing is forgotten."""
        self._supervisor.worker(node).pause()

    def resume(self, node):
        """Let a paused process go on."""
        self._supervisor.resume(node)

    def partition(self, *groups):
        """From now on no message gets from one group of nodes to another. A node in none is a group of its own."""
        groups = [frozenset(map(self.system.number, group)) for group in groups]
        grouped = [node for group in groups for node in group]
        if len(grouped) != len(set(grouped)):
            raise ProtocolError(f"partition{groups!r}: a node is in one group at most")
        self._supervisor.part([*groups, *(frozenset([i]) for i in self.system.nodes if i not in grouped)])

    def heal(self):
        """The end of a partition."""
        self.partition(self.system.nodes)

    @property
    def alive(self):
        """The nodes whose processes are up, paused ones among them."""
        return tuple(self._supervisor.alive)

    @property
    def processes(self):
        """{node: process id} of the live processes."""
        return {i: worker.pid for i, worker in self._supervisor.alive.items()}

    @property
    def addresses(self):
        """{node: (host, port)} of the live processes."""
        return {i: tuple(worker.wait(worker.address)) for i, worker in self._supervisor.alive.items()}

    @property
    def paused(self):
        """The live nodes whose processes are paused, by `pause` or from outside."""
        return tuple(i for i, worker in self._supervisor.alive.items() if worker.paused or worker.stopped)

    # -- what has happened ----------------------------------------------------------------------------------

    def run(self):
        """The run so far, as the processes have recorded it; see `consensus_lab.cluster.history`."""
        return run_of(self.system, self._supervisor.records(), self._messages, self._began, self._tick)

    # -- what `Variables` needs -----------------------------------------------------------------------------

    def _propose(self, node, value):
        worker = self._supervisor.worker(node)
        worker = worker if worker.paused else self._supervisor.worker(node, awake=True)
        self.system.can_propose(node, value)
        noted = worker.order("propose", value=plain(value))
        if not worker.paused:
            worker.wait(noted)
        return noted

    def _future(self, node):
        wait_for([self._futures[node]], self._patience)
        return self._futures[node]

    def _ask(self, node, command):
        answer = self.ask(node, command)
        wait_for([answer], self._patience)
        return [(None, command, answer.result())] if answer.done() else []

    # -- what the processes tell ----------------------------------------------------------------------------

    def _read(self, data):
        return read_value(data, self._messages)

    def _report(self, node, name, value):
        """A process tells what its node has come to."""
        if name == "decided":
            future = self._futures[node]
        else:
            serial, value = value
            future = self._answer(node, serial)
        if not future.done():
            future.set_result(self._read(value))

    def _fail(self, node, why):
        """A handler of the node has broken a rule, and ended its process."""
        if not self._futures[node].done():
            self._futures[node].set_exception(ProtocolError(why))

    def _answer(self, client, serial):
        with self._lock:
            return self._answers[client].setdefault(serial, Future())


def _done(future):
    return future.done() and not future.exception()
