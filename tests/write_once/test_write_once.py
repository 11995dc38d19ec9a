"""The write-once variable: both everyday problems run unchanged on every implementation of it."""

import threading
from concurrent.futures import Future

import pytest

from consensus_lab import Node, ProtocolError, System
from consensus_lab.protocols import Coordinator, LockThenAct, MajorityVote, Memory, TieBreakVote
from consensus_lab.write_once import BasicWriteOnce, LockedWriteOnce, Running, WriteOnce
from consensus_lab.write_once.examples import Order, OrderState, user_of_the_day


def local(kind):
    variable = kind()
    return variable, variable


def nodes_of(*system, **options):
    def make():
        running = Running(System(*system, **options), seed=3)
        last = len(running.to_run().system.nodes) - 1
        return running.write_once(last - 1), running.write_once(last)

    return make


TWO_ENDS = {  # two ends of one variable, from each implementation
    "BasicWriteOnce": lambda: local(BasicWriteOnce),
    "LockedWriteOnce": lambda: local(LockedWriteOnce),
    "Coordinator": nodes_of(Coordinator, 3),
    "MajorityVote": nodes_of(MajorityVote, 3),
    "TieBreakVote": nodes_of(TieBreakVote, 4),
}

every_implementation = pytest.mark.parametrize("ends", TWO_ENDS.values(), ids=TWO_ENDS.keys())


@every_implementation
def test_all_servers_spotlight_the_same_user(ends):
    here, there = ends()
    picks = iter(("Ada", "Grace"))
    first = user_of_the_day(here, lambda: next(picks))
    second = user_of_the_day(there, lambda: next(picks))
    assert first == second == "Ada"


@every_implementation
def test_an_order_is_pending_until_it_is_shipped(ends):
    here, there = map(Order, ends())
    assert here.state() is there.state() is OrderState.PENDING
    here.try_ship()
    assert here.state() is there.state() is OrderState.SHIPPED
    there.try_cancel()
    assert here.state() is there.state() is OrderState.SHIPPED


@every_implementation
def test_an_order_that_is_canceled_is_not_shipped_any_more(ends):
    here, there = map(Order, ends())
    there.try_cancel()
    assert there.state() is OrderState.CANCELED
    here.try_ship()
    assert here.state() is there.state() is OrderState.CANCELED


@every_implementation
def test_of_two_that_try_at_once_one_wins_for_both(ends):
    here, there = map(Order, ends())
    here.try_ship()
    there.try_cancel()
    assert here.state() is there.state() is not OrderState.PENDING


@every_implementation
def test_a_final_value_is_a_future_that_is_done_once_the_variable_is_initialized(ends):
    here, there = ends()
    assert isinstance(here, WriteOnce)
    future = there.final_value()
    assert isinstance(future, Future) and not future.done()
    here.try_initialize("red")
    assert here.final_value().result(timeout=0) == "red"
    assert there.final_value().result(timeout=0) == "red"
    assert future.result(timeout=0) == "red"


@every_implementation
def test_it_never_changes(ends):
    here, there = ends()
    here.try_initialize("red")
    assert here.final_value().result(timeout=0) == "red"
    for value in ("blue", "red", "green"):
        there.try_initialize(value)
        assert here.final_value().result(timeout=0) == there.final_value().result(timeout=0) == "red"


def hammer(ends, threads=8):
    """What each of many threads reads after it has tried to initialize, all starting at the same moment."""
    barrier, read = threading.Barrier(threads), [None] * threads

    def work(number):
        variable = ends[number % len(ends)]
        barrier.wait()
        variable.try_initialize(f"value {number}")
        read[number] = variable.final_value().result(timeout=10)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)
    return read


def test_threads_that_hammer_a_locked_variable_agree():
    for _ in range(150):
        read = hammer([LockedWriteOnce()])
        assert read[0] in {f"value {number}" for number in range(8)} and len(set(read)) == 1


def test_the_lock_is_held_from_the_check_to_the_act():
    class Slow(Future):
        """A future on which everybody else gets a turn between the check and the act."""

        def done(self):
            answer = super().done()
            turn.wait(timeout=0.05)  # a second thread that got here would set it
            turn.set()
            return answer

    turn, variable = threading.Event(), LockedWriteOnce()
    variable._future = Slow()
    failed = []

    def work(value):
        try:
            variable.try_initialize(value)
        except Exception as error:  # a future refuses a second result
            failed.append(error)

    workers = [threading.Thread(target=work, args=(value,)) for value in ("red", "blue")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=10)
    assert not failed and variable.final_value().result(timeout=0) in ("red", "blue")


@pytest.mark.parametrize("protocol", [Coordinator, MajorityVote])
def test_threads_that_share_a_running_system_agree(protocol):
    for seed in range(20):
        running = Running(System(protocol, 3), seed)
        running_ends = [running.write_once(node) for node in range(3)]
        running_ends[seed % 3].try_initialize("first")  # three that compete could split the vote
        assert running_ends[0].final_value().result(timeout=0) == "first"
        assert set(hammer(running_ends)) == {"first"}
        assert running.to_run().violations == {}


@pytest.mark.parametrize("seed", range(5))
def test_two_threads_of_a_shared_memory_with_a_lock_agree(seed):
    running = Running(System([Memory, LockThenAct, LockThenAct]), seed)
    here, there = running.write_once(1), running.write_once(2)
    here.try_initialize("Ada")
    there.try_initialize("Grace")
    assert here.final_value().result(timeout=0) == there.final_value().result(timeout=0)
    assert not running.write_once(0).final_value().done()  # the memory serves and does not decide


def test_threads_that_compete_for_a_coordinator_agree():
    for seed in range(20):
        running = Running(System(Coordinator, 3), seed)
        read = hammer([running.write_once(node) for node in range(3)])
        assert len(set(read)) == 1 and running.to_run().violations == {}


# -- faults ---------------------------------------------------------------------------------------------------


def test_the_future_is_never_done_when_the_coordinator_has_crashed():
    running = Running(System(Coordinator, 3))
    running.crash(2)
    variable = running.write_once(0)
    variable.try_initialize("red")
    assert not variable.final_value().done()
    assert not variable.final_value().done()


def test_the_future_is_done_after_all_when_the_coordinator_restarts():
    running = Running(System(Coordinator, 3))
    running.crash(2)
    variable = running.write_once(0)
    variable.try_initialize("red")
    future = variable.final_value()
    assert not future.done()
    running.restart(2)
    assert variable.final_value().result(timeout=0) == "red" and future.result(timeout=0) == "red"


def test_a_crash_of_another_node_does_no_harm():
    running = Running(System(MajorityVote, 3), seed=1)
    running.crash(0)
    running.write_once(1).try_initialize("red")
    assert running.write_once(2).final_value().result(timeout=0) == "red"
    assert not running.write_once(0).final_value().done()


def test_a_system_whose_timers_never_rest_gives_the_future_back_undone():
    class Heart(Node):
        def start(self):
            self.set_timer("beat")

        def timeout(self, name):
            self.set_timer("beat")

        def propose(self, value):
            pass

        def receive(self, sender, message):
            pass

    running = Running(System(Heart, 2))
    assert not running.write_once(0).final_value().done()
    assert len(running.to_run()) > 100


def test_a_node_that_does_not_exist_is_refused():
    running = Running(System(Coordinator, 3))
    for use in (running.write_once, running.crash, running.restart):
        with pytest.raises(ProtocolError, match="there is no node 3; they are numbered 0 to 2"):
            use(3)


def test_what_cannot_be_proposed_is_refused_at_once():
    variable = Running(System(Coordinator, 3)).write_once(0)
    with pytest.raises(ProtocolError, match="None cannot be proposed"):
        variable.try_initialize(None)
    with pytest.raises(ProtocolError, match="cannot be hashed"):
        variable.try_initialize(["red"])


def test_the_run_of_a_running_system_is_a_run_like_any_other():
    running = Running(System(Coordinator, 3), seed=1)
    running.write_once(0).try_initialize("red")
    assert running.write_once(1).final_value().result(timeout=0) == "red"
    run = running.to_run()
    assert run.decisions[1] == "red" and "A proposes red" in str(run)
