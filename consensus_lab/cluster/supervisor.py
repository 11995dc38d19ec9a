"""The processes of a cluster: launched, told of each other, and reaped when they have died."""

import secrets
import threading
import time
from concurrent.futures import wait as wait_for
from contextlib import closing, suppress

from consensus_lab.cluster.code import to_spec
from consensus_lab.cluster.files import Saves, create
from consensus_lab.cluster.store import Store, record, with_crash
from consensus_lab.cluster.worker import START, Worker
from consensus_lab.model.errors import ProtocolError


class Supervisor:
    """The processes of the nodes of a system.

    Parameters
    ----------
    system : System
        Whose nodes they run.
    directory : Path
        Where their files go.
    host : str
        The address at which they listen.
    tick, limit : float
        Seconds in a unit of time, and seconds that a live process may take to answer.
    read : function of data
        Reads a value from its JSON form.
    on_report : function of (node, name, value)
        Called in another thread when a process tells what its node has come to.
    on_failure : function of (node, why)
        Called in another thread when a process has been ended by a handler of its node.
    """

    def __init__(self, system, directory, host, tick, limit, read, on_report, on_failure):
        self._system, self._directory, self._read = system, directory, read
        self._spec, self._token, self._name = to_spec(system.classes), secrets.token_hex(16), secrets.token_hex(8)
        self._host, self._tick, self._limit = host, tick, limit
        self._on_report, self._on_failure = on_report, on_failure
        self._lock, self._workers, self._closed = threading.RLock(), {}, False
        self._groups = [frozenset(system.nodes)]
        self._saves = {}  # of a node that has been launched
        self._progress = {}  # of a node that has died: what its file had come to
        self._crashes = {}  # node -> the moment of a death that is not in its file yet

    def start(self):
        """Start all processes, and give the moment from which on they take part."""
        if self._closed or self._workers:
            raise ProtocolError("a cluster starts once; make another one")
        if any(self.file(i).exists() for i in self._system.nodes):
            raise ProtocolError(f"{self._directory} has the files of an earlier cluster; use an empty directory")
        self._directory.mkdir(parents=True, exist_ok=True)
        try:
            for i in self._system.nodes:
                create(self.file(i), self._owner(i))
                self._launch(i)
            self._join(self._system.nodes)
        except BaseException:
            self.close()
            raise
        return time.monotonic()

    def close(self):
        """Kill them all."""
        self._closed = True
        for worker in self._workers.values():
            worker.kill()
        for saves in self._saves.values():
            saves.close()

    def file(self, node):
        """Where the node's durable fields and its record are."""
        return self._directory / f"node-{node}.sqlite"

    def records(self):
        """The record of each node: a list of (clock, event) a node."""
        for i in self._system.nodes:
            self._known(i)
        return [self._record(i) for i in self._system.nodes]

    @property
    def alive(self):
        """{node: Worker} of the processes that are up."""
        return {i: worker for i, worker in self._workers.items() if worker.alive}

    def worker(self, node, awake=False):
        """The live process of a node; one that is not paused either, if it is to answer."""
        worker = self._known(node)
        if not worker.alive:
            raise worker.gone()
        if awake and worker.paused:
            raise ProtocolError(f"node {node} is paused and answers nobody; resume it first")
        if awake and worker.stopped:
            raise worker.silent()
        return worker

    def restart(self, node):
        """Start the process of a node that has died."""
        with self._lock:
            worker = self._known(node)
            if worker.alive:
                raise ProtocolError(f"node {node} is up; only one that is down restarts")
            worker.reaped.wait()
            if node in self._crashes:
                self._note_crash(node)
            Store(self.file(node), self._read, self._owner(node), self._progress[node]).close()  # or it says why not
            self._launch(node)
        self._join([node])

    def resume(self, node):
        """Let a paused process go on. What has changed in the meantime is the first that it hears."""
        worker = self.worker(node)
        worker.paused = False
        self._tell(wait=False)
        worker.resume()

    def part(self, groups):
        """From now on only nodes of one group are in touch; each node is in one of the groups."""
        self._groups = groups
        self._tell()

    # -- how it is done -------------------------------------------------------------------------------------

    def _known(self, node):
        worker = self._workers.get(self._system.number(node))
        if self._closed:
            raise ProtocolError("the cluster is closed; make another one")
        if worker is None:
            raise ProtocolError("the cluster has not started; use it as a context manager: with Cluster(...) as it:")
        return worker

    def _launch(self, node):
        if node in self._saves:
            self._saves[node].close()
        self._saves[node] = Saves(self.file(node))
        self._workers[node] = Worker(
            self._system.names[node],
            self._directory / f"node-{node}.log",
            lambda name, value: self._on_report(node, name, value),
            lambda why: self._reap(node, why),
            self._limit,
            number=node, spec=self._spec, path=str(self.file(node)), owner=self._owner(node),
            least=self._progress.get(node, (0, 0)), host=self._host, token=self._token, tick=self._tick,
        )  # fmt: skip

    def _join(self, nodes):
        """Let processes that were launched take part."""
        workers = [self._workers[node] for node in nodes]
        for worker in workers:
            worker.wait(worker.address, START)
        self._tell()
        for worker, begun in [(worker, worker.order("begin")) for worker in workers]:
            worker.wait(begun, START)

    def _tell(self, wait=True):
        """Tell every process that is up and not paused where the others are, and with whom it is in touch."""
        with self._lock:
            known = {i: worker for i, worker in self.alive.items() if worker.address.done()}
            addresses = [known[i].address.result() if i in known else None for i in self._system.nodes]
            groups = {i: sorted(group) for group in self._groups for i in group}
            told = [
                (worker, worker.order("world", addresses=addresses, reach=groups[i]))
                for i, worker in known.items() if not worker.paused
            ]  # fmt: skip
            waited = [answer for worker, answer in told if not worker.stopped]
        if wait:
            wait_for(waited, self._limit)  # one that dies meanwhile has answered, too

    def _reap(self, node, why):
        """A process has died: its record ends with the crash, and the others look for it no longer."""
        if self._closed:
            return
        self._crashes[node] = time.monotonic()
        _, events = self._progress.get(node, (0, 0))
        self._progress[node] = self._saves[node].read(), events
        with suppress(Exception):  # whatever is wrong with its file; `records` has it all the same
            self._note_crash(node)
        if why:
            self._on_failure(node, why)
        self._tell(wait=False)

    def _note_crash(self, node):
        with closing(Store(self.file(node), self._read, self._owner(node), self._progress[node])) as store:
            store.add_crash(node, self._crashes[node], self._system.n)
            self._progress[node] = store.progress
        del self._crashes[node]

    def _record(self, node):
        rows, moment = record(self.file(node)), self._crashes.get(node)
        return rows if moment is None else with_crash(rows, node, moment, self._system.n)

    def _owner(self, node):
        return f"{self._name}, node {node}"
