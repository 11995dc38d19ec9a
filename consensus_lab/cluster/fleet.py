"""The processes of a cluster: launched, told of each other, and buried when they have died."""

import secrets
import threading
import time
from concurrent.futures import wait as wait_for
from contextlib import closing

from consensus_lab.cluster.code import to_spec
from consensus_lab.cluster.store import Store
from consensus_lab.cluster.worker import PATIENCE, Worker
from consensus_lab.model.errors import ProtocolError


class Fleet:
    """The processes of the nodes of `system`, with their files in `directory`.

    `read` reads a value from its JSON form. `on_report(node, name, value)` and `on_failure(node, why)`, for a process
    that a handler of its node has ended, are called in other threads.
    """

    def __init__(self, system, directory, host, tick, read, on_report, on_failure):
        self._system, self._directory, self._read = system, directory, read
        self._spec, self._token = to_spec(system.classes), secrets.token_hex(16)
        self._host, self._tick, self._on_report, self._on_failure = host, tick, on_report, on_failure
        self._lock, self._workers, self._closed = threading.RLock(), {}, False
        self._groups = [frozenset(system.nodes)]

    def start(self):
        """Start all processes, and give the moment from which on they take part."""
        if self._closed or self._workers:
            raise ProtocolError("a cluster starts once; make another one")
        if any(self.file(i).exists() for i in self._system.nodes):
            raise ProtocolError(f"{self._directory} has the files of an earlier cluster; use an empty directory")
        self._directory.mkdir(parents=True, exist_ok=True)
        try:
            for i in self._system.nodes:
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

    def file(self, node):
        """Where the node's durable fields and its record are."""
        return self._directory / f"node-{node}.sqlite"

    @property
    def files(self):
        """Those of all nodes."""
        for i in self._system.nodes:
            self._known(i)
        return [self.file(i) for i in self._system.nodes]

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
        return worker

    def restart(self, node):
        """Start the process of a node that has died."""
        with self._lock:
            worker = self._known(node)
            if worker.alive:
                raise ProtocolError(f"node {node} is up; only one that is down restarts")
            worker.buried.wait(PATIENCE)
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
        self._workers[node] = Worker(
            self._system.names[node],
            self._directory / f"node-{node}.log",
            lambda name, value: self._on_report(node, name, value),
            lambda why: self._bury(node, why),
            number=node, spec=self._spec, path=str(self.file(node)), host=self._host, token=self._token,
            tick=self._tick,
        )  # fmt: skip

    def _join(self, nodes):
        """Let processes that were launched take part."""
        for node in nodes:
            self._workers[node].address.result(PATIENCE)
        self._tell()
        for begun in [self._workers[node].order("begin") for node in nodes]:
            begun.result(PATIENCE)

    def _tell(self, wait=True):
        """Tell every process that is up and not paused where the others are, and with whom it is in touch."""
        with self._lock:
            known = {i: worker for i, worker in self.alive.items() if worker.address.done()}
            addresses = [known[i].address.result() if i in known else None for i in self._system.nodes]
            groups = {i: sorted(group) for group in self._groups for i in group}
            told = [
                worker.order("world", addresses=addresses, reach=groups[i])
                for i, worker in known.items() if not worker.paused
            ]  # fmt: skip
        if wait:
            wait_for(told, PATIENCE)  # one that dies meanwhile has answered, too

    def _bury(self, node, why):
        """A process has died: its record ends with the crash, and the others look for it no longer."""
        if self._closed:
            return
        with closing(Store(self.file(node), self._read)) as store:
            count, clock = store.last()
            clock = clock or [0] * self._system.n
            clock[node] = count + 1
            store.save([(count + 1, clock, ["crash", time.monotonic(), node])])
        if why:
            self._on_failure(node, why)
        self._tell(wait=False)
