"""The replicated register without a log: one line of changes, each made once."""

from collections import Counter

import pytest

from consensus_lab import Agreement, Crash, Restart, System, Validity, explore, simulate, verdict
from consensus_lab.linearizability.histories import explore_histories
from consensus_lab.protocols.machines import Add, CompareAndSet, KeyValue, Read, Write
from consensus_lab.protocols.paxos.synod import within
from consensus_lab.protocols.replication.clients import Client
from consensus_lab.protocols.replication.properties import AnswersStand
from consensus_lab.protocols.replication.register import Register
from consensus_lab.write_once import Running
from tests.protocols.soak import counting, in_line, outstanding, soaked

SAFETY = [Agreement(), Validity(), AnswersStand()]


def answers(run, client):
    return [answer for *_, answer in run.last.state(client)["answers"]]


@pytest.mark.parametrize("rounds, options, configurations", [
    (1, {"crashes": 1, "restarts": 1, "timeouts": None}, 7_695),
    (2, {"timeouts": 1}, 47_035),
])  # fmt: skip
def test_two_rivals_are_safe_in_every_schedule_of_a_lossy_network(rounds, options, configurations):
    system = System(within(Register, rounds), 3, {0: "red", 1: "blue"}, network="lossy", **options)
    graph = explore(system, properties=SAFETY)
    assert graph.complete and not graph.violations and len(graph) == configurations
    assert graph.valency(system.initial()) == {"red", "blue"}


def test_of_two_that_set_it_if_it_is_unset_one_wins_and_both_are_told_which_in_every_schedule():
    system = System(
        [within(Register, 2)] * 3 + [Client] * 2,
        proposals={3: CompareAndSet(None, "shipped"), 4: CompareAndSet(None, "canceled")},
        network="lossy",
    )
    told = set()
    graph = explore(system, properties=SAFETY)
    for c in graph:
        told.add(tuple(c.state(client)["answers"][0][2] for client in (3, 4) if c.state(client)["answers"]))
    assert graph.complete and not graph.violations
    assert told == {(), ("shipped",), ("canceled",), ("shipped", "shipped"), ("canceled", "canceled")}


@pytest.mark.parametrize("commands", [(CompareAndSet(None, 1), CompareAndSet(None, 2)), (Write(1), Read())])
def test_every_history_that_two_clients_can_see_is_linearizable(commands):
    system = System([within(Register, 1)] * 3 + [Client] * 2, proposals=dict(enumerate(commands, 3)), network="lossy")
    found = explore_histories(system, Register.machine)
    assert found and found.complete and found.found == 9


def test_every_change_is_made_once_through_crashes_loss_copies_and_partitions():
    for seed in range(20):
        run = soaked(counting(Register), seed)
        assert not run.check(SAFETY) and not outstanding(run) and in_line(run)


def test_the_soak_finds_changes_that_are_made_twice():
    """The same storm, and servers that take each Request for a new one: a count that is too high."""

    class Forgets(counting(Register)):
        def change(self, state, first):
            (inner, sessions), entry = state, self.wishes[0]
            return super().change((inner, frozenset(s for s in sessions if s[0] != entry.client)), first)

    assert not all(in_line(soaked(Forgets, seed)) for seed in range(20))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_all_decide_what_was_first(n):
    for seed in range(5):
        run = simulate(System(Register, n, {0: "red", n - 1: "blue"}), seed)
        assert len(run.decisions) == n and not run.violations


def test_it_runs_forever_as_flp_has_it():
    assert verdict(Register, max_states=3_000).kind == "runs forever"


def test_a_client_reads_what_was_written_last():
    commands = Read(), Write(1), CompareAndSet(1, 2), CompareAndSet(1, 3), Read()
    run = simulate(System([Register] * 3 + [Client], proposals={3: commands}), seed=1)
    assert answers(run, 3) == [None, 1, 2, 2, 2] and not run.violations


def test_a_value_survives_the_crash_of_the_server_that_wrote_it():
    system = System([Register] * 3 + [Client], proposals={3: (Write(1), Read())})
    for seed in range(20):
        run = simulate(system, seed, faults=[(5.0, Crash(0)), (200.0, Restart(0)), (201.0, Crash(1))])
        assert answers(run, 3) == [1, 1] and not run.check(SAFETY)


def test_any_machine_can_be_the_register():
    class Map(Register):
        machine = KeyValue()

    running = Running(System([Map] * 3 + [Client] * 2), seed=1)
    for client, key, value in ((3, "order 7", "shipped"), (4, "order 7", "canceled"), (4, "order 8", "canceled")):
        running.write_once(client, key=key).try_initialize(value)
        running.write_once(client, key=key).final_value()
    finals = [running.write_once(3, key=key).final_value().result(timeout=0) for key in ("order 7", "order 8")]
    assert finals == ["shipped", "canceled"]


def test_a_command_costs_two_round_trips_to_the_others():
    run = simulate(System(counting(Register), 3, {0: Add(1)}))
    kinds = [type(flight.envelope.message).__name__ for flight in run.flights]
    assert Counter(kinds) == dict.fromkeys(("Prepare", "Promise", "Accept", "Accepted", "First"), 2)
