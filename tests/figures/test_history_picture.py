"""The picture of a history says what `linearize` has found, in shapes and in words."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.figures import history_picture
from consensus_lab.linearizability import Operation, linearization, linearize
from consensus_lab.protocols.machines import CompareAndSet, Read, Register, Write

GOOD = [
    Operation("Ada", Write("red"), "red", 0, 4),
    Operation("Grace", Write("blue"), "blue", 1, 7),
    Operation("Katherine", Read(), "blue", 3, 5),
    Operation("Katherine", Read(), "red", 5.5, 8),
    Operation("Ada", CompareAndSet("red", "amber"), None, 5),
]
STALE = Operation("Katherine", Read(), "blue", 9, 12)


def parts(picture, kind):
    root = ET.fromstring(picture.svg)
    return [element for element in root.iter("{http://www.w3.org/2000/svg}g") if element.get("class") == kind]


def test_each_operation_has_a_span_and_each_effect_a_dot():
    picture = history_picture(linearize(GOOD, Register()), "Overlap")
    titles = [part.find("{http://www.w3.org/2000/svg}title").text for part in parts(picture, "op")]
    assert sorted(titles) == sorted(map(str, GOOD))
    assert picture.svg.count("<use") == 4 and picture.svg.count('class="drop"') == 4
    assert picture.svg.count('class="span su never"') == 1


def test_dots_lie_in_their_spans_and_come_in_order():
    picture = history_picture(linearize(GOOD, Register()))
    dots = [(float(x), float(y)) for x, y in re.findall(r'<use href="#\w+" x="([\d.]+)" y="([\d.]+)"', picture.svg)]
    spans = re.findall(r'd="M([\d.]+) ([\d.]+)H([\d.]+)"/><path class="span', picture.svg)
    assert dots == sorted(dots) and len(dots) == 4
    for x, y in dots:
        assert any(float(a) < x < float(b) and y == float(row) for a, row, b in spans)


def test_what_contradicts_is_bold_and_said():
    found = linearize([*GOOD, STALE], Register())
    picture = history_picture(found)
    assert len(parts(picture, "core")) == len(found.part) > 1
    assert len(parts(picture, "core")) + len(parts(picture, "rest")) == 6
    assert "<use" not in picture.svg and f"The bold {len(found.part)} contradict each other" in picture.alt
    assert all(str(op) in picture.alt for op in found.part)


def test_a_search_that_gave_up_shows_no_verdict(monkeypatch):
    monkeypatch.setattr(linearization, "MOST", 1)
    picture = history_picture(linearize(GOOD, Register()))
    assert "Nobody knows" in picture.alt and not parts(picture, "core") and "<use" not in picture.svg


@pytest.mark.parametrize("bad", [False, True])
def test_a_long_history_shows_what_matters_and_says_so(bad):
    history = [Operation(k % 3, Write(k), k, 10 * k, 10 * k + 15) for k in range(200)]
    history += [Operation("late", Read(), 7 if bad else 199, 5000, 5001)]
    found = linearize(history, Register())
    picture = history_picture(found)
    assert bool(found) is not bad
    assert re.search(r"201 operations of 4 clients, \d+ of them shown", picture.svg)
    assert len(parts(picture, "core")) == len(found.part) and len(picture.svg) < 40_000


def test_text_of_operations_is_data():
    picture = history_picture(linearize([Operation("<b>", Write("</svg>&"), "</svg>&", 0, 1)], Register()), "<i>")
    ET.fromstring(picture.svg)


def test_only_a_linearization_has_this_picture():
    with pytest.raises(ValueError, match="no Linearization"):
        history_picture(GOOD)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(1, 9), st.integers(1, 3), st.booleans())))
def test_any_history_has_a_picture(rows):
    history = [Operation(client, Write(v) if v > 1 else Read(), v, at, at + long if ends else None)
               for client, at, long, v, ends in rows]  # fmt: skip
    picture = history_picture(linearize(history, Register()), "Any")
    root = ET.fromstring(picture.svg)
    assert root.get("viewBox") and "nan" not in picture.svg and "prefers-color-scheme:dark" in picture.svg
    assert picture.alt.startswith("Any. A history of")
