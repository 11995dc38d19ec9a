"""Two-way steps: where one node settles the decision by what it hears first."""

import pytest

from consensus_lab import Deliver, Message, Node, System, Timeout, explore
from consensus_lab.exploration.two_way_steps import aftermath
from consensus_lab.protocols import BenOr, Coordinator, MajorityVote, RotatingCoordinator, TieBreakVote

TORN = {0: "red", 1: "blue"}


def only(valency):
    (value,) = valency
    return value


@pytest.mark.parametrize("reduce", [True, False])
@pytest.mark.parametrize("protocol", [Coordinator, MajorityVote])
def test_each_way_of_a_two_way_step_leads_to_one_decision(protocol, reduce):
    system = System(protocol, 3, TORN)
    graph = explore(system, reduce=reduce)
    steps = graph.two_way_steps()
    assert steps
    for step in steps:
        assert graph.valency(step.configuration) == {"red", "blue"}
        assert {event.node for event in step.events} == {step.node}
        for value, schedule in zip(step.values, step.schedules):
            c = step.configuration
            for event in schedule:
                c = system.step(c, event)
            assert only(graph.valency(c)) == value
    lengths = [len(step.run) for step in steps]
    assert lengths == sorted(lengths)


def test_all_forks_are_found():
    system = System(MajorityVote, 3, TORN)
    graph = explore(system, reduce=False)
    expected = set()
    for c in graph:
        settled = {}
        for event, there in system.successors(c):
            if len(graph.valency(there)) == 1:
                settled.setdefault(event.node, set()).update(graph.valency(there))
        expected |= {(c, node) for node, values in settled.items() if len(values) == 2}
    assert {(step.configuration, step.node) for step in graph.two_way_steps()} == expected


def test_the_coordinator_has_one_and_the_text_names_the_messages():
    (step,) = explore(System(Coordinator, 3, TORN)).two_way_steps()
    assert (step.node, len(step.run), step.fork) == (2, 2, True)
    assert str(step) == (
        "C settles it: red if “A → C Initialize red” comes first, blue if “B → C Initialize blue” does"
    )


def test_a_tie_break_lets_each_node_settle_it_by_itself():
    steps = explore(System(TieBreakVote, 3, TORN, timeouts=None)).two_way_steps()
    by_timer = [step for step in steps if {type(event) for event in step.events} == {Deliver, Timeout}]
    assert {step.node for step in by_timer} == {0, 1, 2}


def test_what_survives_a_crash_has_no_two_way_step():
    graph = explore(System(BenOr, 3, TORN), max_states=20_000)
    assert graph.two_way_steps() == ()  # as far as the search went


class Value(Message):
    value: object


class Close(Message):
    pass


class Chair(Node):
    """Node 0 takes the first value only when the meeting is closed; a value that comes first is red, else blue."""

    order: tuple = ()

    def propose(self, value):
        self.send(0, Value("red") if self.id == 1 else Close())

    def receive(self, sender, message):
        if self.id:
            self.decide(message.value)
            return
        self.order += (message,)
        if len(self.order) == 2:
            value = "red" if self.order[0] == Value("red") else "blue"
            self.broadcast_decision(value)

    def broadcast_decision(self, value):
        self.decide(value)
        for node in self.nodes:
            if node != self.id:
                self.send(node, Value(value))


def test_the_order_of_two_messages_settles_it_when_the_first_of_them_is_heard():
    steps = explore(System(Chair, 3, {1: "red", 2: "blue"})).two_way_steps()
    assert [set(step.values) for step in steps] == [{"red", "blue"}]


class Late(Node):
    """Node 0 decides red when it hears "go" first; hearing "stop" first leaves it open, and "go" then means blue
    unless a third message mends it.
    """

    stopped: bool = False

    def propose(self, value):
        self.send(0, Value(value))

    def receive(self, sender, message):
        match message:
            case Value("stop"):
                self.stopped = True
            case Value("mend"):
                self.stopped = False
            case Value("go"):
                self.decide("blue" if self.stopped else "red")


def test_a_hook_is_found_with_the_schedule_that_settles_the_second_value():
    system = System(Late, 4, {1: "go", 2: "stop", 3: "mend"})
    graph = explore(system)
    hooks = [step for step in graph.two_way_steps() if not step.fork]
    assert hooks
    for step in hooks:
        (one,), (other, then) = step.schedules
        assert then == one and other == step.events[1]
        ends = [system.step(step.configuration, one), system.step(system.step(step.configuration, other), one)]
        assert tuple(only(graph.valency(c)) for c in ends) == step.values


@pytest.mark.parametrize("protocol, waiting", [(Coordinator, (0, 1)), (MajorityVote, (0, 1))])
def test_without_its_node_nobody_can_decide(protocol, waiting):
    step = explore(System(protocol, 3, TORN)).two_way_steps()[0]
    after = aftermath(step)
    assert after.waiting == waiting and after.valency == frozenset()
    assert after.run.events[: len(step.run)] == step.run.events
    assert after.run.last.crashed == {step.node} and "Termination" in after.run.violations


def test_the_others_go_on_without_it_where_a_timer_takes_them_to_another_coordinator():
    step = explore(System(RotatingCoordinator, 3, TORN, timeouts=1), max_states=20_000).two_way_steps()[0]
    after = aftermath(step)
    assert after.run.last.crashed == {step.node} and after.valency == {"red"}
