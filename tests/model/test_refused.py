"""What would have been ignored, or gone wrong much later, is refused where it comes in, or right."""

import json
from math import inf, nan

import pytest

from consensus_lab import (
    Crash,
    Deliver,
    Message,
    Node,
    Partition,
    Propose,
    ProtocolError,
    Restart,
    Run,
    System,
    constant,
    explore,
    exponential,
    simulate,
    uniform,
)
from consensus_lab.protocols import Coordinator, MajorityVote
from tests.model.small import every_configuration


class Hello(Message):
    number: int = 0


class Hears(Node):
    count: int = 0

    def receive(self, sender, message):
        self.count += 1


def test_an_init_of_a_node_is_refused():
    with pytest.raises(ProtocolError, match="Bad.__init__ would never be called"):

        class Bad(Hears):
            def __init__(self):
                self.count = 7


def test_slots_of_a_node_are_refused():
    with pytest.raises(ProtocolError, match="Bad has __slots__"):

        class Bad(Hears):
            __slots__ = ("hidden",)


def test_async_and_generator_handlers_are_refused():
    async def coroutine(self, sender, message):
        pass

    async def asynchronous(self, sender, message):
        yield

    def generator(self, sender, message):
        yield

    for name in ("receive", "timeout", "propose", "start", "restart"):
        for handler in (coroutine, asynchronous, generator):
            with pytest.raises(ProtocolError, match=rf"Bad\.{name} is async or a generator"):
                type("Bad", (Hears,), {name: handler})


def test_a_timer_that_nobody_hears_is_refused_and_a_node_of_timers_alone_needs_no_receive():
    class Deaf(Hears):
        def start(self):
            self.set_timer("patience")

    with pytest.raises(ProtocolError, match="it has no timeout"):
        System(Deaf, 2).initial()

    class Clock(Node):
        ticks: int = 0

        def start(self):
            self.set_timer("tick")

        def timeout(self, name):
            self.ticks += 1

    assert simulate(System(Clock, 1)).last.state(0)["ticks"] == 1
    assert len(explore(System(Clock, 2, timeouts=None), reduce=False)) == 4


def test_several_bases_of_a_node_follow_the_rules_of_python():
    class Counts(Hears):
        durable = ("low",)
        low: int = 1
        high: int = 0

    class Logs(Hears):
        durable = ("log",)
        low: int = 5
        log: tuple = ()

    class Both(Counts, Logs):
        high = 9

    class Deep(Both):
        own: str = "x"

    assert Both.state_defaults == {"count": 0, "low": 1, "log": (), "high": 9}
    assert set(Both.durable) == {"low", "log"}
    assert System(Deep, 1).initial().state(0) == {**Both.state_defaults, "own": "x", "decided": None}
    system = System(Both, 2, crashes=1, restarts=1)
    c = system.step(system.initial(), Crash(0))
    assert system.step(c, Restart(0)).state(0)["low"] == 1


def test_a_message_may_call_super():
    class Named(Message):
        name: str

        def __str__(self):
            return "named " + super().__str__()

    class More(Named):
        number: int

        def __str__(self):
            return super().__str__() + "!"

    assert str(Named("x")) == "named Named x" and str(More("x", 1)) == "named More x 1!"
    assert Named("x") == Named("x") != More("x", 1)


def test_a_choice_without_end_is_said_in_a_sentence():
    class Endless(Hears):
        def propose(self, value):
            self.send(self.id, Hello())

        def receive(self, sender, message):
            self.choose((1, 2))
            self.send(self.id, message)

    with pytest.raises(ProtocolError, match="it has made 100 choices in one step; does it ever stop") as caught:
        explore(System(Endless, 2, {0: "go"}))
    assert caught.value.__cause__ is None or "_Branch" not in repr(caught.value.__cause__)
    assert len(str(caught.getrepr())) < 20_000


# -- what is written can be read -------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [inf, nan, 0, -1, "1", 10**400])
def test_a_timer_at_no_time_is_refused(after):
    class Sets(Hears):
        def start(self):
            self.set_timer("t", after=after)

        def timeout(self, name):
            pass

    with pytest.raises(ProtocolError, match="a timer needs a time above 0"):
        System(Sets, 1).initial()


@pytest.mark.parametrize("delay", [lambda rng: inf, lambda rng: -1.0, lambda rng: nan, lambda rng: "1"])
def test_a_delay_that_is_none_is_refused(delay):
    with pytest.raises(ProtocolError, match="a message takes some time"):
        simulate(System(Coordinator, 2, {1: "red"}), delay=delay)


@pytest.mark.parametrize("make", [
    lambda: constant(inf), lambda: constant("1"), lambda: uniform(0, inf), lambda: uniform(None, 1),
    lambda: exponential(inf), lambda: exponential(nan), lambda: exponential("x"),
])  # fmt: skip
def test_a_delay_of_no_use_is_refused_at_once(make):
    with pytest.raises(ProtocolError, match="is no delay"):
        make()


@pytest.mark.parametrize("arguments, why", [
    ({"seed": None}, "seed=None"), ({"seed": 1.5}, "seed=1.5"),
    ({"delay": 3}, "delay=3"), ({"until": "x"}, "until='x'"),
    ({"max_events": -1}, "max_events=-1"), ({"max_events": 1.5}, "max_events=1.5"), ({"loss": "x"}, "loss='x'"),
    ({"faults": 3}, "faults=3"), ({"faults": [(inf, Crash(0))]}, "neither"), ({"after": "x"}, "after='x'"),
])  # fmt: skip
def test_what_simulate_does_not_take_is_refused_at_its_door(arguments, why):
    with pytest.raises(ProtocolError, match=why):
        simulate(System(Coordinator, 2, {1: "red"}), **arguments)


def test_a_run_of_another_system_is_not_gone_on_from():
    run = simulate(System(Coordinator, 2, {1: "red"}), max_events=1)
    with pytest.raises(ProtocolError, match="a run of another system"):
        simulate(System(Coordinator, 2, {1: "blue"}), after=run)
    assert simulate(System(Coordinator, 2, {1: "red"}), after=run).decisions


def test_a_partition_without_end_holds_messages_back_for_good():
    run = simulate(System(Coordinator, 2, {1: "red"}), faults=[Partition(0.0, inf, [{0}, {1}])])
    assert run.last.in_flight and Run.from_json(run.to_json()) == run


@pytest.mark.parametrize("seed", [1_796_104_413_559_383_240, -(2**70), 7, "a word"])
def test_any_seed_comes_back(seed):
    run = simulate(System(MajorityVote, 3, {0: "red"}), seed=seed)
    assert Run.from_json(run.to_json()).seed == seed


@pytest.mark.parametrize("moment", [int("9" * 401), -int("9" * 401), inf, True])
def test_a_time_that_is_none_is_refused(moment):
    data = json.loads(simulate(System(MajorityVote, 3, {0: "red"})).to_json())
    data["events"][0][1] = moment
    with pytest.raises(ProtocolError):
        Run.from_json(json.dumps(data))


def test_reading_a_run_asks_a_message_once(monkeypatch):
    class Ball(Message):
        number: int

    class Player(Node):
        number: int = 0

        def propose(self, value):
            self.send(1 - self.id, Ball(0))

        def receive(self, sender, message):
            self.number = message.number
            self.send(sender, Ball(message.number + 1))

    from consensus_lab.model import run_json

    asked = []
    real = run_json.message_object
    run = simulate(System(Player, 2, {0: "red"}), max_events=400)
    text = run.to_json()
    monkeypatch.setattr(run_json, "message_object", lambda message: asked.append(message) or real(message))
    monkeypatch.setattr(Ball, "__eq__", lambda self, other: asked.append(self) or self.number == other.number)
    assert Run.from_json(text, Player).last.state(0)["number"] == run.last.state(0)["number"]
    assert len(asked) < 5 * len(run)  # it was every message before, for every event


def test_the_naive_search_agrees_on_a_node_of_two_bases():
    class Other(Node):
        seen: frozenset = frozenset()

    class Both(Hears, Other):
        def propose(self, value):
            self.broadcast(Hello())

        def receive(self, sender, message):
            self.seen |= {sender}
            self.count += 1

    system = System(Both, 2, {0: "go"})
    assert len(every_configuration(system)) == len(explore(system, reduce=False)) == 3
    c = system.step(system.initial(), Propose(0, "go"))
    assert system.step(c, Deliver(c.in_flight[0])).state(1)["seen"] == {0}
