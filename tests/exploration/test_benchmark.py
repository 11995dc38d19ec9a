"""The contestants of the speed figures do the same work, and a simulation is as fast beside them as it has to be."""

from collections import Counter

import pytest

from benchmarks import explore
from benchmarks.naive import naive
from benchmarks.simulate import bare, handlers, measure, plain, recorded, simpy_callbacks, simpy_stores, table
from consensus_lab import Deliver
from tests.exploration.paxos_yardstick import COUNTS


def test_every_contestant_carries_as_many_messages_to_the_same_round():
    messages = 2_000
    run = recorded(messages)
    delivered = Counter(event.envelope.receiver for event in run.events if isinstance(event, Deliver))
    assert sum(delivered.values()) == messages and delivered[0] == messages / 2
    assert all(event.envelope.sender != event.node for event in run.events if isinstance(event, Deliver))
    rounds = 1 + messages // 10
    for contestant in (bare, plain, simpy_stores, simpy_callbacks, handlers):
        assert contestant(messages) == rounds
    assert run.last.state(0)["round"] == rounds


@pytest.mark.parametrize("contestant, least", [(simpy_stores, 4.0), (plain, 0.3)])
def test_a_recorded_simulation_keeps_up(contestant, least):
    ratios = []
    while len(ratios) < 5 and max(ratios, default=0) < least:  # a busy machine only ever takes from it
        seconds = measure(20_000, 1, {"other": contestant, "ours": recorded})
        ratios.append(seconds["other"][0] / seconds["ours"][0])
    assert max(ratios) >= least, ratios


def test_the_table_has_the_median_of_the_ratios_within_a_turn():
    seconds = {"loop": [1.0, 2.0, 3.0], "simpy": [10.0, 40.0, 30.0], "ours": [2.0, 4.0, 10.0]}
    lines = table(seconds, 100).splitlines()
    assert [line.split()[-3:] for line in lines[1:]] == [
        ["50", "1.00", "10.00"],
        ["3", "0.10", "1.00"],
        ["25", "0.50", "5.00"],
    ]


def test_every_search_finds_as_many_configurations(tmp_path):
    expected = COUNTS[1, 1, "lossy"]
    assert len(naive((1, 1))) == explore.ours((1, 1))[0] == expected
    assert explore.ours((1, 1), True)[0] < expected / 10


@pytest.mark.skipif(bool(explore.MISSING["Spin"]()), reason="Spin or gcc is missing")
def test_spin_finds_as_many_configurations(tmp_path):
    found, seconds, with_compile = explore.spin(tmp_path, (1, 1))
    assert found == COUNTS[1, 1, "lossy"] and 0 < seconds < with_compile


@pytest.mark.skipif(bool(explore.MISSING["TLC"]()), reason="TLC or Java is missing")
def test_tlc_finds_as_many_configurations(tmp_path):
    assert explore.tlc(tmp_path, (1, 1))[0] == COUNTS[1, 1, "lossy"]


def test_the_table_of_searches_has_the_median_of_the_ratios_within_a_turn():
    seconds = {"Spin": [1.0, 2.0, 3.0], "consensus_lab.exploration.explore": [2.0, 5.0, 4.0], "TLC": [40.0]}
    lines = explore.table(seconds).splitlines()
    assert [line.split()[-1] for line in lines[1:]] == ["0.50", "1.00", "20.00", "2.46"]
    assert [line.split()[-3] for line in lines[1:4]] == ["2.00", "4.00", "40.00"]
