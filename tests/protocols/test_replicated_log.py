"""The replicated log and Multi-Paxos: one log, one state, each command once, in every schedule and in many storms."""

import pytest

from consensus_lab import (
    Agreement,
    Crash,
    Deliver,
    Partition,
    Propose,
    Restart,
    Run,
    System,
    Timeout,
    Validity,
    explore,
    simulate,
    verdict,
)
from consensus_lab.protocols.machines import Entry, Get, Put
from consensus_lab.protocols.paxos.synod import within
from consensus_lab.protocols.replication.clients import Client
from consensus_lab.protocols.replication.multi_paxos import MultiPaxos
from consensus_lab.protocols.replication.multi_paxos_messages import Accept, Accepted, Chosen, Forward, Prepare, Promise
from consensus_lab.protocols.replication.properties import REPLICATION
from consensus_lab.protocols.replication.replicas import NoOp, at, put
from consensus_lab.protocols.replication.replicated_log import ReplicatedLog
from consensus_lab.write_once import Running
from consensus_lab.write_once.examples import Order, user_of_the_day
from tests.protocols.soak import counting, in_line, outstanding, soaked

SAFETY = [Agreement(), Validity(), *REPLICATION]
TWO = {0: "red", 1: "blue"}
both = pytest.mark.parametrize("protocol", [ReplicatedLog, MultiPaxos])


def kinds(run):
    return [type(flight.envelope.message).__name__ for flight in run.flights]


def test_a_row_of_slots_counts_from_1_and_may_have_gaps():
    row = put((), 3, "c")
    assert row == (None, None, "c") and put(row, 1, "a") == ("a", None, "c")
    assert [at(row, slot) for slot in (0, 1, 3, 4)] == [None, None, "c", None]


# -- every schedule -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol, rounds, n, options, configurations", [
    (ReplicatedLog, 2, 2, {"network": "lossy", "timeouts": None}, 6_381),
    (ReplicatedLog, 2, 2, {"timeouts": None, "crashes": 1, "restarts": 1}, 51_215),
    (MultiPaxos, 1, 3, {"network": "lossy"}, 27_425),
    (MultiPaxos, 2, 2, {"timeouts": 1, "crashes": 1}, 72_806),
])  # fmt: skip
def test_two_rivals_have_one_log_in_every_schedule(protocol, rounds, n, options, configurations):
    graph = explore(System(within(protocol, rounds), n, TWO, **options), properties=SAFETY)
    assert graph.complete and not graph.violations and len(graph) == configurations
    logs = {c.state(0)["log"][:2] for c in graph}
    red, blue = Entry(0, 1, "red"), Entry(1, 1, "blue")
    assert {(), (red,), (blue,), (red, blue), (blue, red)} <= logs  # either may come first, and both get in


@pytest.mark.parametrize("protocol, configurations", [(ReplicatedLog, 34_002), (MultiPaxos, 4_626)])
def test_the_commands_of_a_client_are_in_the_log_in_its_order_in_every_schedule(protocol, configurations):
    system = System([within(protocol, 1)] * 3 + [Client], proposals={3: ("first", "second")})
    graph = explore(system, properties=SAFETY)
    assert graph.complete and not graph.violations and len(graph) == configurations
    known = {c.state(i)["log"] for c in graph for i in range(3)}
    first, second = Entry(3, 1, "first"), Entry(3, 2, "second")
    assert known == {(), (first,), (first, second), (None, second)}  # the second may be heard of first
    assert {len(c.state(3)["answers"]) for c in graph} == {0, 1, 2}


@both
def test_the_first_slot_is_a_consensus_that_runs_forever_as_flp_has_it(protocol):
    assert verdict(protocol, max_states=3_000).kind == "runs forever"


# -- many storms ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", [counting(ReplicatedLog), counting(MultiPaxos, keep=5)])
def test_every_command_is_done_once_through_crashes_loss_copies_and_partitions(protocol):
    for seed in range(20):
        run = soaked(protocol, seed)
        assert not run.check(SAFETY) and not outstanding(run) and in_line(run)
        assert 808 in {run.last.state(i)["state"][0] for i in range(3)}


@both
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_all_proposals_get_into_the_log_though_no_client_asks(protocol, n):
    for seed in range(5):
        run = simulate(System(protocol, n, {0: "red", n - 1: "blue"}), seed)
        commands = [entry.command for entry in run.last.state(0)["log"]]
        assert set(commands) == ({"red", "blue"} if n > 1 else {"blue"}) and not run.check(SAFETY)
        assert run.decisions == dict.fromkeys(range(n), commands[0])


@both
def test_without_a_majority_nothing_is_chosen_and_afterwards_all_is(protocol):
    system = System([protocol] * 3 + [Client], proposals={3: (Put("x", 1), Get("x"))})
    faults = [(0.0, Crash(1)), (0.0, Crash(2)), (100.0, Restart(1))]
    assert not simulate(system, faults=faults, until=99.0).last.state(3)["answers"]
    assert [answer for *_, answer in simulate(system, faults=faults, until=300.0).last.state(3)["answers"]] == [1, 1]


@both
def test_a_server_that_restarts_comes_to_the_same_state_by_replaying_its_log(protocol):
    system = System([protocol] * 3 + [Client], proposals={3: (Put("x", 1), Put("y", 2), Put("x", 3))})
    run = simulate(system, seed=1)
    before = run.last.state(0)["state"]
    run = simulate(system, after=run, faults=[(50.0, Crash(0)), (60.0, Restart(0))])
    assert run.last.state(0)["state"] == before != protocol.machine.initial and before[0] == {("x", 3), ("y", 2)}


@both
def test_a_server_has_one_own_command_outstanding_so_that_none_overtakes_another(protocol):
    running = Running(System(protocol, 3), seed=2)
    for number in range(5):
        running._propose(0, f"command {number}")
    running.write_once(0).final_value()
    run = simulate(running.to_run().system, after=running.to_run())
    assert [entry.command for entry in run.last.state(1)["log"]] == [f"command {number}" for number in range(5)]


@both
def test_the_order_of_chapter_one_survives_the_crash_of_the_server_that_led(protocol):
    for seed in range(10):
        running = Running(System([protocol] * 3 + [Client] * 2), seed)
        warehouse, home = (Order(running.write_once(client, key="order 7")) for client in (3, 4))
        assert warehouse.state() == "pending"
        warehouse.try_ship()
        home.try_cancel()
        running.crash(running.to_run().last.state(3)["server"])
        state = warehouse.state()
        assert state == home.state() != "pending"
        days = [running.write_once(client, key="today") for client in (3, 4)]
        pages = [user_of_the_day(today, pick) for today, pick in zip(days, (lambda: "Ada", lambda: "Grace"))]
        assert pages[0] == pages[1]


# -- what a leader is good for --------------------------------------------------------------------------------


def test_a_leader_prepares_once_for_all_slots():
    system = System([MultiPaxos] * 3 + [Client], proposals={3: tuple(Put("x", i) for i in range(20))})
    sent = kinds(simulate(system, seed=1))
    assert sent.count("Prepare") == 2 and sent.count("Accept") == 40
    slot_by_slot = kinds(simulate(System([ReplicatedLog] * 3 + [Client], proposals=system.proposals), seed=1))
    assert slot_by_slot.count("Prepare") == slot_by_slot.count("Accept") == 40


def deliver(run, *letters):
    """The run, and then the delivery of each (sender, receiver, class of message), of the latest such message."""
    for sender, receiver, kind in letters:
        envelope = [flight.envelope for flight in run.flights if type(flight.envelope.message) is kind
                    and (flight.envelope.sender, flight.envelope.receiver) == (sender, receiver)][-1]  # fmt: skip
        run = run.then(Deliver(envelope))
    return run


def test_a_new_leader_fills_a_gap_with_an_entry_that_does_nothing():
    """The leader asks for red in slot 1, which nobody hears, and for blue in slot 2, which C accepts. It crashes."""
    run = Run(System(MultiPaxos, 3, TWO, network="lossy", crashes=1, timeouts=1)).then(Propose(0, "red"))
    run = deliver(run, (0, 1, Prepare), (1, 0, Promise)).then(Propose(1, "blue"))
    run = deliver(run, (1, 0, Forward), (0, 2, Accept)).then(Crash(0), Timeout(1, "retry"))
    run = deliver(run, (1, 2, Prepare), (2, 1, Promise))
    asked = {message for envelope in run.last.in_flight if isinstance(message := envelope.message, Accept)}
    assert {(m.slot, m.entry) for m in asked if m.ballot == (2, 1)} == {(1, NoOp()), (2, Entry(1, 1, "blue"))}
    run = simulate(run.system, after=run)
    assert run.last.state(1)["log"] == (NoOp(), Entry(1, 1, "blue"))
    assert run.decisions == {1: "blue", 2: "blue"} and not run.check(SAFETY)


def test_a_command_that_overtakes_the_one_before_it_waits_for_the_gap_to_close():
    run = Run(System(MultiPaxos, 3, TWO, network="lossy")).then(Propose(0, "red"))
    run = deliver(run, (0, 1, Prepare), (1, 0, Promise)).then(Propose(1, "blue"))
    run = deliver(run, (1, 0, Forward), (0, 1, Accept), (1, 0, Accepted), (0, 2, Chosen))
    assert run.last.state(2)["log"] == (None, Entry(1, 1, "blue")) and run.last.state(2)["applied"] == 0
    assert run.last.timers(2) == ("gap",) and not run.decisions


def test_a_server_that_was_away_gets_the_snapshot_and_what_came_after():
    class Short(MultiPaxos):
        keep = 4

    commands = tuple(Put("x", number) for number in range(10))
    system = System([Short] * 3 + [Client], proposals={3: commands}, network="lossy")
    faults = [Partition(0.0, 60.0, [{0, 1, 3}, {2}]), (100.0, Crash(0)), (100.1, Propose(2, Put("y", 1)))]
    run = simulate(system, faults=faults, until=400.0)
    away = [c for c, time in zip(run.configurations, run.times) if time < 100][-1].state(2)
    assert away["applied"] == 0
    late = run.last.state(2)
    assert late["state"][0] == {("x", 9), ("y", 1)} and late["snapshot"][0] == 8 and len(late["log"]) == 3
    assert len(late["accepted"]) <= 3 and not run.check(SAFETY)


def test_a_dead_leader_is_replaced_by_a_server_that_misses_a_wish():
    system = System([MultiPaxos] * 3 + [Client], proposals={3: tuple(Put("x", i) for i in range(6))})
    for seed in range(10):
        run = simulate(system, seed, faults=[(8.0, Crash(0))])
        assert len(run.last.state(3)["answers"]) == 6 and run.last.state(3)["server"] != 0
        assert not run.check(SAFETY)
