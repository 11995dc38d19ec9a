"""Messages that do nothing any more: whatever they are left out of, every witness is a run, and a shortest one."""

from time import perf_counter

import pytest

from consensus_lab import Message, Node, System, explore
from consensus_lab.exploration.explore import closure


class Ping(Message):
    pass


class Noise(Message):
    number: int


class Coin(Node):
    """A message that changes nothing, whose handler tosses a coin all the same."""

    value: object = None

    def propose(self, value):
        self.value = value
        self.broadcast(Ping())

    def receive(self, sender, message):
        self.choose(("heads", "tails"))


@pytest.mark.parametrize("reduce", [True, False, "messages", "nodes"])
def test_a_dead_message_whose_handler_chooses_is_delivered_with_any_outcome(reduce):
    graph = explore(System(Coin, 2, {0: "red"}), reduce=reduce)
    assert {name: len(run) for name, run in graph.violations.items()} == {"Termination": 2}
    run = graph.violations["Termination"]
    assert set(run.violations) == {"Termination"} and run.last.system.quiet(run.last)
    assert "Termination: broken, in 2 events" in str(graph)


class Quiet(Node):
    """Two ways to be stuck, one of which leaves three messages under way that nobody listens to."""

    done: bool = False

    def propose(self, value):
        if self.choose(("loud", "quiet")) == "loud":
            self.done = True
            for number in range(3):
                self.send(1, Noise(number))
        else:
            self.set_timer("patience")

    def timeout(self, name):
        self.done = True

    def receive(self, sender, message):
        pass


class QuietThree(Quiet):
    """The same with two nodes to choose from, of which the quiet one may have crashed."""

    def propose(self, value):
        if self.choose(("loud", "quiet")) == "loud":
            self.done = True
            for to in (1, 2):
                self.send(to, Noise(to))
        else:
            self.set_timer("patience")


@pytest.mark.parametrize("protocol, n, options", [
    (Quiet, 2, {}), (Quiet, 2, {"crashes": 1}), (Quiet, 2, {"crashes": 1, "restarts": 1}), (QuietThree, 3, {}),
    (QuietThree, 3, {"crashes": 1}), (QuietThree, 3, {"crashes": 2}),
])  # fmt: skip
def test_a_shortest_run_counts_what_is_delivered_in_vain(protocol, n, options):
    system = System(protocol, n, {0: "red"}, timeouts=None, **options)
    full, reduced = (explore(system, reduce=reduce) for reduce in (False, True))
    assert len(reduced) < len(full)
    assert len(full.violations["Termination"]) == len(reduced.violations["Termination"]) == 2
    least = {}
    for run in full.stuck:  # a way to be stuck is the same with another budget left
        least[run.last.nodes] = min(len(run), least.get(run.last.nodes, len(run)))
    found = {}
    for run in reduced.stuck:
        found[run.last.nodes] = min(len(run), found.get(run.last.nodes, len(run)))
    assert found == least


class Pick(Message):
    number: int


class Chooser(Node):
    number: int = 0

    def propose(self, value):
        self.broadcast(Pick(self.choose(range(300))))

    def receive(self, sender, message):
        self.number = self.choose(range(300))


def test_the_bound_holds_for_handlers_that_choose_among_many():
    """Ninety thousand ways to propose: with a bound of ten nobody works them all out."""
    begin = perf_counter()
    graph = explore(System(Chooser, 3, {0: "red"}), max_states=10)
    assert perf_counter() - begin < 10  # without the bound it takes minutes
    assert not graph.complete and len(graph) <= 10 and "stopped at its bound" in str(graph)
    assert closure(System(Chooser, 3, {0: "red"})) is None


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_stop_before_the_search_has_begun_gives_a_graph_of_the_start(call):
    left = 0

    class Impatient(Quiet):
        def receive(self, sender, message):
            nonlocal left
            left -= 1
            if left == 0:
                raise KeyboardInterrupt

    system = System(Impatient, 2, {0: "red"}, timeouts=None)
    assert explore(system).complete
    again, left = System(Impatient, 2, {0: "red"}, timeouts=None), call
    graph = explore(again)
    assert left <= 0 and len(graph) == 1 and not graph.complete
    assert "was interrupted" in str(graph) and list(graph) == [again.initial()]
