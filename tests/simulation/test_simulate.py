"""A simulation is one schedule of the model, and its clock, losses, partitions and crashes are as they say."""

import random
from collections import Counter
from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    Restart,
    Run,
    Simulation,
    System,
    Timeout,
    constant,
    exponential,
    simulate,
    uniform,
)
from consensus_lab.model.network import NAMES
from consensus_lab.protocols import MajorityVote
from tests.model.small import BOOK, RULES, UNLIMITED, VALUES, automaton, book

DELAYS = st.sampled_from((constant(1.0), uniform(0.5, 1.5), exponential(1.0)))
FAULTS = st.one_of(
    st.tuples(st.floats(0, 6).map(lambda t: round(t, 1)), st.integers(0, 2)).map(
        lambda it: [(it[0], Crash(it[1])), (it[0] + 1.5, Restart(it[1]))]
    ),
    st.tuples(st.sampled_from((0.0, 0.5, 2.0)), st.integers(0, 2), st.sampled_from(VALUES)).map(
        lambda it: [(it[0], Propose(it[1], it[2]))]
    ),
    st.sampled_from((0.0, 1.0)).map(lambda t: [Partition(t, t + 2.0, [{0}, {1, 2}])]),
)


@st.composite
def simulations(draw, n=3):
    """Arguments for `simulate`, of a random protocol, and the journal that its nodes write."""
    network = draw(st.sampled_from(NAMES))
    journal = []
    proposals = {0: "red", 1: "blue"}
    system = System(automaton(draw(RULES), journal), n, proposals, network=network, **UNLIMITED)
    options = {"seed": draw(st.integers(0, 999)), "delay": draw(DELAYS)}
    options["faults"] = [fault for faults in draw(st.lists(FAULTS, max_size=2)) for fault in faults]
    if sum(isinstance(f, tuple) and isinstance(f[1], Crash) for f in options["faults"]) > 1:
        options["faults"] = options["faults"][:2]
    if network == "lossy":
        options |= {"loss": draw(st.sampled_from((0.0, 0.4, 1.0))), "duplication": draw(st.sampled_from((0.0, 0.5)))}
    return system, options, journal


def fresh(system):
    """The same system, that has seen nothing yet."""
    return System(system.classes, None, system.proposals, network=system.network, names=system.names, **UNLIMITED)


@given(simulations())
def test_every_simulated_run_is_a_schedule_of_the_model(simulation):
    system, options, _ = simulation
    run = simulate(system, **options)
    c = (strict := fresh(system)).initial()
    for event, expected in zip(run.events, run.configurations[1:], strict=True):
        c = strict.step(c, event)
        assert c == expected


@given(simulations())
def test_the_nodes_of_a_simulation_are_always_as_the_model_has_them(simulation):
    system, options, journal = simulation
    running = Simulation(system, **options)
    c = (strict := fresh(system)).initial()
    journal.clear()
    for _ in range(60):
        if not running.advance():
            break
        event = running.to_run().events[-1]
        wrote = journal[-1] if journal else None
        c = strict.step(c, event)
        journal.clear()
        if wrote:
            assert wrote == (event.node, c.state(event.node)), event
        for i in system.nodes:
            assert running.decided(i) == c.decisions.get(i)


@given(simulations(), st.integers(0, 25))
def test_a_simulation_that_stops_and_goes_on_is_the_same_run(simulation, k):
    system, options, _ = simulation
    whole = simulate(fresh(system), **options, max_events=40)
    running = Simulation(system, **options)
    running.run(max_events=min(k, 40))
    assert running.to_run() == whole.rewind(min(k, len(whole)))
    running.run(max_events=40 - min(k, 40))
    assert running.to_run() == whole


@given(simulations())
def test_the_same_seed_gives_the_same_run_and_its_times_never_go_back(simulation):
    system, options, _ = simulation
    run = simulate(system, **options)
    assert run == simulate(fresh(system), **options)
    assert all(before <= after for before, after in pairwise((0.0, *run.times)))


@given(simulations(), st.integers(0, 20))
def test_a_run_that_goes_on_from_a_rewound_one_is_a_schedule_of_the_model(simulation, k):
    system, options, _ = simulation
    begin = simulate(system, **options)
    begin = begin.rewind(min(k, len(begin)))
    options.pop("faults")
    longer = simulate(system, after=begin, **options)
    assert longer.rewind(len(begin)) == begin
    c = (strict := fresh(system)).initial()
    for event in longer.events:
        c = strict.step(c, event)
    assert c == longer.last
    assert all(before <= after for before, after in pairwise(longer.times))


@pytest.mark.parametrize("name", BOOK)
@pytest.mark.parametrize("network", ["reliable", "lossy"])
def test_runs_of_the_books_protocols_are_schedules_of_the_model(name, network):
    system = book(network=network, **UNLIMITED)[name]
    for seed in range(15):
        faults = [(0.5 * seed, Crash(seed % 3)), (0.5 * seed + 2, Restart(seed % 3))] if seed % 2 else []
        chances = {"loss": 0.2, "duplication": 0.2} if network == "lossy" else {}
        run = simulate(system, seed, faults=faults, **chances)
        c = (strict := fresh(system)).initial()
        for event in run.events:
            c = strict.step(c, event)
        assert c == run.last and len(run) > 3


def test_different_seeds_give_different_runs():
    runs = [simulate(book()["MajorityVote"], seed) for seed in range(10)]
    assert len({run.events for run in runs}) == 10


# -- the network ----------------------------------------------------------------------------------------------


class Note(Message):
    number: int


class Sender(Node):
    """Node 0 sends node 1 as many different messages as it is asked to."""

    got: tuple[int, ...] = ()

    def propose(self, value):
        for number in range(value):
            self.send(1, Note(number))

    def receive(self, sender, message):
        self.got += (message.number,)


def kinds(run):
    return Counter(type(event) for event in run.events)


@pytest.mark.parametrize("delay, low, high, average", [
    (constant(2.0), 2.0, 2.0, 2.0),
    (uniform(0.5, 1.5), 0.5, 1.5, 1.0),
    (exponential(3.0), 0.0, 40.0, 3.0),
    (lambda rng: rng.choice((1.0, 2.0)), 1.0, 2.0, 1.5),
])  # fmt: skip
def test_delays_come_from_their_distribution(delay, low, high, average):
    run = simulate(System(Sender, 2, {0: 2000}), delay=delay)
    assert run.events[0] == Propose(0, 2000) and run.times[0] == 0.0
    times = run.times[1:]
    assert len(times) == 2000 and low <= min(times) and max(times) <= high
    assert mean(times) == pytest.approx(average, rel=0.1)
    assert isinstance(delay(random.Random(1)), float)


def test_the_default_delay_is_from_a_half_to_one_and_a_half():
    times = simulate(System(Sender, 2, {0: 2000})).times[1:]
    assert 0.5 <= min(times) < 0.51 and 1.49 < max(times) <= 1.5


def test_a_reliable_network_delivers_everything_once_and_out_of_order():
    got = simulate(System(Sender, 2, {0: 100})).last.state(1)["got"]
    assert sorted(got) == list(range(100)) and list(got) != sorted(got)


@pytest.mark.parametrize("loss", [0.0, 0.3, 1.0])
def test_losses_are_as_frequent_as_asked_for(loss):
    run = simulate(System(Sender, 2, {0: 2000}, network="lossy"), loss=loss)
    lost = {event.envelope.message.number for event in run.events if isinstance(event, Drop)}
    got = run.last.state(1)["got"]
    assert sorted((*lost, *got)) == list(range(2000))
    assert len(lost) / 2000 == pytest.approx(loss, abs=0.04)


@pytest.mark.parametrize("duplication", [0.0, 0.25, 1.0])
def test_duplicates_are_as_frequent_as_asked_for_and_arrive(duplication):
    run = simulate(System(Sender, 2, {0: 2000}, network="lossy"), duplication=duplication)
    doubled = [event.envelope.message.number for event in run.events if isinstance(event, Duplicate)]
    assert len(doubled) / 2000 == pytest.approx(duplication, abs=0.04)
    assert Counter(run.last.state(1)["got"]) == Counter(range(2000)) + Counter(doubled)


def test_what_is_lost_on_its_way_is_not_lost_while_a_copy_is_on_its_way():
    class Again(Sender):
        def propose(self, value):
            for _ in range(value):
                self.send(1, Note(7))

    seen = set()
    for seed in range(30):
        run = simulate(System(Again, 2, {0: 3}, network="lossy"), seed, loss=0.5)
        after_drop = run.events.index(Drop(Envelope(0, 1, Note(7)))) if kinds(run)[Drop] else None
        if after_drop is not None:
            assert not any(isinstance(event, Deliver) for event in run.events[after_drop:])
            assert run.last.in_flight == ()
        seen.add((kinds(run)[Deliver], kinds(run)[Drop]))
    assert (3, 0) in seen and (0, 1) in seen and any(delivered and dropped for delivered, dropped in seen)


def partitioned(network, *partitions, at=2.0, n=2, delay=constant(1.0)):
    system = System(Sender, n, network=network)
    return simulate(system, delay=delay, faults=[(at, Propose(0, 1)), *partitions])


def test_a_reliable_partition_holds_a_message_back_until_its_end():
    run = partitioned("reliable", Partition(1.0, 5.0, [{0}, {1}]))
    assert run.times == (2.0, 6.0) and run.last.state(1)["got"] == (0,)


def test_a_lossy_partition_loses_a_message():
    run = partitioned("lossy", Partition(1.0, 5.0, [{0}, {1}]))
    assert kinds(run) == {Propose: 1, Drop: 1} and run.last.state(1)["got"] == ()


@pytest.mark.parametrize("network", ["reliable", "lossy"])
@pytest.mark.parametrize("start, end", [(2.5, 9.0), (1.0, 2.0), (0.0, 1.5)])
def test_a_message_sent_before_or_after_a_partition_passes(network, start, end):
    assert partitioned(network, Partition(start, end, [{0}, {1}])).times == (2.0, 3.0)


@pytest.mark.parametrize("network", ["reliable", "lossy"])
def test_messages_within_a_group_pass(network):
    assert partitioned(network, Partition(1.0, 5.0, [{0, 1}, {2}]), n=3).times == (2.0, 3.0)


def test_a_node_in_no_group_is_a_group_of_its_own():
    assert partitioned("reliable", Partition(1.0, 5.0, [{0, 2}]), n=3).times == (2.0, 6.0)
    assert partitioned("reliable", Partition(1.0, 5.0, [{2}]), n=3).times == (2.0, 6.0)


def test_partitions_that_follow_each_other_hold_a_message_back_until_the_last_ends():
    there, back = Partition(1.0, 5.0, [{0}, {1}]), Partition(5.0, 9.0, [{0}, {1}])
    assert partitioned("reliable", there, back).times == (2.0, 10.0)
    assert partitioned("reliable", back, there).times == (2.0, 10.0)


def test_partitions_that_overlap_hold_a_message_back_until_the_last_ends():
    first, second = Partition(1.0, 5.0, [{0}, {1}]), Partition(3.0, 9.0, [{0}, {1}])
    assert partitioned("reliable", first, second).times == (2.0, 10.0)


def test_faults_may_come_from_a_generator():
    faults = [(2.0, Propose(0, 1)), Partition(1.0, 5.0, [{0}, {1}])]
    run = simulate(System(Sender, 2), delay=constant(1.0), faults=(fault for fault in faults))
    assert run.times == (2.0, 6.0)


# -- proposals, timers, crashes -------------------------------------------------------------------------------


def test_proposals_come_at_time_zero_in_the_order_of_the_nodes():
    run = simulate(System(MajorityVote, 3, {2: "red", 0: "blue"}))
    assert run.events[:2] == (Propose(0, "blue"), Propose(2, "red")) and run.times[:2] == (0.0, 0.0)


def test_a_timed_proposal_takes_the_place_of_the_one_at_time_zero():
    run = simulate(System(MajorityVote, 3, {0: "red", 1: "blue"}), faults=[(4.0, Propose(0, "green"))])
    proposals = [(t, e) for t, e in zip(run.times, run.events, strict=True) if isinstance(e, Propose)]
    assert proposals == [(0.0, Propose(1, "blue")), (4.0, Propose(0, "green"))]


class Alarmed(Node):
    log: tuple = ()

    def start(self):
        self.set_timer("tick", after=2.0)

    def propose(self, value):
        match value:
            case "clear":
                self.clear_timer("tick")
            case ("set", after):
                self.set_timer("tick", after=after)

    def timeout(self, name):
        self.log += (name,)
        if name == "tick" and len(self.log) < 3:
            self.set_timer("tick", after=1.5)

    def receive(self, sender, message):
        pass


def fired(*faults):
    run = simulate(System(Alarmed, 1), faults=faults)
    return [time for time, event in zip(run.times, run.events, strict=True) if event == Timeout(0, "tick")]


def test_a_timer_fires_when_it_is_due_and_when_it_is_set_anew():
    assert fired() == [2.0, 3.5, 5.0]


def test_a_timer_that_is_armed_anew_fires_once_at_its_new_time():
    assert fired((1.0, Propose(0, ("set", 3.0)))) == [4.0, 5.5, 7.0]
    assert fired((1.0, Propose(0, ("set", 0.5)))) == [1.5, 3.0, 4.5]


def test_a_timer_that_is_disarmed_does_not_fire():
    assert fired((1.0, Propose(0, "clear"))) == []
    assert fired((1.0, Propose(0, "clear")), (5.0, Propose(0, ("set", 1.0)))) == [6.0, 7.5, 9.0]


def test_a_crash_disarms_the_timers_for_good():
    assert fired((1.0, Crash(0))) == []
    assert fired((1.0, Crash(0)), (1.5, Restart(0))) == []
    assert fired((1.0, Crash(0)), (1.5, Restart(0)), (1.7, Propose(0, ("set", 1.0)))) == [2.7, 4.2, 5.7]


def test_timers_of_a_run_that_goes_on_are_due_when_they_were():
    begin = simulate(System(Alarmed, 1), max_events=1)
    assert simulate(begin.system, after=begin).times == (2.0, 3.5, 5.0)
    assert simulate(begin.system, after=Run(begin.system)).times == (2.0, 3.5, 5.0)


def test_a_message_that_comes_to_a_crashed_node_waits_for_its_restart():
    system = System(Sender, 2, {0: 1})
    assert simulate(system, faults=[(0.1, Crash(1))]).last.state(1)["got"] == ()
    run = simulate(system, delay=constant(1.0), faults=[(0.1, Crash(1)), (7.0, Restart(1))])
    assert run.last.state(1)["got"] == (0,) and run.times[-1] > 7.0


def test_a_client_of_a_crashed_node_is_not_heard():
    run = simulate(System(MajorityVote, 3), faults=[(1.0, Crash(0)), (2.0, Propose(0, "red"))])
    assert run.events == (Crash(0),)


def test_a_crash_keeps_durable_fields_and_the_decision_in_a_simulation_too():
    class Two(Node):
        kept: int = 0
        lost: int = 0

        durable = ("kept",)

        def propose(self, value):
            self.kept += 1
            self.lost += 1
            self.decide(value)

        def receive(self, sender, message):
            pass

    faults = [(1.0, Crash(0)), (2.0, Restart(0)), (3.0, Propose(0, "red"))]
    running = Simulation(System(Two, 1, {0: "red"}), faults=[*faults, (0.0, Propose(0, "red"))])
    running.run(until=1.5)
    assert running.decided(0) == "red"
    running.run()
    assert running.decided(0) == "red"
    assert running.to_run().last.state(0) == {"kept": 2, "lost": 1, "decided": "red"}


def test_a_simulation_stops_before_the_first_event_later_than_asked():
    system = System(Sender, 2, {0: 50})
    whole, cut = simulate(system), simulate(system, until=1.0)
    assert cut == whole.rewind(sum(time <= 1.0 for time in whole.times))
    assert 1 < len(cut) < len(whole)


def test_a_simulation_stops_after_the_number_of_events_asked_for():
    system = System(Sender, 2, {0: 50})
    assert simulate(system, max_events=17) == simulate(system).rewind(17)


def test_a_simulation_leaves_the_garbage_collector_as_it_was():
    import gc

    assert gc.isenabled()
    simulate(System(Sender, 2, {0: 50}))
    assert gc.isenabled()
    gc.disable()
    try:
        simulate(System(Sender, 2, {0: 50}))
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_chance_of_the_protocol_comes_from_the_seed():
    class Coin(Node):
        def propose(self, value):
            self.decide(self.choose(("heads", "tails")))

        def receive(self, sender, message):
            pass

    system = System(Coin, 1, {0: "toss"})
    tosses = [simulate(system, seed).decisions[0] for seed in range(200)]
    assert tosses == [simulate(system, seed).decisions[0] for seed in range(200)]
    assert 70 < tosses.count("heads") < 130
    assert simulate(system, 1).events == (Propose(0, "toss", (tosses[1],)),)
