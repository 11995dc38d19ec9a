"""The processes of a cluster: where their classes come from, and that nothing of them stays behind."""

import json
import os
import signal
import subprocess
import sys
import threading
from types import ModuleType

import nbformat
import pytest
from nbclient import NotebookClient

from consensus_lab import ProtocolError
from consensus_lab.cluster import Cluster
from consensus_lab.cluster.code import Messages
from consensus_lab.cluster.files import create
from consensus_lab.cluster.frames import frame
from consensus_lab.cluster.host import Host
from consensus_lab.cluster.store import Store
from consensus_lab.model.json_values import read_value
from consensus_lab.protocols import Coordinator, Synod
from consensus_lab.protocols.paxos.synod import Prepare
from tests.cluster.nodes import Forgetful, Stillborn
from tests.cluster.test_cluster import until, value_of

OWN = """
from consensus_lab import Message, Node
from consensus_lab.cluster import Cluster

class Say(Message):
    text: str

def louder(text):
    return text.upper()

class Loud(Node):
    said: tuple = ()

    def propose(self, value):
        self.broadcast(Say(louder(value)))

    def receive(self, sender, message):
        match message:
            case Say(text):
                self.decide(text)
"""
RUN = """
with Cluster(Loud, n=2) as cluster:
    cluster.propose(0, "red")
    print(cluster.write_once(1).final_value().result(20))
    assert len(cluster.run().decisions) == 2
"""


def gone(pid):
    return not os.path.exists(f"/proc/{pid}")


def test_a_script_runs_its_own_classes(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(OWN + RUN)
    assert subprocess.check_output([sys.executable, script], text=True, timeout=60) == "RED\n"


def test_a_notebook_runs_the_classes_of_its_cells():
    cells = [nbformat.v4.new_code_cell(cell) for cell in (OWN, RUN)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=60).execute()
    assert notebook.cells[-1].outputs[0]["text"] == "RED\n"


def test_classes_without_a_source_are_refused():
    program = f"text = {OWN!r}\nexec(text)\nCluster(Loud, n=2)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "ProtocolError: the classes have no source to be found" in done.stderr


def test_two_message_classes_of_one_name_are_refused(monkeypatch):
    other = ModuleType("other")
    monkeypatch.setitem(sys.modules, "other", other)
    exec(OWN.replace("Say", "Prepare"), other.__dict__)
    assert Messages([other.Loud]).message("Prepare", ["x"]) == other.Prepare("x")
    with pytest.raises(ProtocolError, match="synod and other both have a message class Prepare"):
        Messages([Synod, other.Loud])


def test_nothing_is_left_when_a_cluster_has_closed():
    files, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    with Cluster(Synod, n=3) as cluster:
        pids = [*cluster.processes.values()]
        cluster.pause(1)
        cluster.kill(2)
        cluster.restart(2)
        pids.append(cluster.processes[2])
        directory = cluster._supervisor._directory
        assert directory.exists()
    assert all(map(gone, pids))
    assert not directory.exists()
    until(lambda: threading.active_count() <= threads)
    assert len(os.listdir("/proc/self/fd")) <= files


def test_processes_end_when_their_parent_is_killed_paused_ones_among_them(tmp_path):
    program = f"""
import json, time
from consensus_lab.cluster import Cluster
from consensus_lab.protocols import Synod
with Cluster(Synod, n=3, directory={str(tmp_path)!r}) as cluster:
    cluster.pause(1)
    print(json.dumps([*cluster.processes.values()]), flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        pids = json.loads(parent.stdout.readline())
        assert not any(map(gone, pids))
        parent.send_signal(signal.SIGKILL)
    until(lambda: all(gone(pid) or state(pid) == "Z" for pid in pids))


def test_processes_end_when_their_parent_is_killed_though_a_handler_does_not_end(tmp_path):
    program = f"""
import json, threading, time
from consensus_lab.cluster import Cluster
from tests.cluster.nodes import Endless
with Cluster(Endless, n=2, directory={str(tmp_path)!r}) as cluster:
    threading.Thread(target=cluster.propose, args=[0, "go"], daemon=True).start()
    time.sleep(0.5)
    print(json.dumps([*cluster.processes.values()]), flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        pids = json.loads(parent.stdout.readline())
        assert not any(map(gone, pids))
        parent.send_signal(signal.SIGKILL)
    until(lambda: all(gone(pid) or state(pid) == "Z" for pid in pids))


def state(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"


def test_a_process_that_dies_by_itself_is_missed_at_once():
    with Cluster(Coordinator, n=3) as cluster:
        os.kill(cluster.processes[0], signal.SIGTERM)
        until(lambda: cluster.alive == (1, 2))
        cluster.propose(1, "red")
        assert value_of(cluster, 2) == "red"
        assert cluster.run().last.crashed == {0}


def test_a_cluster_that_cannot_start_says_why_and_leaves_nothing():
    cluster = Cluster(Stillborn, n=2)
    with pytest.raises(ProtocolError, match="Stillborn, node 0.*not today"), cluster:
        pass
    assert cluster.alive == ()


class Disk(Store):
    """Writes down what is asked of it, in the list `diary`."""

    diary = None

    def save(self, events, fields=None):
        super().save(events, fields)
        (level,) = self._db.execute("PRAGMA synchronous").fetchone()
        self.diary.append(("save", level))


class Now:
    """A loop on which nothing happens by itself."""

    def call_soon(self, call):
        pass

    def call_later(self, after, *call):
        return threading.Timer(after, print)


def host(path, cls, diary):
    messages = Messages([cls])
    create(path, "me")
    store = Disk(path, lambda data: read_value(data, messages), "me")
    store.diary = diary

    def send(to, data):
        diary.append(("send", to, data))
        return True

    made = Host(0, [cls] * 3, messages, store, 1.0, Now(), send, None)
    made.begin()
    diary.clear()
    return made


def test_a_promise_is_on_the_disk_before_it_leaves(tmp_path):
    diary = []
    node = host(tmp_path / "x.sqlite", Synod, diary)
    node.hear(1, [[0, 1, 0], ["Prepare", {"tuple": [1, 1]}]])
    assert diary == []  # not before it is flushed
    node.flush()
    assert diary == [
        ("save", 2),  # FULL
        ("send", 1, frame([[1, 1, 0], ["Promise", {"tuple": [1, 1]}, None]])),
    ]


def test_an_event_that_changes_nothing_durable_spares_the_disk(tmp_path):
    diary = []
    node = host(tmp_path / "x.sqlite", Synod, diary)
    node.hear(1, [[0, 1, 0], ["Accepted", {"tuple": [1, 1]}]])
    node.flush()
    assert diary == [("save", 1)]  # NORMAL


def test_many_events_at_once_cost_one_wait_for_the_disk(tmp_path):
    diary = []
    node = host(tmp_path / "x.sqlite", Forgetful, diary)
    for number in range(50):
        node.hear(1, [[0, number, 0], ["Note", f"note {number}"]])
    node.flush()
    assert diary == [("save", 2)]
    messages = Messages([Forgetful])
    again = Store(tmp_path / "x.sqlite", lambda data: read_value(data, messages), "me")
    assert again.fields["kept"] == tuple(f"note {number}" for number in range(50))
    assert again.last() == (50, [50, 49, 0])


@pytest.mark.parametrize("values", [
    [(), (1,), (1, 2), (1, 5), (), None, (None,)],
    ["red", ("red", ("blue", frozenset({1, 2}))), 3.5, True, Prepare((1, 2)), (Prepare((1, 2)),) * 3],
], ids=["tuples", "others"])  # fmt: skip
def test_a_store_gives_back_what_was_saved_last(tmp_path, values):
    messages = Messages([Synod])
    create(tmp_path / "x.sqlite", "me")
    for value in values:
        store = Store(tmp_path / "x.sqlite", lambda data: read_value(data, messages), "me")
        store.save([], {"field": value, "other": 1})
        store.close()
        again = Store(tmp_path / "x.sqlite", lambda data: read_value(data, messages), "me")
        assert again.fields == {"field": value, "other": 1}
        again.close()
