"""`events` and `step`: the asynchronous model itself, on random protocols and on those of the book."""

from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consensus_lab import (
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Envelope,
    Message,
    Node,
    Propose,
    ProtocolError,
    Restart,
    Run,
    System,
    Timeout,
    simulate,
)
from consensus_lab.model.network import NAMES
from tests.model.small import BOOK, BUDGETS, UNLIMITED, book, systems


def reachable(system, most=400):
    """Up to `most` configurations of a system, in breadth-first order."""
    found = {system.initial(): None}
    queue = list(found)
    for c in queue:
        for event in system.events(c):
            there = system.step(c, event)
            if there not in found and len(found) < most:
                found[there] = None
                queue.append(there)
    return queue


def walk(data, system, c, allowed, most=6):
    """A random schedule of events at the nodes in `allowed`, and where it leads."""
    events = []
    for _ in range(data.draw(st.integers(1, most))):
        possible = [event for event in system.events(c) if event.node in allowed]
        if not possible:
            break
        event = data.draw(st.sampled_from(possible))
        c = system.step(c, event)
        events.append(event)
    return events, c


def accepted(system, c, event):
    try:
        system.step(c, event)
    except ProtocolError:
        return False
    return True


def candidates(system, configurations):
    """Every event that could ever be of use in these configurations, and some that are of no use."""
    envelopes = dict.fromkeys(envelope for c in configurations for envelope in c.in_flight)
    timers = dict.fromkeys(name for c in configurations for i in system.nodes for name in c.timers(i))
    coins = [(), ("red",), ("blue",), ("red", "red"), ("red", "blue"), ("blue", "red"), ("blue", "blue")]
    for i in system.nodes:
        yield Crash(i)
        for choices in coins:
            yield Restart(i, choices)
            for value in ("red", "blue"):
                yield Propose(i, value, choices)
            for name in timers:
                yield Timeout(i, name, choices)
    for envelope in envelopes:
        yield Drop(envelope)
        yield Duplicate(envelope)
        for choices in coins:
            yield Deliver(envelope, choices)


def by_hand(system, c, event):
    """True for what `events` leaves out by its documentation: to be done by hand."""
    match event:
        case Propose(node, value):
            return system.proposals.get(node) != value or value in c.proposed or node not in c.crashed
        case Drop() | Duplicate():
            return system.network.faulty
        case Deliver():
            return system.network.faulty and node_and_network(system.step(c, event)) == node_and_network(c)
    return False


def node_and_network(c):
    return [c.state(i) for i in c.system.nodes], [c.timers(i) for i in c.system.nodes], c.in_flight


@given(systems())
def test_step_accepts_what_events_lists_and_nothing_else_but_what_is_done_by_hand(system):
    configurations = reachable(system, 60)[:60]
    pool = list(candidates(system, configurations))
    for c in configurations[::7]:
        listed = system.events(c)
        assert len(set(listed)) == len(listed)
        assert all(accepted(system, c, event) for event in listed)
        for event in pool:
            if event not in listed and accepted(system, c, event):
                assert by_hand(system, c, event), event


@pytest.mark.parametrize("name", BOOK)
@pytest.mark.parametrize("network", NAMES)
def test_step_accepts_the_events_of_the_books_protocols_and_nothing_else(name, network):
    system = book(network=network, crashes=1, restarts=1, timeouts=1)[name]
    configurations = reachable(system, 200)
    pool = list(candidates(system, configurations))
    for c in configurations[::40]:
        listed = system.events(c)
        assert all(accepted(system, c, event) for event in listed)
        assert all(by_hand(system, c, event) for event in pool if event not in listed and accepted(system, c, event))


@given(systems(), st.data())
def test_step_is_a_pure_function(system, data):
    events, c = walk(data, system, system.initial(), system.nodes)
    again = System(system.classes, None, system.proposals, network=system.network, **budgets(system))
    for event in system.events(c):
        text, number = str(c), hash(c)
        there = system.step(c, event)
        assert (str(c), hash(c)) == (text, number)
        assert system.step(c, event) == there and hash(system.step(c, event)) == hash(there)
        assert Run(again, [*events, event]).last == there  # whatever the first system has seen before
        assert system.events(there) == again.events(Run(again, [*events, event]).last)


def budgets(system):
    return system.budgets._asdict()


@given(systems(st.just(UNLIMITED)), st.data())
def test_schedules_of_disjoint_sets_of_nodes_commute(system, data):
    """Lemma 1 of Fischer, Lynch and Paterson (1985)."""
    _, c = walk(data, system, system.initial(), system.nodes, most=8)
    one = data.draw(st.sets(st.sampled_from(list(system.nodes)), min_size=1, max_size=system.n - 1))
    first, after_first = walk(data, system, c, one)
    second, after_second = walk(data, system, c, set(system.nodes) - one)
    assume(first and second)
    for event in second:
        after_first = system.step(after_first, event)
    for event in first:
        after_second = system.step(after_second, event)
    assert after_first == after_second


@pytest.mark.parametrize("network", NAMES)
@pytest.mark.parametrize("name", BOOK)
def test_events_at_different_nodes_commute_in_the_books_protocols(name, network):
    system = book(network=network, **UNLIMITED)[name]
    pairs = 0
    for c in reachable(system, 300)[::15]:
        for first, second in product(system.events(c), repeat=2):
            if first.node != second.node:
                pairs += 1
                assert system.step(system.step(c, first), second) == system.step(system.step(c, second), first)
    assert pairs > 100


@given(systems(), st.data())
def test_equal_configurations_have_equal_hashes_and_equal_futures(system, data):
    events, c = walk(data, system, system.initial(), system.nodes, most=10)
    again = System(system.classes, None, system.proposals, network=system.network, **budgets(system))
    same = Run(again, events).last
    assert c == same and hash(c) == hash(same) and len({c, same}) == 1
    assert system.events(c) == again.events(same)
    assert str(c) == str(same)


@given(systems(BUDGETS), st.data())
def test_budgets_bound_every_schedule(system, data):
    events, _ = walk(data, system, system.initial(), system.nodes, most=25)
    for kind, budget in zip((Crash, Restart, Timeout), system.budgets, strict=True):
        assert budget is None or sum(isinstance(event, kind) for event in events) <= budget


# -- one rule a test ------------------------------------------------------------------------------------------


class Ping(Message):
    number: int


class Durable(Node):
    kept: int = 0
    lost: int = 0
    log: tuple = ()

    durable = ("kept",)

    def start(self):
        self.set_timer("tick")

    def propose(self, value):
        self.kept += 1
        self.lost += 1
        self.decide(value)
        self.set_timer("tock")
        self.send(1 - self.id, Ping(self.kept))

    def receive(self, sender, message):
        self.log += ((sender, message.number),)

    def timeout(self, name):
        pass

    def restart(self):
        self.log += ("restarted",)


@pytest.fixture
def crashed():
    system = System(Durable, 2, {0: "red"}, crashes=None, restarts=None, timeouts=None)
    return Run(system).then(Propose(0, "red"), Crash(0))


def test_a_crash_forgets_all_but_durable_fields_and_the_decision(crashed):
    assert crashed.last.state(0) == {"kept": 1, "lost": 0, "log": (), "decided": "red"}
    assert crashed.last.crashed == {0}


def test_a_crash_disarms_the_timers(crashed):
    assert crashed.rewind(1).last.timers(0) == ("tick", "tock")
    assert crashed.last.timers(0) == ()
    assert not any(isinstance(event, Timeout) and event.node == 0 for event in crashed.system.events(crashed.last))


def test_a_restart_calls_its_handler_and_arms_nothing_by_itself(crashed):
    run = crashed.then(Restart(0))
    assert run.last.state(0) == {"kept": 1, "lost": 0, "log": ("restarted",), "decided": "red"}
    assert run.last.crashed == frozenset() and run.last.timers(0) == ()


def test_a_message_to_a_crashed_node_waits_for_its_restart(crashed):
    system = crashed.system
    run = Run(system).then(Propose(0, "red"), Crash(1))
    (envelope,) = run.last.in_flight
    assert Deliver(envelope) not in system.events(run.last)
    run = run.then(Restart(1), Deliver(envelope))
    assert run.last.state(1)["log"] == ("restarted", (0, 1))


def test_a_crash_leaves_what_was_sent_on_its_way(crashed):
    assert [envelope.message for envelope in crashed.last.in_flight] == [Ping(1)]


def test_a_reliable_network_delivers_each_copy_once():
    system = System(Durable, 2)
    run = Run(system).then(Propose(0, "a"), Propose(1, "b"), Propose(0, "c"))
    assert [e.message.number for e in run.last.in_flight if e.sender == 0] == [1, 2]

    class Twice(Durable):
        def propose(self, value):
            self.send(1, Ping(7))
            self.send(1, Ping(7))

    run = Run(System(Twice, 2)).then(Propose(0, "a"))
    letter = Deliver(Envelope(0, 1, Ping(7)))
    assert len(run.last.in_flight) == 2
    run = run.then(letter, letter)
    assert run.last.in_flight == () and run.last.state(1)["log"] == ((0, 7), (0, 7))
    with pytest.raises(ProtocolError):
        run.then(letter)


def test_a_lossy_network_delivers_again_and_again_until_it_drops():
    system = System(Durable, 2, {0: "red"}, network="lossy")
    run = Run(system).then(Propose(0, "red"))
    (envelope,) = run.last.in_flight
    run = run.then(*[Deliver(envelope)] * 3)
    assert run.last.state(1)["log"] == ((0, 1),) * 3
    assert run.then(Duplicate(envelope)).last == run.last
    run = run.then(Drop(envelope))
    assert run.last.in_flight == ()
    with pytest.raises(ProtocolError, match="not in flight"):
        run.then(Deliver(envelope))


def test_a_lossy_delivery_that_changes_nothing_is_no_event_but_can_be_done_by_hand():
    class Deaf(Durable):
        def receive(self, sender, message):
            pass

    system = System(Deaf, 2, {0: "red"}, network="lossy")
    run = Run(system).then(Propose(0, "red"))
    assert run.last.in_flight and system.events(run.last) == ()
    assert run.then(Deliver(run.last.in_flight[0])).last == run.last


def test_messages_to_oneself_are_handled_in_the_same_step_after_the_handler_in_order():
    class Inner(Node):
        log: tuple = ()

        def propose(self, value):
            self.send(self.id, Ping(1))
            self.broadcast(Ping(2))
            self.log += ("proposed",)

        def receive(self, sender, message):
            assert sender == self.id or self.id == 1
            self.log += (message.number,)
            if message.number == 1:
                self.send(self.id, Ping(3))

    run = Run(System(Inner, 2, {0: "x"})).then(Propose(0, "x"))
    assert run.last.state(0)["log"] == ("proposed", 1, 2, 3)
    assert run.last.in_flight == (Envelope(0, 1, Ping(2)),)
    assert simulate(run.system).last.state(0) == run.last.state(0)


class Decider(Node):
    def propose(self, value):
        for part in value.split():
            self.decide(part)

    def receive(self, sender, message):
        pass


def test_deciding_the_same_value_twice_is_nothing():
    system = System(Decider, 2)
    once, twice = (Run(system).then(Propose(0, value)) for value in ("red", "red red"))
    assert once.last.state(0) == twice.last.state(0) == {"decided": "red"}
    assert "Agreement" not in twice.violations


def test_deciding_another_value_is_recorded_as_a_violation_of_agreement_and_not_raised():
    run = Run(System(Decider, 2, names=["Ann", "Bob"])).then(Propose(0, "red blue"))
    assert run.decisions == {0: "red"}
    violation = run.violations["Agreement"]
    assert violation.step == 1 and set(violation.nodes) == {0}
    assert violation.why == "Ann decided red, then blue"


def test_two_nodes_that_decide_differently_violate_agreement():
    run = Run(System(Decider, 2)).then(Propose(0, "red"), Propose(1, "blue"))
    assert run.violations["Agreement"].step == 2 and set(run.violations["Agreement"].nodes) == {0, 1}


def test_a_decision_that_nobody_proposed_violates_validity():
    run = Run(System(Decider, 2)).then(Propose(0, "red blue"))
    assert "nobody has proposed" in run.violations["Validity"].why


class Clock(Node):
    fired: tuple = ()

    def start(self):
        self.set_timer("a")
        self.set_timer("b")

    def timeout(self, name):
        self.fired += (name,)
        if name == "a":
            self.clear_timer("b")
            self.set_timer("c")
        if name == "c" and self.fired.count("c") < 2:
            self.set_timer("c")

    def receive(self, sender, message):
        pass


def test_an_armed_timer_fires_once_and_a_disarmed_one_never():
    system = System(Clock, 1, timeouts=None)
    run = Run(system)
    assert system.events(run.last) == (Timeout(0, "a"), Timeout(0, "b"))
    run = run.then(Timeout(0, "a"))
    assert system.events(run.last) == (Timeout(0, "c"),)
    run = run.then(Timeout(0, "c"), Timeout(0, "c"))
    assert system.events(run.last) == ()
    assert run.last.state(0)["fired"] == ("a", "c", "c")


def test_a_message_of_another_class_with_the_same_name_has_a_place_of_its_own():
    def ping(module):
        return type("Ping", (Message,), {"__annotations__": {"number": int}, "__module__": module})

    kinds = [ping(f"module_{k}") for k in range(6)]

    class Sender(Node):
        def propose(self, value):
            for kind in self.order:
                self.send(1, kind(1))

        def receive(self, sender, message):
            pass

    ways = []
    for order in (tuple(kinds), tuple(reversed(kinds))):
        protocol = type("Sender", (Sender,), {"order": order})
        run = Run(System(protocol, 2)).then(Propose(0, "x"))
        ways.append([type(envelope.message).__module__ for envelope in run.last.in_flight])
    assert ways[0] == ways[1] == [f"module_{k}" for k in range(6)]


# -- messages -------------------------------------------------------------------------------------------------


def test_a_message_takes_defaults_and_keywords_and_says_what_is_missing():
    class Said(Message):
        who: int
        what: str = "red"

    assert Said(1) == Said(who=1, what="red") and str(Said(2, "blue")) == "Said 2 blue"
    odd = type("Odd", (Message,), {"__annotations__": {"self": int, "set_x": int, "x": int}})
    assert str(odd(1, 2, x=3)) == "Odd 1 2 3"
    with pytest.raises(TypeError, match=r"Said.__init__\(\) missing 1 required positional argument: 'who'"):
        Said()


def test_a_message_may_check_itself_and_inherit_fields():
    class Round(Message):
        number: int

        def __post_init__(self):
            assert self.number >= 0

    class Vote(Round):
        value: str

    assert Vote(1, "red").number == 1
    with pytest.raises(AssertionError):
        Vote(-1, "red")


def test_a_message_cannot_be_changed():
    ping = Ping(1)
    for name in (*ping._fields, "another"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(ping, name, 2)
    assert ping == Ping(1)
