"""The files of nodes, emptied, exchanged or full: no node starts as if it had promised nothing."""

import resource
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest

from consensus_lab import Crash, ProtocolError, Restart
from consensus_lab.cluster import Cluster
from consensus_lab.cluster.files import create
from consensus_lab.cluster.store import Store
from consensus_lab.protocols import Synod
from tests.cluster.test_cluster import until, value_of

SUFFIXES = ".sqlite", ".sqlite-wal", ".sqlite-shm", ".count"


def files(directory, node):
    """The files of a node that are there."""
    return [path for suffix in SUFFIXES if (path := directory / f"node-{node}{suffix}").exists()]


def emptied(directory, kept):
    for path in files(directory, 0):
        path.write_bytes(b"")


def emptied_but_for_the_count(directory, kept):
    for path in files(directory, 0)[:-1]:
        path.write_bytes(b"")


def removed(directory, kept):
    for path in files(directory, 0):
        path.unlink()


def removed_but_for_the_count(directory, kept):
    for path in files(directory, 0)[:-1]:
        path.unlink()


def an_old_copy(directory, kept):
    removed(directory, kept)
    for path in files(kept, 0):
        shutil.copy(path, directory)


def an_old_copy_beside_the_new_count(directory, kept):
    removed_but_for_the_count(directory, kept)
    for path in files(kept, 0)[:-1]:
        shutil.copy(path, directory)


def that_of_another_node(directory, kept):
    removed(directory, kept)
    for path in files(directory, 1):
        shutil.copy(path, directory / path.name.replace("1", "0"))


def that_of_another_cluster(directory, kept):
    removed(directory, kept)
    create(directory / "node-0.sqlite", "another cluster")


def random_bytes(directory, kept):
    for path in files(directory, 0)[:-1]:
        path.write_bytes(b"\x07" * 8192)


HARMS = {
    emptied: "was emptied",
    emptied_but_for_the_count: "was emptied",
    removed: "is missing",
    removed_but_for_the_count: "is missing",
    an_old_copy: "is an old copy, with . saves of durable fields of .",
    an_old_copy_beside_the_new_count: "is an old copy, with . saves of durable fields of .",
    that_of_another_node: "another node, or of another cluster",
    that_of_another_cluster: "another node, or of another cluster",
    random_bytes: "is damaged",
}


@pytest.mark.parametrize("before_it_is_killed", [False, True], ids=["dead", "alive"])
@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_a_node_does_not_start_from_a_file_that_it_has_not_left(harm, before_it_is_killed, tmp_path):
    directory, kept = tmp_path / "files", tmp_path / "kept"
    with Cluster(Synod, n=3, tick=1000, directory=directory) as cluster:
        kept.mkdir()
        cluster.kill(0)
        cluster.restart(0)
        for path in files(directory, 0):
            shutil.copy(path, kept)
        cluster.propose(0, "red")
        assert {value_of(cluster, node) for node in range(3)} == {"red"}
        if before_it_is_killed:
            harm(directory, kept)
            with suppress(ProtocolError):  # SQLite may have noticed, and ended it
                cluster.kill(0)
        else:
            cluster.kill(0)
            harm(directory, kept)
        before = cluster.alive
        with pytest.raises(ProtocolError, match=f"{HARMS[harm]}.*(Put|put) the newest copy back.*new cluster"):
            cluster.restart(0)
        assert cluster.alive == before == (1, 2)
        cluster.propose(1, "blue")
        assert value_of(cluster, 1) == "red"
        if harm in (emptied, removed, random_bytes):
            with pytest.raises(ProtocolError, match=r"node-0.sqlite (has no record|is missing)"):
                cluster.run()


def test_the_newest_copy_is_taken(tmp_path):
    directory, kept = tmp_path / "files", tmp_path / "kept"
    with Cluster(Synod, n=3, tick=1000, directory=directory) as cluster:
        cluster.propose(0, "red")
        value_of(cluster, 0)
        cluster.kill(0)
        shutil.copytree(directory, kept)
        emptied(directory, kept)
        with pytest.raises(ProtocolError, match="was emptied"):
            cluster.restart(0)
        for path in files(kept, 0):
            shutil.copy(path, directory)
        cluster.restart(0)
        assert cluster.state(0)["decided"] == "red"
        assert [event for event in cluster.run().events if isinstance(event, (Crash, Restart))] == [
            Crash(0),
            Restart(0),
        ]


def test_two_processes_do_not_share_a_file(tmp_path):
    path = tmp_path / "x.sqlite"
    create(path, "me")
    program = f"""
from consensus_lab.cluster.store import Store
store = Store({str(path)!r}, None, "me")
print("open", flush=True)
input()
"""
    with subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(ProtocolError, match="is in use by another process"):
            Store(path, None, "me")
        other.kill()
    Store(path, None, "me").close()


def test_no_file_is_made_twice(tmp_path):
    create(tmp_path / "x.sqlite", "me")
    with pytest.raises(ProtocolError, match="is there already"):
        create(tmp_path / "x.sqlite", "you")


@contextmanager
def full_disk():
    """No file of this process can grow, as on a disk that is full; those of its children can."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_crash_is_in_the_record_though_the_disk_of_the_parent_is_full():
    with Cluster(Synod, n=3, tick=0.02) as cluster:
        cluster.propose(0, "red")
        assert {value_of(cluster, node) for node in range(3)} == {"red"}
        with full_disk():
            cluster.kill(2)
            assert cluster.run().last.crashed == {2}
            cluster.propose(0, "blue")
            with pytest.raises(ProtocolError, match=r"node-2.sqlite cannot be written.*make room on the disk"):
                cluster.restart(2)
            assert cluster.alive == (0, 1)
        assert cluster.run().last.crashed == {2}
        cluster.restart(2)
        until(lambda: cluster.state(2)["decided"] == "red")
        run = cluster.run()
    assert [event for event in run.events if isinstance(event, (Crash, Restart))] == [Crash(2), Restart(2)]
    assert not run.violations and not run.last.crashed
