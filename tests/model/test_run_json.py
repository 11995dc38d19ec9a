import copy
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import Crash, Message, Node, ProtocolError, Run, System, simulate
from consensus_lab.model.run_json import as_object
from consensus_lab.protocols import MajorityVote, Raft
from tests.widgets.schedules import Coin, runs, systems

VOTE = System(MajorityVote, 3, {0: "red", 2: "blue"}, crashes=1)


@settings(max_examples=60, deadline=None)
@given(runs())
def test_round_trip(run):
    again = Run.from_json(run.to_json(), Coin)
    assert again == run and again.configurations == run.configurations and again.seed == run.seed


@pytest.mark.parametrize("system", list(systems()), ids=str)
def test_round_trip_of_simulations(system):
    for seed in range(5):
        run = simulate(system, seed=seed, faults=[(1.0, Crash(0))])
        assert Run.from_json(run.to_json(), Coin) == run
        assert Run.from_json(run.to_json(), Coin).seed == seed


values = st.recursive(
    st.one_of(st.text(max_size=5), st.integers(-9, 9), st.integers(), st.booleans(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3).map(tuple), st.frozensets(inner, max_size=3)),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(values)
def test_round_trip_of_values(value):
    run = simulate(System(MajorityVote, 2, {0: value}), seed=1)
    again = Run.from_json(run.to_json())
    assert again == run and type(again.system.proposals[0]) is type(value)


def test_a_message_as_a_value():
    class Command(Message):
        name: str

    run = simulate(System(MajorityVote, 2, {0: Command("set")}), seed=1)
    assert Run.from_json(run.to_json()) == run


@pytest.mark.parametrize("value", [10**1_000, object(), b"bytes"])
def test_what_json_cannot_hold_is_said(value):
    with pytest.raises(ProtocolError, match="cannot be written as JSON"):
        simulate(System(MajorityVote, 2, {0: value}), seed=1).to_json()


def test_the_class_passed_comes_first_then_the_book_then_the_last_defined():
    class MajorityVote(Node):
        def propose(self, value):
            self.decide(value)

        def receive(self, sender, message):
            pass

    run = simulate(System(MajorityVote, 2, {0: "red"}))
    assert Run.from_json(run.to_json(), MajorityVote).system.classes[0] is MajorityVote
    assert Run.from_json(run.to_json()).system.classes[0] is not MajorityVote

    class OnlyHere(MajorityVote):
        pass

    first = OnlyHere

    class OnlyHere(MajorityVote):
        pass

    run = simulate(System(OnlyHere, 2, {0: "red"}))
    assert first is not OnlyHere and Run.from_json(run.to_json()).system.classes[0] is OnlyHere


def changed(**changes):
    return as_object(simulate(VOTE, seed=1)) | changes


def in_system(**changes):
    return changed(system=as_object(Run(VOTE))["system"] | changes)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ([], "not an object"),
        ({}, "its format is None"),
        (changed(version=2), "its version is 2.*reads version 1"),
        (changed(system=None), "its system is None"),
        (changed(events={}), "its events is {}"),
        (changed(seed=[]), r"the seed is \[\]"),
        (in_system(protocol="os.system"), "its protocol is 'os.system'; define that class first"),
        (in_system(protocol=["MajorityVote"]), "1 classes for 3 nodes"),
        (in_system(n=10**9), "1000000000 nodes"),
        (in_system(n=True), "its n is True"),
        (in_system(network="tcp"), "network='tcp'"),
        (in_system(crashes=-1), "crashes=-1"),
        (in_system(names=["A", "A", "B"]), "different names"),
        (in_system(names=["A", 3, "B"]), "no string"),
        (in_system(proposals=[[7, "red"]]), "no node 7"),
        (in_system(proposals=[[0, ["red"]]]), "is no value"),
        (in_system(proposals=[[0, {"set": [{"set": [None]}, {}]}]]), "is no value"),
        (in_system(proposals=[[0, {"message": ["Popen", "x"]}]]), "message of class 'Popen'"),
        (changed(events=[["explode", 0.0, 1]]), "event 1 of the run.*its kind is 'explode'"),
        (changed(events=[["crash", 0.0]]), "is no event"),
        (changed(events=[["crash", 0.0, 9]]), "no node 9"),
        (changed(events=[["crash", "soon", 1]]), "its time is 'soon'"),
        (changed(events=[["crash", 2.0, 1], ["restart", 1.0, 1]]), "event 2 of the run.*before that of the event"),
        (changed(events=[["deliver", 0.0, 0, 1, ["Voted", "red"]]]), "no message .* is in flight"),
        (changed(events=[["timeout", 0.0, 0, "tie"]]), "no such timer"),
    ],
)
def test_what_is_wrong_is_said(data, what):
    with pytest.raises(ProtocolError, match=what):
        Run.from_object(data)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "NaN", '"red"', "null", None, b"{}", "1" * 10_000])
def test_text_that_is_no_run(text):
    with pytest.raises(ProtocolError, match="this is no run"):
        Run.from_json(text)


ODD = st.sampled_from(
    [None, True, -1, 0, 1, 2**70, 1e308, float("nan"), "", "red", [], {}, ["crash", 1, 0], {"set": [[]]}]
)


def everywhere(data, path=()):
    yield path
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield from everywhere(data[key], (*path, key))


def damage(tree, draw, odd):
    """Takes things out of the tree, or puts odd ones in their place, a few times."""
    for _ in range(draw(st.integers(1, 3))):
        *path, last = draw(st.sampled_from([path for path in everywhere(tree) if path]))
        here = tree
        for key in path:
            here = here[key]
        if draw(st.booleans()):
            here[last] = copy.deepcopy(draw(odd))
        else:
            del here[last]
        if not tree:
            break


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_fuzzed_json_is_a_run_or_a_protocol_error(data):
    text = simulate(VOTE, seed=1, faults=[(1.0, Crash(1))]).to_json()
    tree = json.loads(text)
    damage(tree, data.draw, ODD)
    try:
        run = Run.from_object(tree)
    except ProtocolError as error:
        assert len(str(error)) < 1000
    else:
        assert Run.from_json(run.to_json()) == run and str(run)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 3000), st.text(max_size=4), st.integers(0, 8))
def test_damaged_text_is_a_run_or_a_protocol_error(at, text, gone):
    whole = simulate(VOTE, seed=1).to_json()
    try:
        Run.from_json(whole[:at] + text + whole[at + gone :])
    except ProtocolError:
        pass


def test_choices_that_javascript_has_written_anew_are_those_that_were_made():
    """It has one kind of number: what went there as 10.0 comes back as 10."""
    run = simulate(System(Raft, 3, {0: "x"}, network="lossy"), seed=1, until=20)
    assert any(getattr(event, "choices", ()) for event in run.events)
    text = re.sub(r"(\d)\.0(?=[],])", r"\1", run.to_json())
    assert text != run.to_json() and Run.from_json(text).events == run.events
