"""A process of a cluster as its parent sees it: orders go in, reports come out, and at some moment it is dead."""

import os
import select
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from typing import Any

from consensus_lab.cluster.frames import PEER, Frames, frame
from consensus_lab.model.errors import ProtocolError

START = 60.0  # seconds that a process may take to start, on a busy machine


class Worker:
    """Starts the process.

    Parameters
    ----------
    name : str
        Of the node.
    log : path
        Where its standard error goes.
    on_report : function of (name, value)
        Called in another thread.
    on_death : function of (why)
        Called in another thread, once, after the last report.
    limit : float
        Seconds that it may take to answer an order.
    **configuration
        What `consensus_lab.cluster.process` is told first.

    Attributes
    ----------
    address : Future of [host, port]
    paused : bool
        Its parent has paused it.
    reaped : threading.Event
        Set when the process is dead and `on_death` has returned.
    """

    def __init__(self, name, log, on_report, on_death, limit, **configuration):
        self._name, self._on_report, self._on_death, self._limit = name, on_report, on_death, limit
        self._unsent = bytearray()  # orders that the pipe has no room for, as its process takes none
        self._orders, self._answers, self._lock, self._failure = 0, {}, threading.Lock(), None
        self.address, self.paused, self.reaped = Future(), False, threading.Event()
        paths = [path or os.getcwd() for path in sys.path]
        with open(log, "ab") as errors:
            self._process: Any = subprocess.Popen(
                [sys.executable, "-P", "-m", "consensus_lab.cluster.process"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                process_group=0,  # so that an interrupt of the parent is not one of the nodes
            )  # fmt: skip
        os.set_blocking(self._process.stdin.fileno(), False)
        self._reader = threading.Thread(target=self._read, daemon=True, name=f"reports of {name}")
        self._reader.start()
        with self._lock:
            self._tell(configuration)

    @property
    def pid(self):
        """The number of the process."""
        return self._process.pid

    @property
    def alive(self):
        """True until the process has ended."""
        return self._process.returncode is None

    @property
    def stopped(self):
        """True if the operating system has stopped the process, whoever wanted it."""
        try:
            return os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return False

    def wait(self, answer, limit=None):
        """The result of a future of this process.

        Raises
        ------
        ProtocolError
            Where it takes longer than the limit, in seconds.
        """
        try:
            return answer.result(limit or self._limit)
        except TimeoutError:
            raise self.silent(limit) from None

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
        """Stop the process from outside, until `resume`."""
        self.paused = True
        os.kill(self.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self):
        """Let a process that was stopped go on."""
        self.paused = False
        os.kill(self.pid, signal.SIGCONT)
        with self._lock:
            self._push()

    def kill(self):
        """kill -9; returns when the process is dead and its death has been reported."""
        self._process.kill()
        self.reaped.wait()

    def _tell(self, order):
        self._unsent += frame(order)
        self._push()

    def _push(self):
        """Write what fits into the pipe. A process that is stopped takes the rest when it goes on."""
        pipe = select.poll()
        pipe.register(self._process.stdin, select.POLLOUT)
        while self._unsent:
            try:
                del self._unsent[: os.write(self._process.stdin.fileno(), self._unsent)]
            except BlockingIOError:
                if self.stopped or not pipe.poll(self._limit * 1000):
                    return
            except (OSError, ValueError):
                self._unsent.clear()  # it is dying or dead, and the thread that reads its reports will learn of it

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
            self.reaped.set()
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

    def silent(self, limit=None):
        """The error of whoever has waited for it too long."""
        if self.stopped:
            return ProtocolError(
                f"node {self._name} answers nobody: its process {self.pid} was stopped from outside (SIGSTOP); let it "
                "go on with resume, or kill it"
            )
        return ProtocolError(
            f"node {self._name} has not answered for {limit or self._limit:g} s, though its process {self.pid} is up: "
            "a handler does not end, or the machine is very busy; kill the node, or make the cluster with a longer "
            "limit=..."
        )

    def gone(self):
        """The error of whoever wants something of a dead process."""
        return ProtocolError(self._failure or f"node {self._name} is down; restart it first")
