"""Two values are the same when they are equal and of the same type: `False` is not 0, and 1 is not 1.0."""

import pytest

from consensus_lab import Message, Node, Propose, ProtocolError, Run, Simulation, System, explore, simulate
from consensus_lab.model.values import DEEPEST, among, canonical, kinds, same
from tests.model.small import every_configuration

PAIRS = [
    (False, 0), (True, 1), (1, 1.0), (True, 1.0), (0.0, -0.0), ((1, 2), (1, True, ))[:2], ((0, "x"), (False, "x")),
    (((0,),), ((False,),)), (frozenset({1}), frozenset({True})), (frozenset({(2, 1)}), frozenset({(2.0, 1)})),
]  # fmt: skip
PAIRS = [(one, other) for one, other in PAIRS if one == other]


class Held(Message):
    what: object


class Two(Message):
    first: object
    second: object = None


@pytest.mark.parametrize("one, other", PAIRS)
def test_what_python_takes_for_equal_is_told_apart(one, other):
    assert one == other and not same(one, other) and same(one, one)
    assert kinds(one) != kinds(other)
    assert not among(one, [other]) and among(one, [other, one])
    assert Held(one) != Held(other) and Held(one) == Held(one)
    assert Two("x", one) != Two("x", other) and Two(one) != Two(other)
    assert len({Held(one), Held(other)}) == 2
    assert same((Held(one), 1), (Held(one), 1)) and not same((Held(one), 1), (Held(other), 1))
    assert Propose(0, one) != Propose(0, other) and Propose(0, one) == Propose(0, one)


@pytest.mark.parametrize("value", [None, 1, True, 2.5, "x", (1, ("y", None)), frozenset({1, "x"}), Held((1, 2))])
def test_what_is_equal_and_of_one_type_is_the_same(value):
    assert same(value, value) and same((value,), (value,)) and same(Held(value), Held(value))


def test_the_order_of_values_tells_them_apart():
    assert canonical(True) != canonical(1) != canonical(1.0)
    assert sorted([1.0, True, 1], key=canonical) == sorted([1, 1.0, True], key=canonical)
    assert [type(value) for value in sorted([1.0, True, 1], key=canonical)] == [bool, float, int]


# -- the model, the search, the simulation and JSON --------------------------------------------------------------


@pytest.mark.parametrize("before, after", [(False, 0), (0, False), (True, 1), (1, 1.0), ((0,), (False,))])
@pytest.mark.parametrize("network", ["reliable", "lossy", "fifo"])
def test_a_state_that_differs_in_type_alone_is_another_state(before, after, network):
    class Keeps(Node):
        held: object = before

        def propose(self, value):
            self.send(1, Held(after))
            self.send(1, Two(before))

        def receive(self, sender, message):
            match message:
                case Held(what):
                    self.held = what
                case Two() if type(self.held) is type(after) and same(self.held, after):
                    self.decide("told")

    system = System(Keeps, 2, {0: "go"}, network=network)
    naive = every_configuration(system)
    for reduce in (False, True):
        graph = explore(system, reduce=reduce)
        assert graph.valency(system.initial()) == {"told"}
        assert len(graph) == len(naive) or reduce
    for seed in range(6):
        simulation = Simulation(system, seed)
        simulation.run()
        run = simulation.to_run()
        assert simulation.decided(1) == run.decisions.get(1)
        assert same(simulation.state(1)["held"], run.last.state(1)["held"])
        assert "held = " in "".join(str(run))
        again = Run.from_json(run.to_json(), Keeps)
        assert again == run and same(again.last.state(1)["held"], run.last.state(1)["held"])


def test_messages_that_differ_in_type_alone_are_two():
    class Sends(Node):
        heard: tuple = ()

        def start(self):
            if self.id == 0:
                self.send(1, Held(1))
                self.send(1, Held(True))

        def receive(self, sender, message):
            self.heard += (type(message.what).__name__,)

    for network in ("reliable", "lossy", "fifo"):
        c = System(Sends, 2, network=network).initial()
        assert len(c.in_flight) == 2
    run = simulate(System(Sends, 2), seed=3)
    assert sorted(run.last.state(1)["heard"]) == ["bool", "int"]
    assert Run.from_json(run.to_json(), Sends) == run
    heard = {c.state(1)["heard"] for c in explore(System(Sends, 2))}
    assert {("int", "bool"), ("bool", "int")} <= heard


def test_options_that_differ_in_type_alone_are_two_ways():
    class Chooses(Node):
        got: object = None

        def propose(self, value):
            self.got = self.choose((0, False, 0))

        def receive(self, sender, message):
            pass

    system = System(Chooses, 1, {0: "go"})
    assert [event.choices for event in system.events(system.initial())] == [(0,), (False,)]
    got = [system.step(system.initial(), event).state(0)["got"] for event in system.events(system.initial())]
    assert [type(value) for value in got] == [int, bool]
    assert len(explore(system)) == 3


def test_decisions_that_differ_in_type_alone_do_not_agree():
    class Decides(Node):
        def propose(self, value):
            self.decide(value)
            self.decide(float(value))

        def receive(self, sender, message):
            pass

    run = simulate(System(Decides, 1, {0: 1}))
    assert set(run.violations) == {"Agreement", "Validity"}
    assert {"Agreement", "Validity"} <= set(explore(System(Decides, 1, {0: 1})).violations)


def test_proposals_that_differ_in_type_alone_are_refused_in_one_system():
    class Decides(Node):
        def propose(self, value):
            self.decide(value)

        def receive(self, sender, message):
            pass

    with pytest.raises(ProtocolError, match="1 and True are both proposed|True and 1 are both proposed"):
        System(Decides, 2, {0: 1, 1: True})
    with pytest.raises(ProtocolError, match="both proposed"):
        Run(System(Decides, 2, {0: 1})).then(Propose(1, True))
    with pytest.raises(ProtocolError, match="there is no node True"):
        System(Decides, 2, {True: "red"})
    one, other = System(Decides, 1, {0: 1}), System(Decides, 1, {0: True})
    assert not one.same_as(other) and one.initial() != other.initial()
    shared = one.proposing({0: True})
    assert type(Run(shared).then(Propose(0, True)).decisions[0]) is bool
    assert type(Run(one).then(Propose(0, 1)).decisions[0]) is int


def test_nan_and_values_too_deep_are_refused():
    deep = ()
    for _ in range(1_000_000):
        deep = (deep,)

    class Sends(Node):
        value: object = None

        def propose(self, value):
            match value:
                case "nan":
                    self.value = float("nan")
                case "send":
                    self.send(0, Held(deep))
                case "keep":
                    self.value = deep
                case "decide":
                    self.decide(deep)

        def receive(self, sender, message):
            pass

    for value, why in {"nan": "nan", "send": "deep", "keep": "deep", "decide": "deep"}.items():
        for network in ("reliable", "lossy"):
            system = System(Sends, 2, {1: value}, network=network)
            with pytest.raises(ProtocolError, match=why):
                explore(system)
            with pytest.raises(ProtocolError, match=why):
                str(simulate(system))
    with pytest.raises(ProtocolError, match="deep"):
        System(Sends, 2, {0: deep})
    assert kinds(((("x",),),)) is None and DEEPEST > 20
