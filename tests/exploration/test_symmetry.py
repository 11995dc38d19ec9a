"""Interchangeable nodes: what a search of one configuration an orbit finds is what the naive search finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import Agreement, Message, Node, Property, Sometimes, System, explore, protocols
from consensus_lab.exploration.closure import closure
from consensus_lab.exploration.symmetry import renamings
from consensus_lab.protocols import Coordinator, MajorityVote
from tests.exploration.paxos_yardstick import ORBITS, yardstick
from tests.exploration.test_explore import check_everything, future, naive
from tests.model.small import BUDGETS, NETWORKS, every_configuration, is_stuck, node_states

# -- random protocols whose nodes are often interchangeable ---------------------------------------------------


class Word(Message):
    text: str


def gossip(rules):
    """A Node class that does what `rules` say, {(state, trigger): (next state, actions)}, and knows who is who."""

    class Gossip(Node):
        state: int = 0
        fuel: int = 2
        heard: frozenset = frozenset()
        leader: int = -1

        durable = ("fuel",)

        def act(self, trigger, sender=None):
            self.state, actions = rules.get((self.state, trigger), (self.state, ()))
            for what, argument in actions:
                if what == "decide":
                    self.decide(argument)
                elif what == "hear" and sender is not None:
                    self.heard |= {sender}
                elif what == "follow" and sender is not None:
                    self.leader = sender
                elif what == "crown" and sender is not None and len(self.heard) == self.majority - 1:
                    self.leader = min(self.heard)  # tells nodes apart
                elif self.fuel and what in ("broadcast", "reply", "timer"):
                    self.fuel -= 1
                    if what == "broadcast":
                        self.broadcast(Word(argument))
                    elif what == "timer":
                        self.set_timer("timer")
                    elif sender is not None:
                        self.send(sender, Word(argument))

        def propose(self, value):
            self.act("propose")

        def receive(self, sender, message):
            self.act(message.text, sender)

        def timeout(self, name):
            self.act("timer")

        def restart(self):
            self.act("restart")

    return Gossip


WORDS = ("ping", "pong")
ACTIONS = st.one_of(
    st.tuples(st.sampled_from(("broadcast", "reply")), st.sampled_from(WORDS)),
    st.tuples(st.just("decide"), st.sampled_from(("red", "blue"))),
    st.tuples(st.sampled_from(("hear", "follow", "timer")), st.none()),
    st.tuples(st.just("crown"), st.none()),
)
RULES = st.dictionaries(
    st.tuples(st.sampled_from((0, 1)), st.sampled_from(("propose", "timer", "restart", *WORDS))),
    st.tuples(st.sampled_from((0, 1)), st.lists(ACTIONS, max_size=3).map(tuple)),
    min_size=3,
    max_size=10,
)


@st.composite
def gossips(draw):
    n = draw(st.integers(2, 3))
    proposals = {i: "red" for i in range(n)} if draw(st.booleans()) else {0: "red"}
    return System(gossip(draw(RULES)), n, proposals, network=draw(NETWORKS), **draw(BUDGETS))


class FirstHeardSecond(Property):
    """Tells nodes apart, as a property may."""

    def broken(self, configuration):
        states = [configuration.state(i) for i in configuration.system.nodes]
        return ((0,), "node 0 has heard node 1") if 1 in states[0].get("heard", ()) else None


@given(gossips())
@settings(max_examples=60)
def test_a_search_of_orbits_finds_what_the_naive_search_finds(system):
    depths = naive(system)
    graph = explore(system)
    check_everything(system, depths, graph)
    assert {node_states(run.last) for run in graph.stuck} == {node_states(c) for c in depths if is_stuck(c)}
    for c in list(depths)[:: len(depths) // 8 + 1]:
        assert c in graph
        assert graph.valency(c) == future(system, c)
        run = graph.run_to(c)
        assert len(run) <= depths[c] and run.last.nodes == c.nodes


@given(gossips())
@settings(max_examples=30)
def test_a_property_that_tells_nodes_apart_is_checked_in_every_configuration_of_an_orbit(system):
    depths = naive(system)
    prop = FirstHeardSecond()
    expected = min((depth for c, depth in depths.items() if prop.broken(c)), default=None)
    graph = explore(system, properties=[prop, Sometimes("heard", lambda c: prop.broken(c) is not None)])
    assert (prop.name in graph.violations) == (expected is not None) == ("heard" not in graph.violations)
    if expected is not None:
        assert len(graph.violations[prop.name]) == len(graph.witnesses["heard"]) == expected
        assert prop.broken(graph.violations[prop.name].last)


@pytest.mark.parametrize("tries_0, tries_1, network", ORBITS)
def test_the_yardstick_has_as_many_orbits_as_other_tools_count(tries_0, tries_1, network):
    graph = explore(yardstick(tries_0, tries_1, network), reduce="nodes", properties=[Agreement()])
    assert graph.complete and len(graph) == ORBITS[tries_0, tries_1, network]


@given(gossips())
@settings(max_examples=20)
def test_a_property_that_reads_messages_needs_no_more_than_orbits(system):
    depths = naive(system)
    ping = Sometimes(
        "node 0 asks node 1", lambda c: any((e.sender, e.receiver) == (0, 1) for e in c.in_flight), reads="messages"
    )
    expected = min((depth for c, depth in depths.items() if ping.happens(c)), default=None)
    graph = explore(system, properties=[ping])
    assert len({image for c in graph for image in graph.orbit(c)}) == len(depths)
    assert (expected is None) == (not graph.witnesses)
    assert expected is None or len(graph.witnesses[ping.name]) == expected


@pytest.mark.parametrize("name", ["Coordinator", "MajorityVote", "TieBreakVote"])
@pytest.mark.parametrize("proposals", [{2: "red"}, {0: "red", 1: "red"}])
def test_orbits_find_in_the_books_protocols_what_the_naive_search_finds(name, proposals):
    budgets = {"crashes": 1} if name == "Coordinator" else {"timeouts": 1}
    system = System(getattr(protocols, name), 3, proposals, **budgets)
    graph = explore(system)
    assert any(len(graph.orbit(c)) > 1 for c in graph)
    check_everything(system, every_configuration(system, 10_000), graph)


def test_what_happens_to_one_of_several_is_found_for_each():
    system = System(MajorityVote, 3, dict.fromkeys(range(3), "red"))
    alone = [
        Sometimes(f"only {i} has voted", lambda c, i=i: [k for k in range(3) if c.state(k)["vote"]] == [i])
        for i in system.nodes
    ]
    graph = explore(system, properties=alone)
    assert [graph.witnesses[prop.name].last.state(i)["vote"] for i, prop in enumerate(alone)] == ["red"] * 3
    assert {len(run) for run in graph.witnesses.values()} == {1}


# -- which nodes are interchangeable --------------------------------------------------------------------------


def permutations_of(system):
    return {renaming.nodes for renaming in renamings(closure(system))}


def test_voters_that_propose_nothing_are_interchangeable():
    assert permutations_of(System(MajorityVote, 4, {0: "red", 1: "blue"})) == {(0, 1, 2, 3), (0, 1, 3, 2)}


def test_those_that_propose_the_same_are_too():
    system = System(MajorityVote, 3, {0: "red", 1: "red", 2: "blue"})
    assert permutations_of(system) == {(0, 1, 2), (1, 0, 2)}


def test_a_node_with_a_part_of_its_own_is_not():
    assert permutations_of(System(Coordinator, 3, dict.fromkeys(range(3), "red"))) == {(0, 1, 2), (1, 0, 2)}


class Own(Node):
    """Does something of its own with its number when it hears its first message."""

    heard: bool = False

    def propose(self, value):
        self.broadcast(Word("here"))

    def receive(self, sender, message):
        if not self.heard:
            self.heard = True
            self.own()

    def own(self):
        pass


class Decides(Own):
    def own(self):
        self.decide(self.id)


class Waits(Own):
    def own(self):
        self.set_timer(f"timer {self.id}")

    def timeout(self, name):
        pass


class Sends(Own):
    def own(self):
        self.send((self.id + 1) % 3, Word("there"))


class Keeps(Own):
    mine: int = -1

    def own(self):
        self.mine = self.id


@pytest.mark.parametrize("protocol, size", [(Own, 6), (Keeps, 6), (Decides, 1), (Waits, 1), (Sends, 1)])
def test_nodes_whose_decisions_timers_or_receivers_depend_on_their_numbers_are_not(protocol, size):
    assert len(permutations_of(System(protocol, 3, dict.fromkeys(range(3), "go"), timeouts=1))) == size


def test_nodes_in_a_ring_are_not_pairwise_interchangeable():
    class Ring(Node):
        hops: int = 0

        def propose(self, value):
            self.send((self.id + 1) % len(self.nodes), Word("hop"))

        def receive(self, sender, message):
            if self.hops < 2:
                self.hops += 1
                self.send((self.id + 1) % len(self.nodes), message)

    assert permutations_of(System(Ring, 3, dict.fromkeys(range(3), "go"))) == {(0, 1, 2)}


def test_it_does_not_matter_how_a_state_keeps_the_numbers_of_nodes():
    class Masks(Node):
        heard: int = 0

        def propose(self, value):
            self.broadcast(Word("here"))

        def receive(self, sender, message):
            self.heard |= 1 << sender
            if self.heard.bit_count() == len(self.nodes):
                self.decide("all")

    system = System(Masks, 3, dict.fromkeys(range(3), "go"))
    assert len(permutations_of(system)) == 6
    full, reduced = explore(system, reduce=False), explore(system)
    assert len(reduced) < len(full) / 4
    assert {c.nodes for c in full} == {image.nodes for c in reduced for image in reduced.orbit(c)}


@pytest.mark.parametrize("n, size", [(4, 24), (5, 120), (6, 120)])
def test_there_are_never_more_renamings_than_are_worth_it(n, size):
    class Idle(Node):
        def receive(self, sender, message):
            pass

    assert len(permutations_of(System(Idle, n))) == size


def test_an_orbit_has_every_configuration_that_one_stands_for():
    system = System(MajorityVote, 3, dict.fromkeys(range(3), "red"))
    graph = explore(system, reduce="messages")
    orbits = explore(system)
    assert graph.complete and orbits.complete and len(orbits) < len(graph) / 4
    images = [image for c in orbits for image in orbits.orbit(c)]
    assert len(images) == len(set(images)) and set(images) == set(graph)
    assert all(graph.orbit(c) == (c,) for c in list(graph)[:20])


def test_every_run_of_a_reduced_graph_is_a_run_of_the_model_and_a_shortest_one():
    system = System(MajorityVote, 3, dict.fromkeys(range(3), "red"))
    depths = every_configuration(system, 20_000)
    graph = explore(system, properties=[Agreement()])
    for c in list(depths)[::97]:
        run = graph.run_to(c)
        assert len(run) <= depths[c] and run.last.nodes == c.nodes
