"""A run: going back and another way, flights and alarms, and the forms for people and other tools."""

import json
import re

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
    Propose,
    ProtocolError,
    Restart,
    Run,
    System,
    Timeout,
    constant,
    simulate,
)
from consensus_lab.protocols import MajorityVote, TieBreakVote
from tests.model.small import BOOK, UNLIMITED, book
from tests.simulation.test_simulate import simulations

RUNS = simulations().map(lambda it: simulate(it[0], **it[1], max_events=40))


@given(RUNS, st.integers(0, 40))
def test_rewinding_and_taking_the_same_events_again_leads_to_the_same_place(run, k):
    k = min(k, len(run))
    back = run.rewind(k)
    assert back.configurations == run.configurations[: k + 1]
    again = back.then(*run.events[k:])
    assert again.events == run.events and again.configurations == run.configurations
    assert again.times[:k] == run.times[:k]
    assert run.rewind(len(run)) == run and len(run.rewind(0)) == 0


@given(RUNS, st.integers(0, 40))
def test_another_road_leaves_the_first_one_as_it_was(run, k):
    k = min(k, len(run))
    events, times, text = run.events, run.times, str(run)
    back = run.rewind(k)
    for event in run.system.events(back.last)[:3]:
        road = back.then(event)
        assert len(road) == k + 1 and road.events == (*events[:k], event)
        assert road.times[-1] > (times[k - 1] if k else 0)
        assert road.configurations[:-1] == run.configurations[: k + 1]
    assert (run.events, run.times, str(run)) == (events, times, text)
    assert len(back) == k


@given(RUNS)
def test_every_message_that_is_sent_has_a_flight_and_every_arrival_ends_one(run):
    flights, lossy = run.flights, run.system.network.faulty
    ended = [flight for flight in flights if flight.end is not None]
    for flight in flights:
        assert 0 <= flight.sent <= len(run)
        assert (flight.end is None) == (flight.fate is None)
        if flight.end is not None:
            assert flight.sent < flight.end <= len(run)
            event = run.events[flight.end - 1]
            assert isinstance(event, {"deliver": Deliver, "drop": Drop}[flight.fate])
            assert event.envelope == flight.envelope
        assert flight.envelope in run.configurations[flight.sent].in_flight or flight.end is not None
    delivered = [step for step, event in enumerate(run.events, 1) if isinstance(event, Deliver)]
    assert sorted(flight.end for flight in ended if flight.fate == "deliver") == delivered
    if not lossy:
        still = sorted(str(flight.envelope) for flight in flights if flight.end is None)
        assert still == sorted(map(str, run.last.in_flight))


@given(RUNS)
def test_the_armed_timers_are_the_alarms_that_are_not_off(run):
    for step, c in enumerate(run.configurations):
        on = [(a.node, a.name) for a in run.alarms if a.set_at <= step and (a.off is None or a.off > step)]
        assert sorted(on) == [(i, name) for i in run.system.nodes for name in c.timers(i)]
    for number, event in enumerate(run.events, 1):
        if isinstance(event, Timeout):
            (alarm,) = [
                a
                for a in run.alarms
                if (a.node, a.name, a.off) == (event.node, event.name, number) and a.set_at < number
            ]
            assert alarm.due == pytest.approx(run.times[number - 1])


@given(RUNS)
def test_a_run_survives_json(run):
    again = Run.from_json(run.to_json(), run.system.classes)
    assert again == run and again.configurations == run.configurations and again.seed == run.seed
    assert again.to_json() == run.to_json()


@given(RUNS)
def test_a_transcript_has_one_line_an_event_and_tells_every_decision(run):
    title, *lines = str(run).splitlines()
    assert title == str(run.system)
    assert [int(line.split()[0]) for line in lines[: len(run)]] == list(range(1, len(run) + 1))
    assert len(lines) == len(run) + len(run.violations)
    for step, line in enumerate(lines[: len(run)], 1):
        before, after = run.configurations[step - 1 : step + 1]
        decides = after.decisions.keys() - before.decisions.keys()
        assert ("decides" in line) == bool(decides)
        assert run.system.names[run.events[step - 1].node] in line


@given(RUNS)
def test_violations_are_at_the_first_step_where_the_property_is_broken(run):
    for name, violation in run.violations.items():
        if name in ("Agreement", "Validity"):
            assert name in run.rewind(violation.step).violations
            assert violation.step == 0 or name not in run.rewind(violation.step - 1).violations
        else:
            assert violation.step == len(run)


# -- ShiViz ---------------------------------------------------------------------------------------------------

LINE = re.compile(r"(?P<host>\S*) (?P<clock>{.*})\n(?P<event>.*)\n")


def happened_before(run):
    """For each step of a node, the set of steps that it depends on, worked out from the flights alone.

    Steps are numbered as in the log: (node, 1) is its start, and then its events in order.
    """
    sent_at, past, count, step_of = {}, {}, dict.fromkeys(run.system.nodes, 1), {}
    for i in run.system.nodes:
        past[i, 1] = {(i, 1)}
    origins = {}  # step of the run -> for each envelope, the step at a node that sent it
    for i in run.system.nodes:
        origins[0, i] = (i, 1)
    duplicated = {}
    arrivals = {flight.end: flight for flight in run.flights if flight.fate == "deliver"}
    for number, event in enumerate(run.events, 1):
        if isinstance(event, Duplicate):
            duplicated[number] = event.envelope
        if isinstance(event, (Drop, Duplicate)):
            continue
        i = event.node
        here = (i, count[i] + 1)
        past[here] = past[i, count[i]] | {here}
        count[i] += 1
        step_of[number] = here
        if number in arrivals:
            flight = arrivals[number]
            sent = flight.sent
            if sent in duplicated:  # a copy is caused by what sent the first of its kind
                sent = sent_at[flight.envelope]
            sender = origins[0, flight.envelope.sender] if sent == 0 else step_of[sent]
            past[here] |= past[sender]
        for to, message in run.trace[number][0].sent:
            sent_at.setdefault(Envelope(i, to, message), number)
    return past


@given(RUNS)
def test_the_clocks_of_the_shiviz_log_are_the_happened_before_order(run):
    text = run.to_shiviz()
    entries = LINE.findall(text)
    assert "".join(f"{host} {clock}\n{event}\n" for host, clock, event in entries) == text
    clocks = {}
    for host, clock, _ in entries:
        clock = json.loads(clock)
        clocks[run.system.names.index(host), clock[host]] = clock
    past = happened_before(run)
    assert clocks.keys() == past.keys()
    for here, clock in clocks.items():
        counted = {name: number for name, number in clock.items() if number}
        expected = {}
        for node, number in past[here]:
            name = run.system.names[node]
            expected[name] = max(number, expected.get(name, 0))
        assert counted == expected


def test_two_equal_messages_have_each_its_own_cause_in_the_shiviz_log():
    class Ping(Message):
        pass

    class Pinger(Node):
        def propose(self, value):
            self.send(1, Ping())

        def receive(self, sender, message):
            pass

    envelope = Envelope(0, 1, Ping())
    run = Run(System(Pinger, 2, names=["Ann B", "Bob"])).then(
        Propose(0, "x"), Propose(0, "y"), Deliver(envelope), Deliver(envelope)
    )
    clocks = [json.loads(clock) for host, clock, _ in LINE.findall(run.to_shiviz()) if host == "Bob"]
    assert clocks == [{"Bob": 1}, {"Bob": 2, "Ann_B": 2}, {"Bob": 3, "Ann_B": 3}]


# -- what people read -----------------------------------------------------------------------------------------


def test_a_transcript_reads_like_this():
    system = System(MajorityVote, 2, {0: "red"}, names=["Ann", "Bob"])
    assert (
        str(simulate(system, delay=constant(1.0)))
        == """\
MajorityVote, 2 nodes, reliable network
   1     0.00  Ann proposes red: vote = red; ballots = {(0, red)}
   2     1.00  Ann → Bob VoteFor red: vote = red; ballots = {(1, red)}
   3     1.00  Ann → Bob Voted red: decides red; ballots = {(0, red), (1, red)}
   4     2.00  Bob → Ann Voted red: decides red; ballots = {(0, red), (1, red)}"""
    )


def test_a_transcript_ends_with_what_was_broken():
    system = System(MajorityVote, 2, {0: "red", 1: "blue"})
    last = str(simulate(system)).splitlines()[-1]
    assert last == "Termination is broken at step 6: nothing is left to happen, and A and B have not decided"


def test_choices_and_faults_are_told():
    class Coin(Node):
        side: str | None = None

        def propose(self, value):
            self.side = self.choose(("heads", "tails"))

        def receive(self, sender, message):
            pass

    system = System(Coin, 1, crashes=1, restarts=1)
    run = Run(system).then(Propose(0, "toss", ("tails",)), Crash(0), Restart(0))
    assert [line.split("  ")[-1].strip() for line in str(run).splitlines()[1:4]] == [
        "A proposes toss [tails]: side = tails",
        "A crashes: side = none",
        "A restarts",
    ]


def test_runs_are_equal_only_with_equal_systems_events_and_times():
    system = System(MajorityVote, 3, {0: "red"})
    run = simulate(system, 1)
    assert run == simulate(System(MajorityVote, 3, {0: "red"}), 1) and hash(run) == hash(simulate(system, 1))
    assert run != simulate(system, 2) and run != run.rewind(1) and run != Run(system, run.events)
    assert run != simulate(System(TieBreakVote, 3, {0: "red"}), 1)
    assert run != "a run"


def test_messages_are_shown_the_same_in_every_process():
    class Heard(Message):
        words: frozenset
        more: tuple = ()

    message = Heard(frozenset({"b", "a", "c"}), (frozenset({2, 1}),))
    assert str(message) == "Heard {a, b, c} ({1, 2})"
    assert repr(message) == "Heard(frozenset({'a', 'b', 'c'}), (frozenset({1, 2}),))"
    assert eval(repr(message), {"Heard": Heard}) == message


@pytest.mark.parametrize("name", BOOK)
def test_every_simulated_run_of_the_book_can_be_walked_by_hand(name):
    system = book(**UNLIMITED)[name]
    run = simulate(system, 5)
    assert Run(system).then(*run.events).configurations == run.configurations


def test_what_a_reader_may_not_do_leaves_no_trace():
    run = simulate(System(MajorityVote, 3, {0: "red"}), 1)
    with pytest.raises(ProtocolError):
        run.then(run.events[1])
    with pytest.raises(ProtocolError):
        run.rewind(2).then(Crash(0))
    assert run == simulate(run.system, 1)
