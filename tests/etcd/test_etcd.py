"""The write-once variable on a real etcd cluster of three, whose members are killed meanwhile."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from consensus_lab.etcd import EtcdCluster, EtcdWriteOnce, on_etcd, processes, why_missing, write_once
from consensus_lab.write_once.examples import Order, user_of_the_day
from tests.notebooks.cells import compare_what_can_be_run

BOOK = Path(__file__).resolve().parents[2] / "book"
needs_etcd = pytest.mark.skipif(bool(why_missing()), reason=why_missing() or "it is here")


def test_where_everything_is_tested_there_is_an_etcd():
    if not os.environ.get("CI"):
        pytest.skip("this is not CI")
    assert not why_missing()


@pytest.fixture(scope="module")
def cluster():
    with EtcdCluster() as cluster:
        yield cluster


@pytest.fixture
def whole(cluster):
    """All members are up, before and after."""
    yield cluster
    for i in cluster.down:
        cluster.restart(i)
    cluster.leader()


def at_once(*jobs):
    start = threading.Barrier(len(jobs))
    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(lambda job: (start.wait(), job())[1], jobs))


def chapter_one():
    """The two examples as chapter one has them: the very cells."""
    cells = json.loads((BOOK / "consensus.ipynb").read_text(encoding="utf-8"))["cells"]
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    names = {}
    for begin in ("def user_of_the_day(", "class Order:"):
        (code,) = [code for code in codes if code.startswith(begin)]
        exec(code, names)
    return names["user_of_the_day"], names["Order"]


@needs_etcd
@pytest.mark.parametrize("examples", [lambda: (user_of_the_day, Order), chapter_one], ids=["package", "chapter"])
def test_the_examples_of_chapter_one_survive_their_leader(whole, examples, request):
    user_of_the_day, Order = examples()
    day, number = request.node.callspec.id, f"order of {request.node.callspec.id}"
    before = user_of_the_day(whole.write_once(f"{day}, day 1"), lambda: "Ada")
    order = Order(whole.write_once(number))
    assert before == "Ada" and order.state() == "pending"

    whole.kill(whole.leader())

    servers = [whole.write_once(f"{day}, day 2") for _ in range(3)]
    users = at_once(*[lambda s=s, u=u: user_of_the_day(s, lambda: u) for s, u in zip(servers, ("Ada", "Grace", "Mae"))])
    assert len(set(users)) == 1 and users[0] in ("Ada", "Grace", "Mae")
    warehouse, home = order, Order(whole.write_once(number))
    at_once(warehouse.try_ship, home.try_cancel)
    assert warehouse.state() == home.state() != "pending"
    assert user_of_the_day(whole.write_once(f"{day}, day 1"), lambda: "Grace") == "Ada"


@needs_etcd
def test_orders_that_are_shipped_and_canceled_while_a_leader_dies(whole):
    """Nobody is told two outcomes, at any time: what a future says is what everybody reads at last."""
    orders = [[whole.write_once(f"order {number}") for _ in range(2)] for number in range(30)]
    told = []

    def click(side, outcome):
        for pair in orders:
            pair[side].try_initialize(outcome)
            told.append((pair, pair[side].final_value().result(timeout=10)))

    def fail():
        time.sleep(0.05)
        whole.kill(whole.leader())

    at_once(lambda: click(0, "shipped"), lambda: click(1, "canceled"), fail)
    assert len(told) == 60
    for pair, outcome in told:
        assert {variable.final_value().result(timeout=10) for variable in pair} == {outcome}
        assert outcome in ("shipped", "canceled")


@needs_etcd
def test_the_first_value_stands(whole):
    one, other = whole.write_once("stands"), whole.write_once("stands")
    one.try_initialize("first")
    other.try_initialize("second")
    one.try_initialize("third")
    assert one.final_value().result(0) == other.final_value().result(0) == "first"


@needs_etcd
@pytest.mark.parametrize("text", ["café", "Ã©", "日本", "🦈", "", "a\0b\n", "\x85", "x" * 1_500_000], ids=range(8))
def test_any_text_comes_back_as_it_was_and_under_a_key_of_any_text(whole, text):
    key = f"text {text[:10]}"
    waiting = EtcdWriteOnce(whole.endpoints, key).final_value()
    assert not waiting.done()
    whole.write_once(key).try_initialize(text)
    assert whole.write_once(key).final_value().result(0) == text  # asked for at once
    assert waiting.result(timeout=20) == text  # and watched
    assert stored(whole, key) == [text.encode("utf-8")]  # as other clients of etcd have it


def stored(cluster, key):
    return write_once.client_of(cluster.endpoints[0]).get(key.encode("utf-8"))


@needs_etcd
def test_two_keys_that_were_one_in_latin_1_are_two(whole):
    whole.write_once("é").try_initialize("one")
    whole.write_once("Ã©").try_initialize("two")
    assert whole.write_once("é").final_value().result(0) == "one"
    assert whole.write_once("Ã©").final_value().result(0) == "two"


@needs_etcd
def test_a_foreign_value_that_is_no_text_is_an_error_for_whoever_waits_and_not_for_ever(whole):
    variable = whole.write_once("foreign")
    waiting, foreign = variable.final_value(), write_once.client_of(whole.endpoints[0])
    foreign.put(b"foreign", b"caf\xe9")
    with pytest.raises(ValueError, match=r"'foreign' etcd has b'caf.xe9', which is no text in UTF-8"):
        waiting.result(timeout=20)
    with pytest.raises(ValueError, match="somebody else"):
        whole.write_once("foreign").final_value().result(0)
    foreign.delete(b"foreign")
    waiting = variable.final_value()
    assert not waiting.done()
    variable.try_initialize("mine")
    assert waiting.result(timeout=20) == variable.final_value().result(0) == "mine"


@needs_etcd
def test_whatever_ends_a_watch_is_told_to_whoever_waits(whole, monkeypatch):
    variable = whole.write_once("refused")

    class Refusing:
        def watch_once(self, *_, **__):
            from etcd3gw.exceptions import Etcd3Exception

            raise Etcd3Exception("etcdserver: permission denied")

    monkeypatch.setattr(variable, "_connect", lambda: [Refusing()])
    with pytest.raises(RuntimeError, match="watch of the key 'refused' has ended: etcdserver: permission denied"):
        variable.final_value().result(timeout=20)


@needs_etcd
def test_what_is_called_the_largest_is_taken_and_one_byte_more_is_not_sent(whole, monkeypatch):
    most = write_once.LARGEST - write_once.AROUND - 2 * len("large")
    whole.write_once("large").try_initialize("x" * most)
    assert len(whole.write_once("large").final_value().result(20)) == most
    monkeypatch.setattr(EtcdWriteOnce, "_ask", None)  # nothing is sent
    for text in ("x" * (most + 1), "日" * (most // 3 + 1)):
        with pytest.raises(ValueError, match="are too long for etcd: twice the key and once the value may have 1,572,"):
            whole.write_once("large").try_initialize(text)


@needs_etcd
def test_an_etcd_that_takes_less_says_so(whole, monkeypatch):
    monkeypatch.setattr(write_once, "LARGEST", 10**8)
    with pytest.raises(RuntimeError, match="etcd refuses this: .*request is too large"):
        whole.write_once("larger").try_initialize("x" * 1_572_864)


@needs_etcd
def test_a_future_is_done_by_a_watch(whole):
    waiting = whole.write_once("watched").final_value()
    assert not waiting.done()
    whole.write_once("watched").try_initialize("now")
    assert waiting.result(timeout=10) == "now"


@needs_etcd
def test_a_watch_outlives_the_member_that_it_waits_at(whole):
    variable = EtcdWriteOnce(whole.endpoints, "outlived")
    waiting = variable.final_value()
    for i in range(3):  # wherever it waits, that member dies
        whole.kill(i)
        whole.restart(i)
        whole.leader()
    assert not waiting.done()
    whole.write_once("outlived").try_initialize("still there")
    assert waiting.result(timeout=20) == "still there"


@needs_etcd
def test_a_member_that_is_down_is_passed_over(whole):
    whole.kill(0)
    variable = EtcdWriteOnce(whole.endpoints, "passed over")
    variable.try_initialize("yes")
    assert variable.final_value().result(0) == "yes"


@needs_etcd
def test_without_a_majority_nothing_is_promised_and_with_one_again_nothing_is_lost(whole, monkeypatch):
    kept, late = whole.write_once("kept"), whole.write_once("late")
    kept.try_initialize("on the disk")
    whole.kill(0)
    whole.kill(1)
    monkeypatch.setattr(write_once, "PATIENCE", 2)
    monkeypatch.setattr(write_once, "READ", 1)
    with pytest.raises(TimeoutError, match="no member of the etcd cluster has had a majority behind it for 2 s"):
        late.try_initialize("in vain?")
    waiting = late.final_value()
    assert not waiting.done() and Order(late).state() == "pending"
    whole.kill(2)
    for i in range(3):
        whole.restart(i)
    whole.leader()
    late.try_initialize("at last")
    assert waiting.result(timeout=20) in ("in vain?", "at last")
    assert whole.write_once("kept").final_value().result(0) == "on the disk"


@needs_etcd
def test_the_leader_is_another_once_it_is_killed(whole):
    old = whole.leader()
    whole.kill(old)
    assert whole.down == (old,) and whole.leader() != old
    assert repr(whole) == "<etcd cluster: 2 of 3 members are up>"
    with pytest.raises(ValueError, match=f"member {old} is down already"):
        whole.kill(old)
    with pytest.raises(ValueError, match=f"member {(old + 1) % 3} is up; kill it first"):
        whole.restart((old + 1) % 3)


def processes_of(directory):
    """The processes that have the directory's name in their command, but for those that have ended."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "stat=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if f"token={directory.name}" in line and not line.startswith("Z")]


STARTER = """
import time
from consensus_lab.etcd import EtcdCluster
cluster = EtcdCluster()
cluster.write_once("never").final_value()
print(cluster.directory, flush=True)
{then}
"""


@needs_etcd
@pytest.mark.parametrize("then", ["time.sleep(60)", "", "raise SystemExit(3)", "cluster.kill(0)"])
def test_a_cluster_ends_with_the_process_that_started_it(then):
    starter = subprocess.Popen([sys.executable, "-c", STARTER.format(then=then)], stdout=subprocess.PIPE, text=True)
    directory = Path(starter.stdout.readline().strip())
    if "sleep" in then:
        assert len(processes_of(directory)) >= 3
        starter.send_signal(signal.SIGKILL)
    starter.communicate(timeout=30)
    deadline = time.monotonic() + 10
    while processes_of(directory) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not processes_of(directory)
    assert directory.exists() == ("sleep" in then)  # nobody was left to remove it
    shutil.rmtree(directory, ignore_errors=True)


@needs_etcd
def test_a_closed_cluster_leaves_nothing_behind():
    with EtcdCluster(size=1) as cluster:
        directory = cluster.directory
        cluster.write_once("x").try_initialize("y")
        waiting = cluster.write_once("z").final_value()
        assert processes_of(directory)
    cluster.close()
    assert not processes_of(directory) and not directory.exists() and not waiting.done()


@needs_etcd
def test_a_cluster_that_cannot_start_says_what_etcd_said(monkeypatch, tmp_path):
    fake = tmp_path / "etcd"
    fake.write_text("#!/bin/sh\necho I have no disk\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(RuntimeError, match="I have no disk"):
        EtcdCluster()


@needs_etcd
def test_a_port_that_is_taken_meanwhile_is_no_harm(monkeypatch):
    free_ports, taken = processes._free_ports, socket.create_server(("127.0.0.1", 0))
    asked = []

    def unlucky(n):
        asked.append(n)
        return [taken.getsockname()[1], *free_ports(n - 1)] if len(asked) == 1 else free_ports(n)

    monkeypatch.setattr(processes, "_free_ports", unlucky)
    with taken, EtcdCluster() as cluster:
        assert len(asked) == 2 and not cluster.down
        assert taken.getsockname()[1] not in {int(endpoint.split(":")[1]) for endpoint in cluster.endpoints}


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: EtcdWriteOnce([], "key"), "endpoints is empty"),
        (lambda: EtcdWriteOnce(["127.0.0.1:1"], ""), "name the variable"),
        (lambda: EtcdWriteOnce(["ftp://example"], "key"), "is no address"),
        (lambda: EtcdWriteOnce(["127.0.0.1:1"], "key").try_initialize(7), "values of this variable are text"),
        (lambda: EtcdWriteOnce(["127.0.0.1:1"], "key").try_initialize("a\ud800"), "the value .*half of a surrogate"),
        (lambda: EtcdWriteOnce(["127.0.0.1:1"], "\udfff"), "the key .*half of a surrogate pair"),
        (lambda: EtcdWriteOnce(["127.0.0.1:1"], "k" * 800_000), "are too long for etcd"),
        (lambda: EtcdCluster(size=0), "at least one member"),
    ],
)
def test_bad_input_is_refused(make, words):
    pytest.importorskip("etcd3gw")
    with pytest.raises(ValueError, match=words):
        make()


# -- what a cell prints --------------------------------------------------------------------------------------


def shipped(cluster):
    order = Order(cluster.write_once("told"))
    yield order.state()
    order.try_ship()
    yield order.state()


def without_etcd(monkeypatch):
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def record(monkeypatch, tmp_path):
    monkeypatch.setattr(processes, "RECORDED", tmp_path / "recorded.json")
    processes.RECORDED.write_text("{}")
    monkeypatch.delenv("CONSENSUS_LAB_RECORD", raising=False)
    return processes.RECORDED


@needs_etcd
def test_a_cell_prints_what_happens_and_records_it_only_when_asked(record, monkeypatch, capsys):
    on_etcd(shipped)
    assert capsys.readouterr().out == "pending\nshipped\n" and json.loads(record.read_text()) == {}
    monkeypatch.setenv("CONSENSUS_LAB_RECORD", "1")
    on_etcd(shipped)
    assert json.loads(record.read_text())["shipped"]["lines"] == ["pending", "shipped"]
    without_etcd(monkeypatch)
    capsys.readouterr()
    on_etcd(shipped)
    first, second, *lines = capsys.readouterr().out.splitlines()
    assert "etcd is not installed here" in first and "what the cell printed where it is" in second
    assert lines == ["pending", "shipped"]


def test_a_story_that_was_changed_since_is_not_told_from_the_record(record, monkeypatch, capsys):
    record.write_text(json.dumps({"shipped": {"source": "def shipped(cluster): ...", "lines": ["made up"]}}))
    without_etcd(monkeypatch)
    on_etcd(shipped)
    told = capsys.readouterr().out
    assert "made up" not in told and "etcd is not installed here" in told and "Nobody has recorded" in told


def test_without_etcd_a_cluster_says_what_to_install(monkeypatch):
    without_etcd(monkeypatch)
    with pytest.raises(RuntimeError, match="tools/system-packages installs it, or sudo apt-get install etcd-server"):
        EtcdCluster()


def test_what_is_recorded_is_what_the_chapters_store():
    recorded = json.loads(processes.RECORDED.read_text(encoding="utf-8"))
    told = {}
    for path in BOOK.glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for name in re.findall(r"^on_etcd\((\w+)\)", "".join(cell["source"]), re.MULTILINE):
                assert recorded[name]["source"] in "".join(cell["source"])
                told[name] = "".join(cell["outputs"][0]["text"]).splitlines()
    assert told == {name: story["lines"] for name, story in recorded.items()}


@pytest.mark.parametrize("missing", [why_missing, lambda: "", lambda: "no etcd"], ids=["here", "with", "without"])
def test_what_such_a_cell_prints_is_compared_only_where_there_is_an_etcd(missing):
    cells = ["on_etcd(shipped)", "print(1)"]
    items = [SimpleNamespace(cell=SimpleNamespace(source=source), options={"check": True}) for source in cells]
    compare_what_can_be_run([*items, SimpleNamespace(name="no cell")], missing())
    assert [item.options["check"] for item in items] == [not missing(), True]
