"""Every mistake that a protocol author can make has an error that says where it is and how to mend it."""

import pytest

from consensus_lab import (
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Envelope,
    Message,
    Node,
    Partition,
    Propose,
    ProtocolError,
    Restart,
    Run,
    Simulation,
    System,
    Timeout,
    constant,
    explore,
    exponential,
    simulate,
    uniform,
)
from consensus_lab.protocols import MajorityVote, TieBreakVote
from consensus_lab.protocols.voting.majority import Voted, VoteFor


class Hello(Message):
    word: object = "hi"


class Quiet(Node):
    """Does nothing at all."""

    def propose(self, value):
        pass

    def receive(self, sender, message):
        pass

    def timeout(self, name):
        pass


def says(error, *words):
    """The text of the error has all these words."""
    text = str(error.value)
    missing = [word for word in words if word not in text]
    assert not missing, f"{missing} not in: {text}"


def refuses(*words):
    """A check that a ProtocolError is raised whose text has all these words."""
    return Refusal(words)


class Refusal:
    def __init__(self, words):
        self.words, self.raised = words, pytest.raises(ProtocolError)

    def __enter__(self):
        self.error = self.raised.__enter__()

    def __exit__(self, *exception):
        caught = self.raised.__exit__(*exception)
        says(self.error, *self.words)
        return caught


def on_propose(action, fields=None, base=Quiet, name="Faulty"):
    """A protocol whose `propose` does `action(node)`."""
    annotations = {field: object for field in fields or {}}
    body = {"__annotations__": annotations, **(fields or {}), "propose": lambda self, value: action(self)}
    return type(name, (base,), body)


def propose_everywhere(protocol, *words, n=2):
    """Stepping, simulating and exploring all refuse what the protocol does when node 1 proposes."""
    system = System(protocol, n, {1: "x"})
    with refuses(*words):
        system.step(system.initial(), Propose(1, "x"))
    with refuses(*words):
        simulate(System(protocol, n, {1: "x"}))
    with refuses(*words):
        explore(System(protocol, n, {1: "x"}))


IN_PROPOSE = ("Faulty", "node 1 (B)", "propose('x')")


def test_an_error_is_a_value_error_too():
    assert issubclass(ProtocolError, ValueError)


# -- classes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, instead", [([], "tuple"), (set(), "frozenset"), ({}, "frozenset"), (([],), "tuple"), (bytearray(), "tuple")]
)
def test_a_mutable_default_is_refused(value, instead):
    with refuses("Faulty.seen", "use a " + instead):
        on_propose(None, {"seen": value})


@pytest.mark.parametrize("value, instead", [([], "tuple"), (set(), "frozenset"), ({}, "frozenset")])
def test_a_mutable_class_attribute_is_refused_even_without_an_annotation(value, instead):
    with refuses("Faulty.seen", "use a " + instead):
        type("Faulty", (Quiet,), {"seen": value})


def test_a_mutable_override_of_an_inherited_field_is_refused():
    parent = type("Parent", (Quiet,), {"__annotations__": {"seen": frozenset}, "seen": frozenset()})
    with refuses("Child.seen", "frozenset"):
        type("Child", (parent,), {"seen": set()})


def test_a_field_without_default_is_refused():
    with refuses("Faulty.vote", "no default", "vote: ... = None"):

        class Faulty(Node):
            vote: str


@pytest.mark.parametrize("name", ["id", "nodes", "majority", "decided", "send", "propose", "start", "durable"])
def test_a_field_that_hides_a_name_of_every_node_is_refused(name):
    with refuses(f"Faulty.{name}", "choose another name"):
        type("Faulty", (Quiet,), {"__annotations__": {name: int}, name: 3})


def test_durable_that_names_no_field_is_refused():
    with refuses("Faulty.durable", "'promise'"):
        type("Faulty", (Quiet,), {"__annotations__": {"promised": int}, "promised": 0, "durable": ("promise",)})


def test_durable_that_is_one_string_is_refused():
    with refuses("Faulty.durable", 'durable = ("promised",)'):
        type("Faulty", (Quiet,), {"__annotations__": {"promised": int}, "promised": 0, "durable": "promised"})


def test_a_protocol_without_receive_is_refused():
    class Deaf(Node):
        def propose(self, value):
            self.send(0, Hello())

    with refuses("Deaf", "receive(self, sender, message)"):
        system = System(Deaf, 2, {1: "x"})
        c = system.step(system.initial(), Propose(1, "x"))
        system.step(c, system.events(c)[0])


def test_a_constant_of_the_class_may_be_anything_hashable():
    patient = type("Patient", (Quiet,), {"patience": 2.5, "alphabet": ("a", "b")})
    assert System(patient, 1).initial().state(0) == {"decided": None}


# -- what handlers do -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("value, instead", [([], "tuple"), (set(), "frozenset"), ({}, "frozenset")])
def test_a_mutable_value_that_a_handler_assigns_is_refused(value, instead):
    def assign(node):
        node.seen = value

    propose_everywhere(on_propose(assign, {"seen": None}), *IN_PROPOSE, "Faulty.seen", "use a " + instead)


def test_a_mutable_value_that_a_handler_assigns_for_a_moment_is_refused_when_the_run_is_read():
    class Fickle(Quiet):
        seen: tuple = ()

        def propose(self, value):
            self.seen = []
            self.send(1, Hello())

        def receive(self, sender, message):
            self.seen = ()
            if self.id == 1:
                self.send(0, message)

    with refuses("Fickle.seen", "node 0", "propose('x')", "tuple"):
        _ = simulate(System(Fickle, 2, {0: "x"})).decisions


def test_an_attribute_that_the_class_does_not_declare_is_refused():
    def assign(node):
        node.count = 1

    propose_everywhere(on_propose(assign), *IN_PROPOSE, "self.count", "declare it", "count: ... = None")


def test_an_attribute_without_annotation_is_no_field():
    def assign(node):
        node.count += 1

    protocol = on_propose(assign)
    protocol.count = 0
    propose_everywhere(protocol, *IN_PROPOSE, "self.count", "declare it")


def test_a_field_that_a_handler_deletes_is_refused():
    def delete(node):
        del node.vote

    protocol = on_propose(lambda node: (setattr(node, "vote", 1), delete(node)), {"vote": None})
    propose_everywhere(protocol, *IN_PROPOSE, "self.vote", "None")


@pytest.mark.parametrize("name, value", [("id", 0), ("nodes", range(9)), ("majority", 1)])
def test_what_belongs_to_the_system_cannot_be_assigned(name, value):
    def assign(node):
        setattr(node, name, value)

    propose_everywhere(on_propose(assign), *IN_PROPOSE, f"self.{name}")


def test_decided_cannot_be_assigned():
    def assign(node):
        node.decided = "x"

    propose_everywhere(on_propose(assign), *IN_PROPOSE, "self.decided", "self.decide(")


def test_deciding_none_is_refused():
    propose_everywhere(on_propose(lambda node: node.decide(None)), *IN_PROPOSE, "decide(None)", "decide on a value")


def test_deciding_what_can_change_is_refused():
    propose_everywhere(on_propose(lambda node: node.decide(["x"])), *IN_PROPOSE, "decide(['x'])", "tuple")


def test_sending_what_is_no_message_is_refused():
    propose_everywhere(
        on_propose(lambda node: node.send(0, "hello")), *IN_PROPOSE, "'hello' is no Message", "class Hello(Message)"
    )


def test_broadcasting_what_is_no_message_is_refused():
    propose_everywhere(on_propose(lambda node: node.broadcast(7)), *IN_PROPOSE, "7 is no Message")


def test_sending_a_message_class_in_place_of_a_message_is_refused():
    propose_everywhere(on_propose(lambda node: node.send(0, Hello)), *IN_PROPOSE, "is no Message")


def test_a_message_that_cannot_be_hashed_is_refused():
    propose_everywhere(
        on_propose(lambda node: node.send(0, Hello(["a"]))), *IN_PROPOSE, "Hello(['a'])", "use a tuple or a frozenset"
    )


def test_a_broadcast_message_that_cannot_be_hashed_is_refused():
    propose_everywhere(on_propose(lambda node: node.broadcast(Hello({}))), *IN_PROPOSE, "Hello({})", "tuple")


def test_a_message_to_oneself_that_cannot_be_hashed_is_refused():
    propose_everywhere(on_propose(lambda node: node.send(node.id, Hello([]))), *IN_PROPOSE, "Hello([])", "tuple")


def test_a_message_that_cannot_be_hashed_is_refused_after_good_ones_of_its_class():
    def send_both(node):
        node.send(0, Hello("good"))
        node.send(0, Hello(["bad"]))

    protocol = on_propose(send_both)
    system = System(protocol, 2, {1: "x"})
    with refuses(*IN_PROPOSE, "Hello(['bad'])", "tuple"):
        system.step(system.initial(), Propose(1, "x"))
    with refuses("Faulty", "Hello(['bad'])", "tuple"):
        _ = simulate(system).decisions


@pytest.mark.parametrize("to", [2, -1, "B", None, 1.0, True])
def test_sending_to_a_node_that_does_not_exist_is_refused(to):
    propose_everywhere(
        on_propose(lambda node: node.send(to, Hello())), *IN_PROPOSE, f"no node {to!r}", "send to one of 0 to 1"
    )


def test_a_handler_that_raises_is_named_with_its_arguments():
    propose_everywhere(on_propose(lambda node: {}["key"]), *IN_PROPOSE, "it raised KeyError: 'key'")


def test_a_receive_that_raises_names_sender_and_message():
    class Faulty(Quiet):
        def propose(self, value):
            self.send(0, Hello(value))

        def receive(self, sender, message):
            return 1 / (sender - 1)

    system = System(Faulty, 2, {1: "x"})
    words = ("Faulty", "node 0 (A)", "receive(1, Hello('x'))", "ZeroDivisionError")
    c = system.step(system.initial(), Propose(1, "x"))
    with refuses(*words):
        system.step(c, Deliver(Envelope(1, 0, Hello("x"))))
    with refuses(*words):
        simulate(system)
    with refuses(*words):
        explore(system)


def test_the_cause_of_an_error_in_a_handler_is_kept():
    protocol = on_propose(lambda node: {}["key"])
    with pytest.raises(ProtocolError) as caught:
        simulate(System(protocol, 1, {0: "x"}))
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize("call, handler", [("start", "start()"), ("timeout", "timeout('t')"), ("restart", "restart()")])
def test_the_other_handlers_are_named_too(call, handler):
    def fail(self, *arguments):
        raise RuntimeError("oh no")

    def start(self):
        self.set_timer("t")

    protocol = type("Faulty", (Quiet,), {"start": start, call: fail})
    with refuses("Faulty", "node 0 (A)", handler, "RuntimeError: oh no"):
        system = System(protocol, 1, crashes=1, restarts=1, timeouts=1)
        c = system.initial()
        if call == "timeout":
            system.step(c, Timeout(0, "t"))
        system.step(system.step(c, Crash(0)), Restart(0))


def test_a_handler_that_forever_sends_to_itself_is_stopped():
    class Narcissus(Quiet):
        def propose(self, value):
            self.send(self.id, Hello())

        def receive(self, sender, message):
            self.send(self.id, message)

    system = System(Narcissus, 2, {1: "x"})
    for run in (simulate, explore):
        with refuses("Narcissus", "node 1 (B)", "propose('x')", "sent itself", "does it ever stop?"):
            run(system)


@pytest.mark.parametrize("after", [0, -1, 0.0, float("nan")])
def test_a_timer_without_a_time_above_zero_is_refused(after):
    propose_everywhere(
        on_propose(lambda node: node.set_timer("t", after=after)), *IN_PROPOSE, "set_timer('t'", "a time above 0"
    )


def test_a_timer_with_a_time_that_is_no_number_is_refused():
    propose_everywhere(on_propose(lambda node: node.set_timer("t", after="soon")), *IN_PROPOSE, "'soon'", "above 0")


@pytest.mark.parametrize("name", [3, None, ("a", 1), ["a"]])
def test_a_timer_whose_name_is_no_string_is_refused(name):
    propose_everywhere(on_propose(lambda node: node.set_timer(name)), *IN_PROPOSE, f"set_timer({name!r}", "string")


def test_choosing_of_nothing_is_refused():
    propose_everywhere(on_propose(lambda node: node.choose([])), *IN_PROPOSE, "choose()", "pass at least one")


def test_choosing_of_what_can_change_is_refused():
    propose_everywhere(on_propose(lambda node: node.choose([[1], [2]])), *IN_PROPOSE, "choose", "[1]", "tuple")


def test_choosing_in_start_is_refused():
    chooser = type("Chooser", (Quiet,), {"start": lambda self: self.choose((1, 2))})
    for use in (lambda s: s.initial(), simulate, explore):
        with refuses("Chooser", "start", "choose in propose, receive or timeout"):
            use(System(chooser, 2))


# -- systems --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(MajorityVote, 0), (MajorityVote,), ([],)])
def test_a_system_of_no_nodes_is_refused(arguments):
    with refuses("no nodes", "n=3"):
        System(*arguments)


@pytest.mark.parametrize("n", [-1, 2.0, "3"])
def test_a_number_of_nodes_that_is_none_is_refused(n):
    with refuses(f"n={n!r}", "whole number of nodes"):
        System(MajorityVote, n)


def test_a_list_of_classes_of_another_length_than_n_is_refused():
    with refuses("n=3", "one for each class"):
        System([MajorityVote, MajorityVote], 3)


@pytest.mark.parametrize("protocol", [7, "MajorityVote", int, [MajorityVote, None]])
def test_what_is_no_protocol_is_refused(protocol):
    with refuses("is no protocol", "subclass of Node"):
        System(protocol, len(protocol) if isinstance(protocol, list) else 2)


def test_a_node_in_place_of_its_class_is_refused():
    with refuses("is no protocol", "the class itself"):
        System(MajorityVote(), 2)


def test_an_unknown_network_is_refused():
    with refuses("network='loosy'", '"reliable" or "lossy"'):
        System(MajorityVote, 3, network="loosy")


@pytest.mark.parametrize("name", ["crashes", "restarts", "timeouts"])
@pytest.mark.parametrize("count", [-1, 1.5, "many"])
def test_a_budget_that_is_no_count_is_refused(name, count):
    with refuses(f"{name}={count!r}", "None for no limit"):
        System(MajorityVote, 3, **{name: count})


@pytest.mark.parametrize("node", [3, -1, "A", None, 0.0])
def test_a_proposal_for_a_node_that_does_not_exist_is_refused(node):
    with refuses(f"no node {node!r}", "MajorityVote", "numbered 0 to 2"):
        System(MajorityVote, 3, {node: "red"})


def test_a_proposal_of_none_is_refused():
    with refuses("MajorityVote", "node 1", "None cannot be proposed"):
        System(MajorityVote, 3, {1: None})


def test_a_proposal_that_cannot_be_hashed_is_refused():
    with refuses("MajorityVote", "node 1", "['red']", "use a string or a tuple"):
        System(MajorityVote, 3, {1: ["red"]})


def test_a_proposal_to_a_class_that_takes_none_is_refused():
    mute = type("Mute", (Node,), {"receive": lambda self, sender, message: None})
    with refuses("Mute", "node 0", "'red'", "no propose(self, value)"):
        System(mute, 2, {0: "red"})


def test_proposals_without_node_numbers_are_refused():
    with refuses("['red', 'blue']", '{0: "red"}'):
        System(MajorityVote, 3, ["red", "blue"])


@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "b"), "ABCD"])
def test_names_that_are_not_one_a_node_are_refused(names):
    with refuses("3 different names"):
        System(MajorityVote, 3, names=names)


# -- events ---------------------------------------------------------------------------------------------------


@pytest.fixture
def system():
    return System(MajorityVote, 3, {0: "red"}, crashes=1)


def test_a_message_that_is_not_in_flight_cannot_be_delivered(system):
    with refuses("MajorityVote", "A → B Voted red", "not in flight", "configuration.in_flight"):
        system.step(system.initial(), Deliver(Envelope(0, 1, Voted("red"))))


def test_a_message_cannot_be_delivered_twice_on_a_reliable_network(system):
    vote_for = Deliver(Envelope(0, 1, VoteFor("red")))
    run = Run(system).then(Propose(0, "red"), vote_for)
    with refuses("A → B VoteFor red", "not in flight"):
        run.then(vote_for)


@pytest.mark.parametrize(
    "event", [Propose(3, "red"), Crash(-1), Timeout("A", "t"), Deliver(Envelope(0, 3, VoteFor("red")))]
)
def test_an_event_at_a_node_that_does_not_exist_is_refused(system, event):
    with refuses("MajorityVote", "there is no node", "0 to 2"):
        system.step(system.initial(), event)


@pytest.mark.parametrize("thing", ["deliver", None, 3, Hello(), Envelope(0, 1, VoteFor("red"))])
def test_what_is_no_event_is_refused(system, thing):
    with refuses("MajorityVote", repr(thing), "no event", "Propose, Deliver"):
        system.step(system.initial(), thing)


@pytest.mark.parametrize("event", [Propose(2, "blue"), Deliver(Envelope(0, 2, VoteFor("red"))), Crash(2)])
def test_a_crashed_node_takes_no_step(event):
    system = System(MajorityVote, 3, {0: "red"}, crashes=2)
    run = Run(system).then(Propose(0, "red"), Crash(2))
    with refuses("MajorityVote", "node 2 has crashed", "restart it first"):
        run.then(event)


def test_a_timer_that_is_not_armed_cannot_fire():
    system = System(TieBreakVote, 3, timeouts=1)
    with refuses("TieBreakVote", "B times out (tie)", "no such timer is armed", "armed: none"):
        system.step(system.initial(), Timeout(1, "tie"))


def test_a_node_that_is_up_cannot_restart():
    system = System(MajorityVote, 3, restarts=1)
    with refuses("MajorityVote", "C restarts", "node 2 is up", "only a crashed node restarts"):
        system.step(system.initial(), Restart(2))


@pytest.mark.parametrize("used, event, budget", [
    ((), Restart(0), "restarts=1"),
    ((), Timeout(0, "t"), "timeouts=1"),
    ((Crash(0),), Crash(1), "crashes=2"),
])  # fmt: skip
def test_an_event_beyond_its_budget_is_refused(used, event, budget):
    system = System(type("Ticking", (Quiet,), {"start": lambda self: self.set_timer("t")}), 2, crashes=1)
    run = Run(system).then(*used)
    with refuses("Ticking", "the budget is used up", budget):
        run.then(event)


@pytest.mark.parametrize("event", [Drop, Duplicate])
def test_a_reliable_network_neither_loses_nor_copies(system, event):
    c = system.step(system.initial(), Propose(0, "red"))
    with refuses("A → B VoteFor red", "neither loses nor copies", 'network="lossy"'):
        system.step(c, event(c.in_flight[0]))


@pytest.mark.parametrize("event", [Drop, Duplicate])
def test_what_is_not_in_flight_is_neither_lost_nor_copied(event):
    system = System(MajorityVote, 3, network="lossy")
    with refuses("A → B VoteFor red", "not in flight"):
        system.step(system.initial(), event(Envelope(0, 1, VoteFor("red"))))


@pytest.mark.parametrize("choices", [(), ("green",), ("red", "red")])
def test_a_choice_that_the_handler_does_not_offer_is_refused(choices):
    system = System(on_propose(lambda node: node.decide(node.choose(("red", "blue"))), name="Gambler"), 1, {0: "x"})
    with refuses("Gambler", "A proposes x", "choices=", "('red',)", "('blue',)"):
        system.step(system.initial(), Propose(0, "x", choices))
    assert system.step(system.initial(), Propose(0, "x", ("blue",))).decisions == {0: "blue"}


def test_a_choice_for_a_handler_that_makes_none_is_refused(system):
    with refuses("A proposes red", "choices"):
        system.step(system.initial(), Propose(0, "red", ("heads",)))


@pytest.mark.parametrize("k", [-1, 2])
def test_rewinding_to_where_the_run_never_was_is_refused(system, k):
    with refuses(f"rewind({k})", "pass 0 to 1"):
        Run(system).then(Propose(0, "red")).rewind(k)


def test_a_run_with_fewer_times_than_events_is_refused(system):
    with refuses("1 events have 0 times"):
        Run(system, [Propose(0, "red")], [])


# -- simulations and searches ---------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["loss", "duplication"])
def test_a_reliable_network_has_no_loss_and_no_duplication(option):
    with refuses(f"{option}=0.1", 'network="lossy"'):
        simulate(System(MajorityVote, 3), **{option: 0.1})


@pytest.mark.parametrize("option", ["loss", "duplication"])
@pytest.mark.parametrize("chance", [-0.1, 1.1, float("nan")])
def test_a_chance_outside_of_zero_and_one_is_refused(option, chance):
    with refuses(f"{option}={chance!r}", "from 0 to 1"):
        simulate(System(MajorityVote, 3, network="lossy"), **{option: chance})


@pytest.mark.parametrize("fault", [
    Crash(1), 5.0, (5.0,), (5.0, "crash"), (-1.0, Crash(1)), ("soon", Crash(1)),
    (5.0, Deliver(Envelope(0, 1, Hello()))),
])  # fmt: skip
def test_a_fault_that_is_none_is_refused(fault):
    with refuses(repr(fault), "(5.0, Crash(2))", "Partition(3.0, 9.0, [{0, 1}, {2}])"):
        simulate(System(MajorityVote, 3), faults=[fault])


@pytest.mark.parametrize("event", [Crash(3), Restart(-1), Propose(7, "red"), Crash("A")])
def test_a_fault_at_a_node_that_does_not_exist_is_refused(event):
    with refuses("MajorityVote", f"no node {event.node!r}", "0 to 2"):
        simulate(System(MajorityVote, 3), faults=[(1.0, event)])


def test_a_partition_of_a_node_that_does_not_exist_is_refused():
    with refuses("no node 3", "0 to 2"):
        simulate(System(MajorityVote, 3), faults=[Partition(1.0, 2.0, [{0, 1}, {3}])])


@pytest.mark.parametrize("groups", [[0, 1], [{0, 1}, {1, 2}], 3])
def test_a_partition_whose_groups_are_none_is_refused(groups):
    with refuses("Partition", repr(groups), "[{0, 1}, {2}]"):
        simulate(System(MajorityVote, 3), faults=[Partition(1.0, 2.0, groups)])


def test_a_partition_that_ends_before_it_starts_is_refused():
    with refuses("Partition", "9.0", "3.0", "end"):
        simulate(System(MajorityVote, 3), faults=[Partition(9.0, 3.0, [{0, 1}, {2}])])


def test_a_timed_crash_of_a_crashed_node_is_refused():
    with refuses("MajorityVote", "node 1", "crash at 2.0", "down already"):
        simulate(System(MajorityVote, 3), faults=[(1.0, Crash(1)), (2.0, Crash(1))])


def test_a_timed_restart_of_a_node_that_is_up_is_refused():
    with refuses("MajorityVote", "node 1", "restart at 2.0", "is up", "crash it first"):
        simulate(System(MajorityVote, 3), faults=[(2.0, Restart(1))])


def test_a_timed_proposal_of_none_is_refused():
    with refuses("MajorityVote", "node 1", "None cannot be proposed"):
        simulate(System(MajorityVote, 3), faults=[(2.0, Propose(1, None))])


def test_a_client_cannot_propose_what_cannot_be_hashed():
    simulation = Simulation(System(MajorityVote, 3))
    with refuses("MajorityVote", "node 1", "['red']", "use a string or a tuple"):
        simulation.propose(1, ["red"])
        simulation.run()


@pytest.mark.parametrize("delay", [lambda: constant(-1.0), lambda: uniform(2.0, 1.0), lambda: uniform(-1.0, 1.0),
                                   lambda: exponential(0.0)])  # fmt: skip
def test_a_delay_below_zero_is_refused(delay):
    with pytest.raises(ValueError, match="delay"):
        delay()


@pytest.mark.parametrize("most", [0, -1])
def test_a_search_of_no_configurations_is_refused(most):
    with refuses(f"max_states={most}", "at least one"):
        explore(System(MajorityVote, 3), max_states=most)


def test_the_valency_of_a_configuration_that_no_schedule_reaches_is_refused():
    graph = explore(System(MajorityVote, 3, {0: "red"}))
    elsewhere = System(MajorityVote, 3, {0: "blue"})
    with refuses("is not in the graph", "no schedule leads to it"):
        graph.valency(elsewhere.step(elsewhere.initial(), Propose(0, "blue")))


@pytest.mark.parametrize("proposals", [{0: "red", 1: "blue"}, {0: "red"}])
def test_a_valency_that_the_bound_leaves_open_is_refused(proposals):
    system = System(MajorityVote, 3, proposals)
    with refuses("stopped at 10 configurations", "raise max_states"):
        explore(system, reduce=False, max_states=10).valency(system.initial())
