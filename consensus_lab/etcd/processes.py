"""A real etcd cluster on this machine, to be killed in parts."""

import inspect
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from consensus_lab.etcd.write_once import EtcdWriteOnce, client_of, passing

__all__ = ["EtcdCluster", "EtcdWriteOnce", "on_etcd", "why_missing"]

RECORDED = Path(__file__).with_name("recorded.json")
PATIENCE = 30  # seconds until a cluster has a leader
STARTS = 3  # a port that was free may be taken before etcd has it; then all begins anew
# Runs a member that ends when a line says so, and also when whoever started it is gone and the pipe is closed.
LIFELINE = 'exec 3<&0; "$@" & member=$!; { read _ <&3; kill -9 $member; } & wait $member; kill $! 2>/dev/null'


class EtcdCluster:
    """A cluster of etcd members on loopback, with its data in a temporary directory.

    It ends with `close`, at the end of a ``with``, or with the process that started it, however that ends.

    Parameters
    ----------
    size : int
        How many members it has.

    Attributes
    ----------
    endpoints : tuple of str
        Where each member serves its clients: "127.0.0.1:…".
    directory : Path
        What the members have on the disk, and their logs.
    """

    def __init__(self, size=3):
        if size < 1:
            raise ValueError(f"size={size!r}: a cluster has at least one member")
        if why_missing():
            raise RuntimeError(why_missing())
        self.directory = Path(tempfile.mkdtemp(prefix="consensus-lab-etcd-"))
        self._members: list[Any] = [None] * size
        self._variables = []
        self.close = weakref.finalize(self, _end, self._members, self._variables, self.directory)
        if not any(self._form(size, attempt) for attempt in range(STARTS)):
            logs = self._logs()
            self.close()
            raise RuntimeError(f"etcd does not start; the members' last words:\n{logs}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __repr__(self):
        size = len(self._members)
        return f"<etcd cluster: {size - len(self.down)} of {size} members are up>"

    def write_once(self, key):
        """The write-once variable of this name, asked for at any member."""
        variable = EtcdWriteOnce(self.endpoints, key)
        self._variables.append(variable)
        return variable

    @property
    def down(self):
        """The numbers of the members that were killed and not restarted."""
        return tuple(i for i, member in enumerate(self._members) if member is None)

    def leader(self):
        """The number of the member that leads; waits for one if there has to be an election."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            leading = [(status["raftTerm"], i) for i, status in self._statuses() if _leads(status)]
            if leading:
                return max(leading)[1]
            time.sleep(0.05)
        raise TimeoutError(f"{self!r} has had no leader for {PATIENCE} s; the members' last words:\n{self._logs()}")

    def kill(self, i):
        """Kill member `i` as ``kill -9`` does."""
        _kill(self._up(i))
        self._members[i] = None

    def restart(self, i):
        """Start member `i`, which was killed, on the data that it has left on the disk."""
        if self._members[i] is not None:
            raise ValueError(f"member {i} is up; kill it first")
        self._start(i)

    # -- the processes --------------------------------------------------------------------------------------

    def _form(self, size, attempt):
        """Start all members, without any data; True once all are up and one of them leads."""
        for i in set(range(size)) - set(self.down):
            self.kill(i)
        ports = _free_ports(2 * size)
        self.endpoints = tuple(f"127.0.0.1:{port}" for port in ports[:size])
        self._peers = tuple(f"http://127.0.0.1:{port}" for port in ports[size:])
        self._clients = [client_of(endpoint) for endpoint in self.endpoints]
        self._data = self.directory / str(attempt)
        self._data.mkdir()
        for i in range(size):
            self._start(i)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and all(member.poll() is None for member in self._members):
            statuses = [status for _, status in self._statuses()]
            if len(statuses) == size and any(map(_leads, statuses)):
                return True
            time.sleep(0.05)
        return False

    def _start(self, i):
        client, peer = f"http://{self.endpoints[i]}", self._peers[i]
        options = {
            "name": f"member-{i}",
            "data-dir": self._data / str(i),
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": ",".join(f"member-{j}={url}" for j, url in enumerate(self._peers)),
            "initial-cluster-token": self.directory.name,
        }
        command = ["etcd", *(f"--{name}={value}" for name, value in options.items())]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ETCD_")}
        if platform.machine() == "aarch64":
            environment["ETCD_UNSUPPORTED_ARCH"] = "arm64"  # older ones refuse to start there without it
        with open(self._log(i), "ab") as log:
            self._members[i] = subprocess.Popen(
                ["sh", "-c", LIFELINE, "sh", *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,  # so that Ctrl-C stops a cell, and not the cluster
            )

    def _up(self, i):
        if self._members[i] is None:
            raise ValueError(f"member {i} is down already")
        return self._members[i]

    def _statuses(self):
        for i, member in enumerate(self._members):
            if member:
                try:
                    yield i, self._clients[i].status()
                except passing():
                    continue  # not there yet, or no longer

    def _log(self, i):
        return self._data / f"{i}.log"

    def _logs(self):
        last = [self._log(i).read_text(errors="replace").splitlines()[-1:] for i in range(len(self._members))]
        return "\n".join(line for lines in last for line in lines)


def why_missing():
    """Why no cluster can be started here, and what to do about it; empty where it can."""
    if sys.platform == "emscripten":
        return "A page cannot start processes, so there is no etcd here."
    if not shutil.which("etcd"):
        return "etcd is not installed here: tools/system-packages installs it, or sudo apt-get install etcd-server."
    if not find_spec("etcd3gw"):
        return "The client of etcd is not installed here: pip install etcd3gw."
    return ""


def on_etcd(story):
    """Print the lines that `story(cluster)` yields on a new cluster.

    Where there is no etcd this says so, and then prints what the same story told where there was one. That is in a
    file of the package, which is written anew where the environment has CONSENSUS_LAB_RECORD.
    """
    source = inspect.getsource(story).strip()
    told = json.loads(RECORDED.read_text(encoding="utf-8"))
    if why_missing():
        print(why_missing())
        if told.get(story.__name__, {}).get("source") == source:
            print("This is what the cell printed where it is:")
            print("\n".join(told[story.__name__]["lines"]))
        else:
            print("Nobody has recorded what this cell prints where it is.")
        return
    lines = []
    with EtcdCluster() as cluster:
        for line in story(cluster):
            print(line)
            lines.append(line)
    if os.environ.get("CONSENSUS_LAB_RECORD"):
        told[story.__name__] = {"source": source, "lines": lines}
        RECORDED.write_text(json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def _leads(status):
    return status.get("leader") == status["header"]["member_id"]


def _free_ports(n):
    """So many ports of loopback that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _kill(member):
    try:
        member.communicate(b"\n", timeout=10)
    except subprocess.TimeoutExpired:
        member.kill()
        member.wait()


def _end(members, variables, directory):
    for variable in variables:
        variable.close()
    for member in filter(None, members):
        _kill(member)
    members[:] = [None] * len(members)
    shutil.rmtree(directory, ignore_errors=True)
