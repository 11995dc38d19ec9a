"""FIFO channels: what goes from one node to another comes in the order of its sending, and exactly once."""

from math import comb, perm

import pytest

from consensus_lab import (
    Crash,
    Deliver,
    Message,
    Node,
    Partition,
    ProtocolError,
    Restart,
    Run,
    System,
    explore,
    exponential,
    simulate,
)
from consensus_lab.model.events import Envelope
from tests.model.small import every_configuration


class Count(Message):
    number: int


class Clerk(Node):
    """Nodes 0 and 1 count aloud for node 2, which writes down what it hears."""

    heard: tuple = ()
    durable = ("heard",)

    def start(self):
        for number in range((3, 2, 0)[self.id]):
            self.send(2, Count(number))

    def receive(self, sender, message):
        self.heard += ((sender, message.number),)


class Parrot(Clerk):
    """It says everything twice."""

    def start(self):
        for number in range((2, 1, 0)[self.id]):
            self.send(2, Count(number))
            self.send(2, Count(number))


def in_order(heard, sender):
    return [number for who, number in heard if who == sender]


def test_what_is_heard_is_an_interleaving_of_the_channels():
    together = sum(comb(i + j, i) for i in range(4) for j in range(3))
    fifo, reliable = (System(Clerk, 3, network=name) for name in ("fifo", "reliable"))
    for reduce in (False, True, "nodes", "messages"):
        assert len(explore(fifo, reduce=reduce)) == together
        assert len(explore(reliable, reduce=reduce)) == sum(perm(5, k) for k in range(6))
    assert len(every_configuration(fifo)) == together
    assert all(
        in_order(c.state(2)["heard"], 0) == list(range(len(in_order(c.state(2)["heard"], 0)))) for c in explore(fifo)
    )


def test_equal_messages_of_a_channel_count_one_by_one():
    system = System(Parrot, 3, network="fifo")
    heard = {c.state(2)["heard"] for c in every_configuration(system)}
    assert {tuple(in_order(some, 0)) for some in heard} == {(), (0,), (0, 0), (0, 0, 1), (0, 0, 1, 1)}
    assert {c.state(2)["heard"] for c in explore(system)} == heard


def test_what_overtakes_is_refused_with_what_comes_first():
    system = System(Clerk, 3, network="fifo")
    late = Deliver(Envelope(0, 2, Count(1)))
    with pytest.raises(ProtocolError, match=r"FIFO, and Count\(0\), which was sent before, has to be delivered first"):
        Run(system).then(late)
    run = Run(system).then(Deliver(Envelope(0, 2, Count(0))), late)
    assert run.last.state(2)["heard"] == ((0, 0), (0, 1))
    with pytest.raises(ProtocolError, match="not in flight"):
        run.then(late)
    text = Run(System(Clerk, 3), [late]).to_json().replace("reliable", "fifo")
    with pytest.raises(ProtocolError, match="event 1 of the run: .* has to be delivered first"):
        Run.from_json(text, Clerk)


def test_a_run_comes_back_from_json():
    run = simulate(System(Clerk, 3, network="fifo"), seed=3, delay=exponential(4.0))
    assert Run.from_json(run.to_json(), Clerk) == run
    assert Run.from_json(run.to_json(), Clerk).system.network.name == "fifo"


@pytest.mark.parametrize("seed", range(40))
def test_a_simulation_keeps_the_order_whatever_the_delays(seed):
    faults = [
        (0.5, Crash(2)), (2.0, Restart(2)), (2.5, Crash(2)), (4.0, Restart(2)), Partition(0.0, 1.0, [{1}, {0, 2}]),
    ]  # fmt: skip
    system = System(Clerk, 3, network="fifo")
    run = simulate(system, seed, delay=exponential(2.0), faults=faults)
    heard = run.last.state(2)["heard"]
    assert in_order(heard, 0) == [0, 1, 2] and in_order(heard, 1) == [0, 1]
    half = simulate(system, seed, delay=exponential(2.0), max_events=2)
    assert in_order(simulate(system, seed, after=half).last.state(2)["heard"], 0) == [0, 1, 2]


def test_a_reliable_network_does_reorder_under_the_same_delays():
    runs = [simulate(System(Clerk, 3), seed, delay=exponential(2.0)) for seed in range(10)]
    assert any(in_order(run.last.state(2)["heard"], 0) != [0, 1, 2] for run in runs)


def test_a_fifo_network_loses_nothing():
    system = System(Clerk, 3, network="fifo")
    with pytest.raises(ProtocolError, match="a fifo network has none"):
        simulate(system, loss=0.1)
