"""Deterministic machines, and the wrapper that applies each entry once."""

import pytest

from consensus_lab.protocols.machines import (
    Add,
    Cancel,
    CompareAndSet,
    Counter,
    Entry,
    ExactlyOnce,
    Get,
    KeyValue,
    Orders,
    Put,
    PutIfAbsent,
    Read,
    Register,
    Ship,
    Status,
    Write,
)


def answers(machine, *commands):
    state, given = machine.initial, []
    for command in commands:
        state, answer = machine.apply(state, command)
        given.append(answer)
    return given


def test_a_register_answers_what_it_holds_afterwards():
    commands = Read(), Write(1), CompareAndSet(1, 2), CompareAndSet(1, 3), Read()
    assert answers(Register(), *commands) == [None, 1, 2, 2, 2]


def test_a_counter_answers_the_sum():
    assert answers(Counter(), Add(5), Add(-2)) == [5, 3]


def test_a_key_is_put_anew_and_only_once_if_absent():
    commands = Get("x"), PutIfAbsent("x", 1), PutIfAbsent("x", 2), Put("x", 3), Get("x"), Get("y")
    assert answers(KeyValue(), *commands) == [None, 1, 1, 3, 3, None]


def test_maps_with_the_same_content_are_the_same_state():
    def after(*commands):
        state = KeyValue.initial
        for command in commands:
            state, _ = KeyValue().apply(state, command)
        return state

    assert after(Put("x", 1), Put("y", 2)) == after(Put("y", 0), Put("x", 1), Put("y", 2))
    assert after(Put("x", 1), Put("x", None)) == KeyValue.initial  # None stands for no value


def test_an_order_is_what_it_was_first():
    commands = Status(7), Cancel(7), Ship(7), Status(7), Ship(8)
    assert answers(Orders(), *commands) == ["pending", "canceled", "canceled", "canceled", "shipped"]


@pytest.mark.parametrize("machine", [Register(), Counter(), KeyValue(), Orders()])
def test_what_a_machine_does_not_understand_changes_nothing(machine):
    assert machine.apply(machine.initial, "red") == (machine.initial, None)


def test_an_entry_that_comes_again_has_the_same_answer_and_no_effect():
    first, again, other = Entry(3, 1, Add(5)), Entry(3, 1, Add(5)), Entry(4, 1, Add(5))
    assert answers(ExactlyOnce(Counter()), first, again, other, again) == [5, 5, 10, 5]


def test_an_entry_from_before_the_last_has_no_answer_and_no_effect():
    entries = Entry(3, 1, Add(5)), Entry(3, 2, Add(1)), Entry(3, 1, Add(5))
    assert answers(ExactlyOnce(Counter()), *entries) == [5, 6, None]
