"""A protocol on real processes: what is decided, what outlives a kill, and the run that is put together."""

import os
import signal
import time

import pytest

from consensus_lab import Crash, Deliver, Drop, Envelope, Propose, ProtocolError, Restart, Run, Timeout
from consensus_lab.cluster import Cluster
from consensus_lab.protocols import Coordinator, MajorityVote, Synod
from consensus_lab.protocols.paxos.synod import NO_BALLOT
from tests.cluster.nodes import Clock, Dated, Dice, Endless, Forgetful, Note, Touchy

SOON = 20  # seconds until something that takes a moment has happened, on a busy machine


def until(happened, seconds=SOON):
    """Wait for it."""
    end = time.monotonic() + seconds
    while not (result := happened()):
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.01)
    return result


def value_of(cluster, node):
    return cluster.write_once(node).final_value().result(SOON)


def test_the_run_that_happened_is_a_run_of_the_model():
    with Cluster(MajorityVote, n=3) as cluster:
        cluster.propose(0, "red")
        assert {value_of(cluster, node) for node in range(3)} == {"red"}
        run = cluster.run()
    assert run.decisions == {0: "red", 1: "red", 2: "red"}
    assert not run.violations
    assert run.events[0] == Propose(0, "red")
    assert {type(event) for event in run.events} == {Propose, Deliver}
    assert Run.from_json(run.to_json()) == run


def test_the_first_of_two_values_stands_everywhere():
    with Cluster(Coordinator, n=3) as cluster:
        cluster.propose(0, "shipped")
        cluster.propose(1, "canceled")
        values = {value_of(cluster, node) for node in range(3)}
        assert len(values) == 1 and values <= {"shipped", "canceled"}
        assert cluster.decisions == cluster.run().decisions


def test_a_promise_outlives_a_kill():
    with Cluster(Synod, n=3, tick=1000) as cluster:
        cluster.kill(0)
        cluster.kill(1)
        cluster.propose(2, "red")  # alone, it promises itself and gets no further
        promised = cluster.state(2)["promised"]
        assert promised > NO_BALLOT
        cluster.kill(2)
        cluster.restart(2)
        state = cluster.state(2)
        assert state["promised"] == promised and state["wish"] is None
        assert cluster.run().last.state(2) == state


class Amnesiac(Synod):
    """Nothing is durable."""

    durable = ()


def test_without_durable_fields_the_promise_is_forgotten():
    with Cluster(Amnesiac, n=1, tick=1000) as cluster:
        cluster.propose(0, "red")
        cluster.kill(0)
        cluster.restart(0)
        assert cluster.state(0)["promised"] == NO_BALLOT
        assert cluster.state(0)["decided"] == "red"  # the output register is durable by itself
        assert cluster.run().last.state(0) == cluster.state(0)


def test_what_is_durable_outlives_kill_after_kill():
    with Cluster(Forgetful, n=2) as cluster:
        for life in range(3):
            cluster.propose(0, f"note {life}")
            until(lambda: len(cluster.state(1)["kept"]) == life + 1)  # noqa: B023
            cluster.kill(1)
            cluster.restart(1)
        assert cluster.state(1) == {
            "kept": ("note 0", "note 1", "note 2"), "lost": (), "restarts": 3, "decided": None,
        }  # fmt: skip
        run = cluster.run()
    assert [event for event in run.events if isinstance(event, (Crash, Restart))] == [Crash(1), Restart(1)] * 3
    assert run.last.state(1)["kept"] == ("note 0", "note 1", "note 2")


def test_the_others_decide_without_one_that_was_killed():
    with Cluster(Synod, n=3) as cluster:
        cluster.kill(0)
        cluster.propose(1, "red")
        assert value_of(cluster, 2) == "red"
        assert cluster.alive == (1, 2)
        assert not cluster.write_once(0).final_value().done()
        cluster.restart(0)
        cluster.propose(0, "blue")
        assert value_of(cluster, 0) == "red"
        run = cluster.run()
    assert not run.violations and run.decisions == {0: "red", 1: "red", 2: "red"}


def test_a_minority_that_is_cut_off_decides_nothing_until_the_partition_heals():
    with Cluster(Synod, n=3, tick=0.02) as cluster:
        cluster.partition([0], [1, 2])
        cluster.propose(0, "red")
        cluster.propose(1, "blue")
        assert value_of(cluster, 2) == "blue"
        until(lambda: any(isinstance(event, Timeout) and event.node == 0 for event in cluster.run().events))
        assert 0 not in cluster.decisions
        cluster.heal()
        assert value_of(cluster, 0) == "blue"
        assert not cluster.run().violations


def test_what_is_sent_to_a_dead_process_is_lost_and_dropped_in_the_run():
    with Cluster(Synod, n=3, tick=0.02) as cluster:
        cluster.kill(2)
        cluster.propose(0, "red")
        assert value_of(cluster, 1) == "red"
        until(lambda: any(isinstance(event, Drop) for event in cluster.run().events))
        run = cluster.run()
    assert {event.envelope.receiver for event in run.events if isinstance(event, Drop)} == {2}
    assert not run.violations


def test_a_paused_process_takes_no_step_and_forgets_nothing():
    with Cluster(Forgetful, n=2) as cluster:
        cluster.propose(0, "before")
        until(lambda: cluster.state(1)["lost"] == ("before",))
        cluster.pause(1)
        cluster.propose(0, "meanwhile")
        until(lambda: cluster.state(0)["lost"] == ("before", "meanwhile"))
        heard = [event for event in cluster.run().events if isinstance(event, Deliver) and event.node == 1]
        assert len(heard) == 1
        with pytest.raises(ProtocolError, match="is paused"):
            cluster.state(1)
        cluster.resume(1)
        until(lambda: cluster.state(1)["lost"] == ("before", "meanwhile"))


def test_a_process_that_was_stopped_from_outside_is_an_error_at_once_and_can_go_on():
    with Cluster(Forgetful, n=2) as cluster:
        os.kill(cluster.processes[1], signal.SIGSTOP)
        until(lambda: cluster.paused == (1,))
        began = time.monotonic()
        for ask in (lambda: cluster.state(1), lambda: cluster.propose(1, "x")):
            with pytest.raises(ProtocolError, match=r"node B .* was stopped from outside \(SIGSTOP\); let it go on"):
                ask()
        cluster.partition([0], [1])
        cluster.heal()
        assert time.monotonic() - began < 5  # the limit is 10
        cluster.resume(1)
        cluster.propose(1, "y")
        until(lambda: cluster.state(1)["kept"] == ("y",))  # what was refused has not happened
        os.kill(cluster.processes[1], signal.SIGSTOP)
        until(lambda: cluster.paused == (1,))
        cluster.kill(1)
        assert cluster.alive == (0,)


def test_a_process_that_is_stopped_while_it_is_asked_is_an_error_after_the_limit():
    with Cluster(Endless, n=2, limit=1.0) as cluster:
        began = time.monotonic()
        with pytest.raises(ProtocolError, match="node A has not answered for 1 s, though its process .* longer limit"):
            cluster.propose(0, "go")
        with pytest.raises(ProtocolError, match="has not answered"):
            cluster.state(0)
        assert 2 <= time.monotonic() - began < 10
        cluster.partition([0], [1])
        os.kill(cluster.processes[0], signal.SIGSTOP)
        until(lambda: cluster.paused == (0,))
        with pytest.raises(ProtocolError, match="stopped from outside"):
            cluster.state(0)


def test_what_a_paused_process_is_told_holds_up_nobody_however_much_it_is():
    texts = [str(k) * 50_000 for k in range(5)]  # a pipe holds some 64,000 bytes
    with Cluster(Forgetful, n=2) as cluster:
        cluster.pause(1)
        for text in texts:
            cluster.propose(1, text)
        cluster.resume(1)
        assert until(lambda: len(cluster.state(1)["kept"]) == 5)
        assert cluster.state(1)["kept"] == tuple(texts)


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan"), "1", None])
def test_a_limit_that_is_none_is_refused(seconds):
    with pytest.raises(ProtocolError, match="limit=.*: pass how many seconds an answer may take, above 0"):
        Cluster(Synod, n=1, limit=seconds)


def test_a_coordinator_that_was_killed_blocks_all_others():
    with Cluster(Coordinator, n=3, patience=0.3) as cluster:
        cluster.kill(2)
        cluster.propose(0, "shipped")
        assert not cluster.write_once(0).final_value().done()
        assert cluster.decisions == {}


def test_timers_run_by_real_time():
    with Cluster(Clock, n=2, tick=0.1) as cluster:
        until(lambda: cluster.state(0)["ticks"] == 3)
        run = cluster.run()
    fired = [time for time, event in zip(run.times, run.events) if event == Timeout(0, "tick")]
    assert len(fired) == 3
    assert all(later - earlier >= 0.9 for earlier, later in zip(fired, fired[1:]))


def test_what_was_chosen_is_in_the_run():
    with Cluster(Dice, n=2) as cluster:
        for _ in range(20):
            cluster.propose(0, "throw")
        seen = until(lambda: len(cluster.state(1)["seen"]) == 20 and cluster.state(1)["seen"])
        run = cluster.run()
    assert run.last.state(1)["seen"] == seen
    assert len({event.choices for event in run.events if isinstance(event, Propose)}) > 1


def test_a_handler_that_raises_says_so_to_whoever_waits():
    with Cluster(Touchy, n=2) as cluster:
        with pytest.raises(ProtocolError, match=r"Touchy, node 0 \(A\), in propose\('boo'\).*I am touchy"):
            cluster.propose(0, "boo")
        with pytest.raises(ProtocolError, match="I am touchy"):
            value_of(cluster, 0)
        with pytest.raises(ProtocolError, match="I am touchy"):
            cluster.state(0)
        assert cluster.alive == (1,)


def test_a_node_that_is_not_deterministic_is_found_out():
    with Cluster(Dated, n=2) as cluster:
        cluster.propose(0, "now")
        value_of(cluster, 1)
        with pytest.raises(ProtocolError, match="not in flight"):
            _ = cluster.run().configurations


def test_of_nodes_that_are_down_nothing_can_be_asked():
    with Cluster(Synod, n=1) as cluster:
        cluster.kill(0)
        for ask in (lambda: cluster.propose(0, "red"), lambda: cluster.state(0), lambda: cluster.kill(0)):
            with pytest.raises(ProtocolError, match="node A is down; restart it first"):
                ask()
        cluster.restart(0)
        with pytest.raises(ProtocolError, match="is up"):
            cluster.restart(0)


@pytest.mark.parametrize("value", [None, ["red"], object()], ids=["none", "list", "object"])
def test_a_proposal_that_no_frame_can_carry_is_refused(value):
    with Cluster(Synod, n=1) as cluster:
        with pytest.raises(ProtocolError):
            cluster.propose(0, value)
        cluster.propose(0, "red")
        assert value_of(cluster, 0) == "red"


def test_a_class_that_no_other_process_can_import_is_refused():
    class Local(Synod):
        pass

    with pytest.raises(ProtocolError, match="define the class at the top level"):
        Cluster(Local, n=3)


def test_a_cluster_that_has_not_started_or_has_closed_says_so():
    cluster = Cluster(Synod, n=1)
    with pytest.raises(ProtocolError, match="use it as a context manager"):
        cluster.propose(0, "red")
    with pytest.raises(ProtocolError, match="has not started"):
        cluster.run()
    with cluster:
        pass
    for ask in (cluster.run, lambda: cluster.restart(0), lambda: cluster.propose(0, "red"), lambda: cluster.resume(0)):
        with pytest.raises(ProtocolError, match="closed"):
            ask()
    with pytest.raises(ProtocolError, match="starts once"), cluster:
        pass


def test_a_paused_process_learns_what_has_changed_before_it_does_anything():
    with Cluster(Forgetful, n=3) as cluster:
        cluster.pause(0)
        for _ in range(3):
            cluster.partition([0], [1, 2])
            cluster.heal()
        cluster.partition([0], [1, 2])
        cluster.kill(2)
        cluster.propose(0, "alone")
        cluster.resume(0)
        until(lambda: cluster.state(0)["kept"] == ("alone",))
        until(lambda: Drop(Envelope(0, 1, Note("alone"))) in cluster.run().events)
        assert cluster.state(1)["kept"] == ()


def test_a_decision_of_a_node_that_failed_later_is_no_error():
    with Cluster(Touchy, n=2) as cluster:
        with pytest.raises(ProtocolError):
            cluster.propose(0, "boo")
        assert cluster.decisions == {}


def test_its_files_stay_where_a_directory_is_given(tmp_path):
    with Cluster(Synod, n=1, directory=tmp_path / "files") as cluster:
        cluster.propose(0, "red")
    assert (tmp_path / "files" / "node-0.sqlite").exists()
    with pytest.raises(ProtocolError, match="an earlier cluster"), Cluster(Synod, n=1, directory=tmp_path / "files"):
        pass
