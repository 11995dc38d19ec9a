"""What replication costs, counted on the paper's good case: every message takes one unit of time."""

import pytest

from consensus_lab import ProtocolError, uniform
from consensus_lab.experiments.replication_cost import Costs, costs, outage
from consensus_lab.protocols import CoordinatedMachine, MultiPaxos, Register, ReplicatedLog


@pytest.mark.parametrize("protocol, messages, latency", [
    (CoordinatedMachine, 2, 2),  # to the coordinator, and back
    (MultiPaxos, 2 + 3 * 2, 4),  # and a round trip to two others, and the news for them
    (Register, 2 + 4 * 2, 6),  # and two round trips
    (ReplicatedLog, 2 + 5 * 2, 6),  # and two round trips, and the news
])  # fmt: skip
def test_the_cost_of_a_command_of_a_single_client(protocol, messages, latency):
    assert costs(protocol, clients=1) == Costs(messages, latency, latency, 1 / latency, messages)


def test_clients_of_one_leader_do_not_get_in_each_other_s_way_and_those_of_a_register_do():
    leader, register = costs(MultiPaxos, clients=3), costs(Register, clients=3)
    assert leader.latency == 4 and leader.throughput == pytest.approx(0.75, abs=0.01)
    assert register.latency > 3 * costs(Register, clients=1).latency


def test_more_servers_cost_more_messages_and_no_more_time():
    three, five = costs(MultiPaxos, clients=1), costs(MultiPaxos, clients=1, n=5)
    assert five.messages == 2 + 3 * 4 and five.latency == three.latency


def test_only_the_coordinator_is_missed_for_ever():
    for seed in range(3):
        missed = [outage(p, delay=uniform(0.5, 1.5), seed=seed) for p in (MultiPaxos, Register, ReplicatedLog)]
        assert all(5 < time < 100 for time in missed)
        assert outage(CoordinatedMachine, delay=uniform(0.5, 1.5), seed=seed) is None


def test_a_crash_before_any_answer_is_refused():
    with pytest.raises(ProtocolError, match="crash it later"):
        outage(MultiPaxos, crash=0.5)
