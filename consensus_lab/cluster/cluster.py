"""A protocol on real processes that talk over TCP, with the means to kill, pause and part them."""

import secrets
import tempfile
import threading
import time
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from contextlib import closing
from pathlib import Path

from consensus_lab.cluster.code import Messages, to_spec
from consensus_lab.cluster.history import run_of
from consensus_lab.cluster.store import Store, record
from consensus_lab.cluster.worker import PATIENCE, Worker
from consensus_lab.errors import ProtocolError
from consensus_lab.json_values import plain, read_value
from consensus_lab.system import System
from consensus_lab.write_once import Variables


class Cluster(Variables):
    """A process for each node of a protocol, on this machine. Use it as a context manager.

    The classes are those that `System` runs. What is sent to a process that is down, or across a partition, is lost.
    A process writes its node's durable fields to a file before anything that it sends leaves, so they are there after
    a kill -9; all else is not, as in the model.

    Parameters
    ----------
    protocol, n, names
        As for `System`. The classes have to come from a module, a script or a notebook, from its top level.
    tick : float
        Seconds in one unit of time: a timer `after=6` fires after six of them.
    host : str
        The address at which the nodes listen, the loopback address by default.
    patience : float
        How many seconds somebody who asks for a final value waits for it, if it is not there yet.
    directory : path, optional
        Where the files of the nodes go; a new temporary directory by default, which goes when the cluster closes.

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

    def __init__(self, protocol, n=None, *, tick=0.05, host="127.0.0.1", patience=2.0, directory=None, names=None):
        if not (isinstance(tick, (int, float)) and tick > 0):
            raise ProtocolError(f"tick={tick!r}: pass how many seconds a unit of time takes, above 0")
        budgets = dict.fromkeys(["crashes", "restarts", "timeouts"])
        self.system = System(protocol, n, network="lossy", names=names, **budgets)
        self._spec = to_spec(self.system.classes)
        self._messages = Messages(self.system.classes)
        self._tick, self._host, self._patience, self._token = tick, host, patience, secrets.token_hex(16)
        self._temporary = None if directory else tempfile.TemporaryDirectory(prefix="consensus-lab-")
        self._directory = Path(directory or self._temporary.name)
        self._lock = threading.RLock()
        self._workers = {}
        self._groups = [frozenset(self.system.nodes)]
        self._futures = [Future() for _ in self.system.nodes]
        self._answers = [{} for _ in self.system.nodes]  # of a client: serial -> future
        self._closed = False

    def __repr__(self):
        return f"<cluster: {self.system}, {len(self.alive)} alive>"

    def __enter__(self):
        if self._closed or self._workers:
            raise ProtocolError("a cluster starts once; make another one")
        if any(self._file(i).exists() for i in self.system.nodes):
            raise ProtocolError(f"{self._directory} has the files of an earlier cluster; use an empty directory")
        self._directory.mkdir(parents=True, exist_ok=True)
        try:
            with self._lock:
                for i in self.system.nodes:
                    self._launch(i)
            self._join(self.system.nodes)
            self._began = time.monotonic()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Kill every process, and remove the files unless a directory was given."""
        self._closed = True
        for worker in self._workers.values():
            worker.kill()
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
        self._awake(node)
        serial = self._propose(node, command).result(PATIENCE)
        with self._lock:
            return self._answers[node].setdefault(serial, Future())

    @property
    def decisions(self):
        """{node: value} for the nodes that have reported a decision."""
        return {i: future.result() for i, future in enumerate(self._futures) if future.done()}

    def state(self, node, *names):
        """The fields of a live node by name, its decision among them, as they are now; all, or those of `names`."""
        fields = self._awake(node).order("state", names=names).result(PATIENCE)
        return {name: read_value(data, self._messages) for name, data in fields.items()}

    # -- what goes wrong ------------------------------------------------------------------------------------

    def kill(self, node):
        """kill -9 the process of `node`."""
        self._worker(node).kill()

    def restart(self, node):
        """Start the process of a node again, with what it has on disk."""
        with self._lock:
            worker = self._workers[self.system.number(node)]
            if worker.alive:
                raise ProtocolError(f"node {node} is up; only one that is down restarts")
            worker.buried.wait(PATIENCE)
            self._launch(node)
        self._join([node])

    def pause(self, node):
        """Stop the process of `node` (SIGSTOP): it takes no step, but nobody can tell, and nothing is forgotten."""
        self._worker(node).pause()

    def resume(self, node):
        """Let a paused process go on."""
        self._worker(node).resume()

    def partition(self, *groups):
        """From now on no message gets from one group of nodes to another. A node in none is a group of its own."""
        groups = [frozenset(map(self.system.number, group)) for group in groups]
        grouped = [node for group in groups for node in group]
        if len(grouped) != len(set(grouped)):
            raise ProtocolError(f"partition{groups!r}: a node is in one group at most")
        self._groups = groups + [frozenset([i]) for i in self.system.nodes if i not in grouped]
        self._tell_the_world()

    def heal(self):
        """The end of a partition."""
        self.partition(self.system.nodes)

    @property
    def alive(self):
        """The nodes whose processes are up, paused ones among them."""
        return tuple(i for i, worker in self._workers.items() if worker.alive)

    @property
    def processes(self):
        """{node: process id} of the live processes."""
        return {i: self._workers[i].pid for i in self.alive}

    @property
    def addresses(self):
        """{node: (host, port)} of the live processes."""
        return {i: tuple(self._workers[i].address.result(PATIENCE)) for i in self.alive}

    @property
    def paused(self):
        """The live nodes whose processes are paused."""
        return tuple(i for i in self.alive if self._workers[i].paused)

    # -- what has happened ----------------------------------------------------------------------------------

    def run(self):
        """The run so far, as the processes have recorded it; see `consensus_lab.cluster.history`."""
        if self._closed:
            raise ProtocolError("the cluster is closed and its records are gone; call run() before that")
        records = [record(self._file(i)) for i in self.system.nodes]
        return run_of(self.system, records, self._messages, self._began, self._tick)

    # -- what `Variables` needs -----------------------------------------------------------------------------

    def _propose(self, node, value):
        worker = self._worker(node)
        self.system.can_propose(node, value)
        noted = worker.order("propose", value=plain(value))
        if not worker.paused:
            noted.result(PATIENCE)
        return noted

    def _future(self, node):
        wait_for([self._futures[node]], self._patience)
        return self._futures[node]

    def _ask(self, node, command):
        answer = self.ask(node, command)
        wait_for([answer], self._patience)
        return [(None, command, answer.result())] if answer.done() else []

    # -- how it is done -------------------------------------------------------------------------------------

    def _file(self, node):
        return self._directory / f"node-{node}.sqlite"

    def _launch(self, node):
        self._workers[node] = Worker(
            self.system.names[node],
            self._directory / f"node-{node}.log",
            lambda name, value: self._report(node, name, value),
            lambda why: self._bury(node, why),
            number=node, spec=self._spec, path=str(self._file(node)), host=self._host, token=self._token,
            tick=self._tick,
        )  # fmt: skip

    def _join(self, nodes):
        """Let processes that were launched take part."""
        for node in nodes:
            self._workers[node].address.result(PATIENCE)
        self._tell_the_world()
        for begun in [self._workers[node].order("begin") for node in nodes]:
            begun.result(PATIENCE)

    def _tell_the_world(self, wait=True):
        """Tell every live process where the others are, and with whom it is in touch."""
        with self._lock:
            known = {i: worker for i, worker in self._workers.items() if worker.alive and worker.address.done()}
            addresses = [known[i].address.result() if i in known else None for i in self.system.nodes]
            groups = {i: sorted(group) for group in self._groups for i in group}
            told = [(w, w.order("world", addresses=addresses, reach=groups[i])) for i, w in known.items()]
        for worker, answer in told if wait else ():
            if not worker.paused:
                wait_for([answer], PATIENCE)  # it may die meanwhile

    def _worker(self, node):
        """The live process of a node."""
        worker = self._workers.get(self.system.number(node))
        if worker is None:
            raise ProtocolError("the cluster has not started; use it as a context manager: with Cluster(...) as it:")
        if not worker.alive:
            raise worker.gone()
        return worker

    def _awake(self, node):
        """The process of a node that can answer."""
        worker = self._worker(node)
        if worker.paused:
            raise ProtocolError(f"node {node} is paused and answers nobody; resume it first")
        return worker

    def _report(self, node, name, value):
        """A process tells what its node has come to."""
        if name == "decided":
            future = self._futures[node]
        else:
            serial, value = value
            with self._lock:
                future = self._answers[node].setdefault(serial, Future())
        if not future.done():
            future.set_result(read_value(value, self._messages))

    def _bury(self, node, why):
        """A process has died: its record ends with the crash, and the others look for it no longer."""
        if self._closed:
            return
        with closing(Store(self._file(node), lambda data: read_value(data, self._messages))) as store:
            count, clock = store.last()
            clock = clock or [0] * self.system.n
            clock[node] = count + 1
            store.save([(count + 1, clock, ["crash", time.monotonic(), node])])
        if why and not self._futures[node].done():
            self._futures[node].set_exception(ProtocolError(why))
        self._tell_the_world(wait=False)
