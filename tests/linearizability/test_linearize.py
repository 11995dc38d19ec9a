"""The checker of linearizability, on histories known good and bad, and against brute force."""

import random
import time
from dataclasses import replace
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import Crash, Node, ProtocolError, Run, System, explore, exponential, simulate
from consensus_lab.linearizability import Linearizable, Operation, history, linearization, linearize
from consensus_lab.linearizability.histories import explore_histories
from consensus_lab.protocols.machines import Add, CompareAndSet, Counter, Get, KeyValue, Put, Read, Register, Write
from consensus_lab.protocols.replication.clients import Answer, Client, Request


def timeline(*rows):
    """A history from (client, command, answer, span), with spans as drawings: " |--| ", or " |---" if unanswered."""
    history = []
    for client, command, answer, span in rows:
        returned = span.rindex("|") if span.count("|") == 2 else None
        history.append(Operation(client, command, answer, span.index("|"), returned))
    return history


class Queue:
    initial = ()

    def apply(self, state, command):
        if command == "dequeue":
            return state[1:], state[0] if state else None
        return (*state, command), None


KNOWN = {
    "Herlihy and Wing, Figure 1(a)": (True, Queue(), timeline(
        ("A", "x", None, "|--|           "),
        ("B", "y", None, " |----|        "),
        ("B", "dequeue", "x", "       |--| "),
        ("A", "dequeue", "y", "      |-----| "),
        ("A", "z", None, "               |--|"),
    )),
    "Herlihy and Wing, Figure 1(b)": (False, Queue(), timeline(
        ("A", "x", None, "|--|            "),
        ("B", "y", None, "     |--|       "),
        ("B", "dequeue", "y", "          |--| "),
    )),
    "Herlihy and Wing, Figure 1(c)": (True, Queue(), timeline(
        ("A", "x", None, "|-------|     "),
        ("B", "dequeue", "x", "  |-|       "),
    )),
    "Herlihy and Wing, Figure 1(d)": (False, Queue(), timeline(
        ("A", "x", None, "|--|          "),
        ("B", "y", None, " |--|         "),
        ("A", "dequeue", "y", "       |-| "),
        ("C", "dequeue", "y", "      |----| "),
    )),
    "nothing": (True, Register(), []),
    "a read sees a write that is under way": (True, Register(), timeline(
        ("A", Write(1), 1, "|-------|"),
        ("B", Read(), 1, "  |-|    "),
    )),
    "a read before a write that is under way": (True, Register(), timeline(
        ("A", Write(1), 1, "|-------|"),
        ("B", Read(), None, "  |-|    "),
    )),
    "a stale read": (False, Register(), timeline(
        ("A", Write(1), 1, "|--|      "),
        ("B", Read(), None, "     |--|"),
    )),
    "new, then old again": (False, Register(), timeline(
        ("A", Write(1), 1, "|-----------|"),
        ("B", Read(), 1, "  |-|        "),
        ("C", Read(), None, "       |-|"),
    )),
    "a value from nowhere": (False, Register(), timeline(("A", Read(), 7, "|-|"))),
    "an answer from the future": (False, Register(), timeline(
        ("A", Read(), 1, "|-|        "),
        ("B", Write(1), 1, "     |-| "),
    )),
    "a call that never returns may have an effect": (True, Register(), timeline(
        ("A", Write(1), None, "|---------"),
        ("B", Read(), 1, "     |--|    "),
    )),
    "and may have none": (True, Register(), timeline(
        ("A", Write(1), None, "|---------"),
        ("B", Read(), None, "     |--| "),
    )),
    "late": (True, Register(), timeline(
        ("A", Write(1), None, "|--------------"),
        ("B", Read(), None, "     |--|      "),
        ("C", Read(), 1, "           |--| "),
    )),
    "but not two": (False, Register(), timeline(
        ("A", Write(1), None, "|-------------------"),
        ("B", Read(), 1, "  |-|              "),
        ("B", Write(2), 2, "     |-|         "),
        ("B", Read(), 1, "           |-|  "),
    )),
    "and not before it is called": (False, Register(), timeline(
        ("A", Write(1), None, "       |---------"),
        ("B", Read(), 1, "  |-|            "),
    )),
    "two threads that both win": (False, Register(), timeline(
        ("A", CompareAndSet(None, 1), 1, "|----|"),
        ("B", CompareAndSet(None, 2), 2, " |--| "),
        ("A", Read(), 1, "          |-|"),
    )),
    "an addition that is lost": (False, Counter(), timeline(
        ("A", Add(1), 1, "|----|"),
        ("B", Add(1), 1, " |--| "),
    )),
    "an addition that is made twice": (False, Counter(), timeline(
        ("A", Add(1), 1, "|----|"),
        ("B", Add(1), 3, "       |--| "),
    )),
    "two keys, each in an order of its own": (True, KeyValue(), timeline(
        ("A", Put("x", 1), 1, "|---------|"),
        ("B", Get("x"), None, " |-|       "),
        ("B", Put("y", 1), 1, "     |-|   "),
        ("C", Get("y"), 1, "         |-----| "),
        ("C", Get("x"), 1, "                  |-| "),
    )),
    "a key that goes back": (False, KeyValue(), timeline(
        ("A", Put("x", 1), 1, "|-|                     "),
        ("A", Put("y", 1), 1, "    |-|                 "),
        ("B", Get("y"), 1, "         |-|           "),
        ("B", Get("x"), None, "              |-|   "),
    )),
    "a return and a call at one moment follow each other": (False, Register(), [
        Operation("A", Write(1), 1, 0, 3),
        Operation("A", Read(), None, 3, 5),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_history(name):
    good, machine, history = KNOWN[name]
    found = linearize(history, machine)
    assert bool(found) is good and not found.gave_up
    if good:
        explains(found, machine)


def explains(found, machine):
    """The order does what it promises, looked at with fresh eyes."""
    order, moments = found.order, found.moments
    assert {op for op in found.history if op.returned is not None} <= {*order} <= {*found.history}
    assert len({*map(id, order)}) == len(order) == len(moments) and list(moments) == sorted(moments)
    state = machine.initial
    for k, (op, moment) in enumerate(zip(order, moments)):
        state, answer = machine.apply(state, op.command)
        assert op.returned is None or (answer == op.answer and moment <= op.returned)
        assert op.invoked <= moment
        assert not any(precedes(later, op) for later in order[k + 1 :])


def precedes(a, b):
    return a.returned is not None and a.returned <= b.invoked


def by_brute_force(history, machine):
    """Wing and Gong's definition, word by word: some order of the answered ones and of some of the others."""
    answered = [op for op in history if op.returned is not None]
    others = [op for op in history if op.returned is None]
    for size in range(len(others) + 1):
        for some in combinations(others, size):
            for order in permutations([*answered, *some]):
                if fits(order, machine):
                    return True
    return False


def fits(order, machine):
    state = machine.initial
    for k, op in enumerate(order):
        if any(precedes(later, op) for later in order[k + 1 :]):
            return False
        state, answer = machine.apply(state, op.command)
        if op.returned is not None and answer != op.answer:
            return False
    return True


@st.composite
def histories(draw, commands, answers, most=5):
    """Any history at all, most of them bad: spans on a short line, so that they overlap and touch."""
    history = []
    for client in range(draw(st.integers(0, most))):
        invoked = draw(st.integers(0, 6))
        returned = draw(st.one_of(st.none(), *[st.integers(invoked + 1, 8)] * 3))
        history.append(Operation(client, draw(commands), draw(answers), invoked, returned))
    return history


def values(most):
    return st.integers(1, most)


MACHINES = {
    "register": (Register(), st.one_of(st.just(Read()), st.builds(Write, values(2)),
                                       st.builds(CompareAndSet, st.sampled_from([None, 1, 2]), values(2))),
                 st.sampled_from([None, 1, 2])),
    "counter": (Counter(), st.builds(Add, values(2)), values(4)),
    "map": (KeyValue(), st.one_of(st.builds(Get, st.sampled_from("xy")),
                                  st.builds(Put, st.sampled_from("xy"), values(2))), st.sampled_from([None, 1, 2])),
    "queue": (Queue(), st.sampled_from(["dequeue", "a", "b"]), st.sampled_from([None, "a", "b"])),
}  # fmt: skip


@pytest.mark.parametrize("name", MACHINES)
@settings(max_examples=150)
@given(data=st.data())
def test_the_search_agrees_with_trying_every_order(name, data):
    machine, commands, answers = MACHINES[name]
    history = data.draw(histories(commands, answers))
    found = linearize(history, machine)
    assert bool(found) == by_brute_force(history, machine)
    if found:
        explains(found, machine)
    else:
        assert found.part and {*found.part} <= {op for op in history if op.returned is not None}


def concurrent(machine, command, n, clients, seed, unanswered=0.0):
    """A good history: every call takes effect at a moment between its call and its answer, if it has one."""
    rng, state, busy, history = random.Random(seed), machine.initial, {}, []
    calls = 0
    for now in range(100 * n):
        client = rng.randrange(clients)
        if client not in busy:
            if calls < n:
                calls += 1
                busy[client] = [command(rng, calls), now]
        elif len(busy[client]) == 2:
            state, answer = machine.apply(state, busy[client][0])
            busy[client].append(answer)
        elif rng.random() < 0.5:
            asked, invoked, answer = busy.pop(client)
            lost = rng.random() < unanswered
            history.append(Operation(client, asked, answer, invoked, None if lost else now))
    return history


def read_or_write(rng, number):
    return Read() if rng.random() < 0.5 else Write(number)


def get_or_put(rng, number):
    return Get(rng.randrange(5)) if rng.random() < 0.5 else Put(rng.randrange(5), number)


WORKLOADS = {
    "register": (Register(), read_or_write),
    "compare and set": (Register(), lambda rng, number: CompareAndSet(rng.randrange(4), rng.randrange(4))
                        if rng.random() < 0.6 else Write(rng.randrange(4))),
    "counter": (Counter(), lambda rng, number: Add(1)),
    "map": (KeyValue(), get_or_put),
}  # fmt: skip


@pytest.mark.parametrize("name", WORKLOADS)
@pytest.mark.parametrize("seed", range(5))
def test_what_has_a_moment_in_every_span_is_linearizable(name, seed):
    machine, command = WORKLOADS[name]
    found = linearize(concurrent(machine, command, 200, 6, seed, unanswered=0.02), machine)
    explains(found, machine)


@pytest.mark.parametrize("seed", range(10))
def test_an_old_answer_is_found_and_blamed(seed):
    """One read in the second half answers what the register held long before, which no span explains."""
    history = concurrent(Register(), read_or_write, 300, 5, seed)
    reads = [number for number, op in enumerate(history) if isinstance(op.command, Read)]
    late = random.Random(seed).choice(reads[len(reads) // 2 :])
    stale = replace(history[late], answer=history[late - 100].answer)
    history[late] = stale
    found = linearize(history, Register())
    assert not found and stale in found.part and len(found.part) <= 3
    assert f"{len(found.part)} of 300 operations contradict each other" in str(found)


@pytest.mark.parametrize(
    "name, clients",
    {
        "a stale read": "AB",
        "new, then old again": "BC",
        "a value from nowhere": "A",
        "two threads that both win": "AB",
        "an addition that is lost": "AB",
        "a key that goes back": "AB",
    }.items(),
)
def test_the_part_is_no_larger_than_it_has_to_be(name, clients):
    _, machine, history = KNOWN[name]
    assert "".join(op.client for op in linearize(history, machine).part) == clients


@pytest.mark.alone
@pytest.mark.parametrize("name", WORKLOADS)
def test_ten_thousand_operations_of_ten_clients_take_seconds(name):
    machine, command = WORKLOADS[name]
    history = concurrent(machine, command, 10_000, 10, seed=1)
    start = time.process_time()
    assert linearize(history, machine)
    assert time.process_time() - start < 5


def test_a_search_that_gives_up_says_so(monkeypatch):
    history = concurrent(Register(), lambda rng, number: Write(number), 40, 12, seed=1)
    bad = [*history, Operation("late", Read(), "nobody's", 10_000, 10_001)]
    monkeypatch.setattr(linearization, "MOST", 100)
    found = linearize(bad, Register())
    assert found.gave_up and not found and "unknown: gave up on 41 operations" in str(found)
    monkeypatch.setattr(linearization, "MOST", 1)
    with pytest.raises(ProtocolError, match="may be linearizable or not: unknown"):
        simulate(clients_of([OneServer]), seed=3).check([Linearizable(Register())])


@pytest.mark.parametrize("returned", [4, float("nan")])
def test_an_answer_before_the_call_is_refused(returned):
    with pytest.raises(ProtocolError, match="answered before it was called"):
        Operation("A", Read(), 1, 5, returned)


# -- the history of a run -----------------------------------------------------------------------------------


class OneServer(Node):
    """A register on one server: no copies, no trouble."""

    value: object = None

    def receive(self, sender, message):
        self.value, answer = Register().apply(self.value, message.command)
        self.send(sender, Answer(message.serial, answer))


class ManyCopies(Node):
    """A copy on each server. It answers first, and tells the others afterwards."""

    value: object = None

    def receive(self, sender, message):
        self.value, answer = Register().apply(self.value, message.command)
        if sender not in self.nodes:
            self.send(sender, Answer(message.serial, answer))
            for other in self.nodes:
                if other != self.id and isinstance(message.command, Write):
                    self.send(other, message)


BOTH = {"writer": (Write(1), Write(2)), "reader": (Read(),) * 6}


def clients_of(servers):
    n = len(servers)
    names = [*(f"server {i}" for i in range(n)), *BOTH]
    return System([*servers, Client, Client], proposals=dict(enumerate(BOTH.values(), n)), names=names)


def test_the_history_of_a_run_has_every_call_with_its_steps():
    run = simulate(clients_of([OneServer]), seed=3)
    seen = history(run)
    assert [op.invoked for op in seen] == sorted(op.invoked for op in seen)
    for client, commands in BOTH.items():
        own = [op for op in seen if op.client == client]
        assert tuple(op.command for op in own) == commands
        assert all(a.returned <= b.invoked for a, b in zip(own, own[1:]))
    for op in seen:
        assert run.system.names[run.events[op.invoked - 1].node] == op.client
        assert isinstance(run.events[op.returned - 1].envelope.message, Answer)


def test_a_call_that_is_sent_again_is_one_operation():
    class Hasty(Client):
        patience = 0.3

    run = simulate(System([OneServer, Hasty], proposals={1: (Write(1), Read())}, network="lossy"), seed=1)
    asked = [flight for flight in run.flights if isinstance(flight.envelope.message, Request)]
    assert len(asked) > 2 and len(history(run)) == 2


def test_a_call_that_nobody_answers_is_pending():
    run = simulate(clients_of([OneServer]), seed=3, faults=[(2.5, Crash(0))], max_events=40)
    seen = history(run)
    assert {op.returned is None for op in seen} == {True, False}
    assert not run.check([Linearizable(Register())])


def test_a_run_without_clients_has_no_history():
    with pytest.raises(ProtocolError, match="no node is a Client"):
        history(simulate(System(OneServer, n=2), seed=1))


def test_one_server_is_linearizable_and_unguarded_copies_are_not():
    prop = Linearizable(Register())
    broken = []
    for seed in range(30):
        assert simulate(clients_of([OneServer]), seed).check([prop]) == {}
        broken += simulate(clients_of([ManyCopies] * 2), seed).check([prop]).values()
    assert broken
    for violation in broken:
        assert set(violation.nodes) <= {2, 3} and violation.why.startswith("no order explains ")
        assert "reader: Read → " in violation.why


def test_the_violation_is_at_the_first_answer_that_nothing_explains():
    system, prop = clients_of([ManyCopies] * 2), Linearizable(Register())
    found = ((run, run.check([prop])) for run in (simulate(system, seed) for seed in range(100)))
    run, violations = next((run, violations) for run, violations in found if violations)
    step = violations["Linearizable"].step
    assert run.rewind(step).check([prop]) and not run.rewind(step - 1).check([prop])


# -- every history of a system ------------------------------------------------------------------------------


def small(servers, *commands):
    return System([*servers, *[Client] * len(commands)], proposals=dict(enumerate(commands, len(servers))), timeouts=0)


def test_every_history_of_one_server_is_linearizable():
    found = explore_histories(small([OneServer], (Write(1), Read()), Write(2)), Register())
    assert found and found.complete and found.run is None
    assert str(found) == f"linearizable: all {found.found} histories in {found.configurations} configurations"
    assert found.found > 10


def test_the_shortest_run_that_is_not_linearizable_is_found():
    system = small([ManyCopies] * 2, Write(1), (Read(), Read()))
    found = explore_histories(system, Register())
    assert not found and "not linearizable" in str(found)
    assert found.run.check([Linearizable(Register())])["Linearizable"].step == len(found.run)
    runs = (simulate(system, seed, delay=exponential(1.0)) for seed in range(300))
    broken = [found for run in runs for found in run.check([Linearizable(Register())]).values()]
    assert broken and len(found.run) <= min(violation.step for violation in broken)


def test_a_history_counts_once_however_the_steps_of_others_fall():
    found = explore_histories(small([OneServer], Read(), Read()), Register())
    assert found.found == len({h for run in all_runs(small([OneServer], Read(), Read())) for h in prefixes(run)})


def all_runs(system):
    runs, open_runs = [], [Run(system)]
    while open_runs:
        run = open_runs.pop()
        longer = [run.then(event) for event in system.events(run.last)]
        open_runs += longer
        runs += [] if longer else [run]
    return runs


def prefixes(run):
    """For each step by which something was answered: which call returned before which other was made."""
    for k in range(len(run) + 1):
        seen = history(run.rewind(k))
        if any(op.returned for op in seen):
            before = {(a.client, b.client) for a in seen for b in seen if precedes(a, b)}
            yield frozenset((op.client, op.returned is not None) for op in seen), frozenset(before)


def test_a_search_that_is_stopped_says_so():
    found = explore_histories(small([OneServer], (Write(1), Read()), Write(2)), Register(), max_states=20)
    assert not found and not found.complete and found.run is None
    assert str(found).startswith("unknown: stopped after") and found.configurations == 20


def test_a_configuration_alone_cannot_be_checked():
    with pytest.raises(ProtocolError, match="explore_histories"):
        explore(small([OneServer], Read()), properties=[Linearizable(Register())])


class Cell:
    """A register that begins with 0: a command is None, to read, or what to write."""

    initial = 0

    def apply(self, state, command):
        return (state, state) if command is None else (command, None)


def comes_first(one, other):
    """One has returned when the other is called; two instants of one time are concurrent."""
    same = one.instant and other.instant and one.invoked == other.invoked
    return one.returned <= other.invoked and not same


def has_an_order(operations):
    """By trying each one."""
    for order in permutations(operations):
        state = Cell.initial
        for k, op in enumerate(order):
            state, answer = Cell().apply(state, op.command)
            if answer != op.answer or any(comes_first(later, op) for later in order[k + 1 :]):
                break
        else:
            return True
    return False


@pytest.mark.parametrize("seed", range(20))
def test_calls_and_answers_of_one_moment_are_judged_as_by_trying_each_order(seed):
    rng, found = random.Random(seed), set()
    for _ in range(100):
        operations = []
        for client in range(rng.randint(2, 5)):
            invoked = rng.randrange(4)
            command = rng.choice([None, 1, 2])
            answer = rng.choice([0, 1, 2]) if command is None else None
            operations.append(Operation(client, command, answer, invoked, invoked + rng.choice([0, 0, 1, 2])))
        result = linearize(operations, Cell())
        assert bool(result) == has_an_order(operations), operations
        if result:
            assert all(
                not comes_first(later, op) for k, op in enumerate(result.order) for later in result.order[k + 1 :]
            )
            moments = result.moments
            assert list(moments) == sorted(moments)
            assert all(op.invoked <= moment <= op.returned for op, moment in zip(result.order, moments))
        else:
            assert result.part and set(result.part) <= set(operations)
        found.add(bool(result))
    assert found == {True, False}
