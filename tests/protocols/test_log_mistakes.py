"""Each mistake is found, and what it is a mistake in is not."""

import pytest

from consensus_lab import Partition, Propose, System, explore, exponential, simulate
from consensus_lab.linearizability import Linearizable
from consensus_lab.protocols import (
    AppliesPastGaps,
    Client,
    LocalReads,
    MultiPaxos,
    NumbersTries,
    PicksWhenApplied,
    QuorumReads,
    ReplicatedLog,
)
from consensus_lab.protocols.machines import Add, Entry, Get, KeyValue, Put, PutIfAbsent
from consensus_lab.protocols.paxos.synod import within
from consensus_lab.protocols.replication.mistakes import Pick
from consensus_lab.protocols.replication.properties import REPLICATION, AnswersStand, NothingTwice, SameLog, SameStates
from tests.protocols.soak import counting, in_line, outstanding, soaked

ALL = (*REPLICATION, NothingTwice())


def broken(system):
    graph = explore(system, properties=ALL)
    assert graph.complete
    return {name: len(run) for name, run in graph.violations.items()}


def test_replicas_that_toss_a_coin_each_differ_and_where_the_proposer_tosses_it_they_do_not():
    picks = {0: Pick("today", ("Ada", "Grace"))}
    assert broken(System(within(PicksWhenApplied, 1), 2, picks)) == {"SameStates": 6}
    assert not broken(System(within(ReplicatedLog, 1), 2, {0: PutIfAbsent("today", "Ada")}))


@pytest.mark.parametrize("protocol, found", [(AppliesPastGaps, {"SameStates": 13}), (ReplicatedLog, {})])
def test_a_replica_that_applies_past_a_gap_is_in_a_state_that_no_other_was_ever_in(protocol, found):
    two = {3: (Put("x", 1), Put("x", 2))}
    assert broken(System([within(protocol, 1)] * 3 + [Client], proposals=two)) == found


def test_replicas_that_apply_past_gaps_end_up_different():
    def finals(protocol):
        system = System([protocol] * 3 + [Client], proposals={3: tuple(Put(key, 1) for key in "uvwxyz")})
        runs = [simulate(system, seed, delay=exponential(1.0)) for seed in range(20)]
        return [{run.last.state(i)["state"][0] for i in range(3)} for run in runs]

    assert {len(states) for states in finals(AppliesPastGaps)} == {1, 2}
    assert {len(states) for states in finals(ReplicatedLog)} == {1}


@pytest.mark.parametrize("client, found", [(NumbersTries, {"NothingTwice": 13}), (Client, {})])
def test_a_command_that_is_asked_again_under_a_new_number_is_done_twice(client, found):
    system = System([within(counting(ReplicatedLog), 1)] * 2 + [client], proposals={2: Add(1)}, timeouts=1)
    assert broken(system) == found


# -- the properties themselves --------------------------------------------------------------------------------


@pytest.mark.parametrize("prop", [SameLog(), SameStates(), AnswersStand(), NothingTwice()])
def test_a_property_of_logs_holds_where_nothing_has_happened(prop):
    assert prop.broken(System([MultiPaxos] * 3 + [Client], proposals={3: "red"}).initial()) is None


def with_fields(system, **fields):
    """The system's initial configuration, with other values in some fields of the nodes: field=(one a node)."""
    c = system.initial()
    nodes = list(c.nodes)
    for name, values in fields.items():
        for i, value in enumerate(values):
            names = list(system.classes[i].state_defaults)
            if name in names:
                at = names.index(name)
                nodes[i] = nodes[i]._replace(fields=(*nodes[i].fields[:at], value, *nodes[i].fields[at + 1 :]))
    return type(c)(system, tuple(nodes), c.network, c.pending, c.proposed, c.left)


SYSTEM = System([ReplicatedLog] * 2 + [Client], proposals={2: "red"})
RED, BLUE = Entry(2, 1, "red"), Entry(2, 1, "blue")


def test_two_entries_in_a_slot_are_found():
    c = with_fields(SYSTEM, log=((None, RED), (RED, BLUE)))
    assert SameLog().broken(c) == ((0, 1), "slot 2: A has Entry 2 1 red, and B has Entry 2 1 blue")


def test_two_states_after_a_slot_are_found():
    states = (frozenset({("x", 1)}), frozenset()), (frozenset(), frozenset())
    assert SameStates().broken(with_fields(SYSTEM, applied=(3, 3), state=states)) == (
        (0, 1), "after slot 3, A is in the state {(x, 1)}, and B in {}",
    )  # fmt: skip
    assert not SameStates().broken(with_fields(SYSTEM, applied=(3, 2), state=states))


def test_an_answer_that_is_not_the_one_remembered_is_found():
    sessions = frozenset({(2, 1, "blue")})
    state = (frozenset(), sessions)
    answers = (None, None, ((1, "put", "red"),))
    c = with_fields(SYSTEM, state=(state, state), answers=answers)
    assert AnswersStand().broken(c) == ((2, 0), "C was answered red to put, and A remembers blue")


# -- reads that take no slot ----------------------------------------------------------------------------------


def read_behind_a_partition(protocol, seed):
    """D writes 1; A, which leads, is cut off with D; the others take office, and E writes 2; then D reads."""
    faults = [
        Partition(20.0, 60.0, [{0, 3}, {1, 2, 4}]),
        (0.0, Propose(3, Put("x", 1))), (21.0, Propose(4, Put("x", 2))), (50.0, Propose(3, Get("x"))),
    ]  # fmt: skip
    run = simulate(System([protocol] * 3 + [Client] * 2, network="lossy"), seed, faults=faults, until=200)
    written = [time for time, c in zip(run.times, run.configurations[1:]) if c.state(4)["answers"]][0]
    assert written < 50
    return run


@pytest.mark.parametrize("protocol, value", [(LocalReads, 1), (QuorumReads, 2), (MultiPaxos, 2)])
def test_a_leader_that_does_not_ask_whether_it_still_leads_answers_a_read_with_what_is_past(protocol, value):
    for seed in range(10):
        run = read_behind_a_partition(protocol, seed)
        assert run.last.state(3)["answers"][-1] == (2, Get("x"), value)
        assert bool(run.check([Linearizable(KeyValue())])) == (value == 1)


def test_a_read_with_a_quorum_takes_no_slot():
    system = System([QuorumReads] * 3 + [Client], proposals={3: (Put("x", 1), Get("x"), Get("x"))})
    run = simulate(system, seed=1)
    assert [answer for *_, answer in run.last.state(3)["answers"]] == [1, 1, 1]
    assert [entry.command for entry in run.last.state(0)["log"]] == [Put("x", 1)]


def test_reads_and_commands_are_answered_through_every_storm():
    for seed in range(10):
        run = soaked(counting(QuorumReads, keep=5), seed)
        assert not run.check(REPLICATION) and not outstanding(run) and in_line(run)
