"""A process of a cluster as its parent sees it: orders go in, reports come out, and at some moment it is dead."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future

from consensus_lab.cluster.frames import PEER, Frames, frame
from consensus_lab.model.errors import ProtocolError

PATIENCE = 30.0  # seconds that a live process may take to answer an order


class Worker:
    """Starts the process. `on_report(name, value)` and then, once, `on_death(why)` are called in another thread.

    Attributes
    ----------
    address : Future of [host, port]
    paused : bool
    buried : threading.Event
        Set when the process is dead and `on_death` has returned.
    """

    def __init__(self, name, log, on_report, on_death, **configuration):
        self._name, self._on_report, self._on_death = name, on_report, on_death
        self._orders, self._answers, self._lock, self._failure = 0, {}, threading.Lock(), None
        self.address, self.paused, self.buried = Future(), False, threading.Event()
        paths = [path or os.getcwd() for path in sys.path]
        with open(log, "ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "consensus_lab.cluster.process"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                process_group=0,  # so that an interrupt of the parent is not one of the nodes
            )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True, name=f"reports of {name}")
        self._reader.start()
        self._tell(configuration)

    @property
    def pid(self):
        return self._process.pid

    @property
    def alive(self):
        return self._process.returncode is None

    def order(self, do, **details):
        """Send an order; a future of its answer, which fails where the process dies before."""
        answer = Future()
        with self._lock:
            if not self.alive:
                answer.set_exception(self.gone())
                return answer
            self._orders += 1
            number = self._orders
            self._answers[number] = answer
            self._tell({"number": number, "do": do, **details})
        return answer

    def pause(self):
        self.paused = True
        os.kill(self.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self):
        self.paused = False
        os.kill(self.pid, signal.SIGCONT)

    def kill(self):
        """kill -9; returns when the process is dead and its death has been reported."""
        self._process.kill()
        self.buried.wait()

    def _tell(self, order):
        try:
            self._process.stdin.write(frame(order))
            self._process.stdin.flush()
        except (OSError, ValueError):
            pass  # it is dying or dead, and the thread that reads its reports will learn of it

    def _read(self):
        reports, stream = Frames(PEER), self._process.stdout
        while data := os.read(stream.fileno(), 65536):
            for report in reports.feed(data):
                self._take(*report)
        self._process.wait()
        stream.close()
        try:
            self._process.stdin.close()
        except OSError:
            pass  # what was still to be written goes nowhere
        with self._lock:
            waiting, self._answers = self._answers, {}
        try:
            self._on_death(self._failure)
        finally:
            self.buried.set()
            for answer in (self.address, *waiting.values()):
                if not answer.done():
                    answer.set_exception(self.gone())

    def _take(self, name, value, *more):
        if name == "done":
            self._answers.pop(value).set_result(*(more or [None]))
        elif name == "address":
            self.address.set_result(value)
        elif name == "failed":
            self._failure = value
        else:
            self._on_report(name, value)

    def gone(self):
        """The error of whoever wants something of a dead process."""
        return ProtocolError(self._failure or f"node {self._name} is down; restart it first")
