"""What the sweep's page asks for is counted as `sweep` counts it, and a request is data that may be anything."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab import sweep
from consensus_lab.answers.answer import answer
from consensus_lab.answers.sweep import EXPERIMENTS
from consensus_lab.experiments.sweeps import split_vote, tie_break
from consensus_lab.model.errors import ProtocolError
from consensus_lab.widgets import Sweep

POINT = {"n": 4, "spread": 1, "loss": 0.2}


def ask(**changes):
    return answer({"do": "sweep", "experiment": "split", "point": POINT, "counts": {}, "seeds": 10} | changes)


def test_batches_add_up_to_a_sweep():
    counts = {}
    for seeds in (7, 20, 3):
        counts = json.loads(json.dumps(ask(counts=counts, seeds=seeds)))["sweep"]["counts"]
    expected = sweep(split_vote, [POINT], seeds=30)[0].counts
    assert counts == {outcome: expected.get(outcome, 0) for outcome in EXPERIMENTS["split"].outcomes}


def test_shares_intervals_and_words():
    counts = {"decides red": 60, "decides blue": 10, "splits": 25, "waits": 5}
    found = ask(counts=counts, seeds=0)["sweep"]
    assert [row["text"] for row in found["rows"]] == ["60.0%", "10.0%", "25.0%", "5.0%"]
    assert found["rows"][1]["between"] == "5.5% to 17.4%" and found["name"] == "4 nodes, spread 1, 20% loss"
    assert found["say"] == (
        "25 of 100 votes split, or 25.0%. With 95% confidence, the true share is between 17.5% and 34.3%. "
        "In 5 more, nobody knows enough to decide, and the messages that would tell are lost."
    )
    calm = {"n": 5, "spread": 0, "loss": 0}
    assert ask(point=calm)["sweep"]["say"].startswith("None of 10 votes split, and none ever will")
    assert "at most 27.8%" in ask(point=calm | {"n": 4})["sweep"]["say"]
    assert ask(seeds=0)["sweep"]["say"] == "No vote has been held yet."


@pytest.mark.parametrize(
    "changes",
    [
        {"point": None}, {"point": {"n": 4}}, {"point": POINT | {"n": 1000}}, {"point": POINT | {"n": True}},
        {"point": POINT | {"loss": [1]}}, {"point": POINT | {"spread": float("nan")}}, {"point": POINT | {"more": 1}},
        {"counts": 3}, {"counts": {"splits": -1}}, {"counts": {"splits": 10**9}}, {"counts": {"<b>": 1}},
        {"experiment": "<b>"}, {"experiment": ["split"]},
        {"seeds": 10**6}, {"seeds": -1}, {"seeds": "all"}, {"counts": {"splits": 99_999}},
    ],
)  # fmt: skip
def test_a_request_that_makes_no_sense_gets_one_line(changes):
    reply = ask(**changes)
    assert reply.keys() == {"error"} and "\n" not in reply["error"] and len(reply["error"]) < 300


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


REQUESTS = {"experiment": JSON, "point": JSON, "counts": JSON, "seeds": JSON | st.integers(0, 5)}


@given(st.fixed_dictionaries({}, optional=REQUESTS))
def test_a_request_may_be_anything(changes):
    assert ask(**{"seeds": 1} | changes).keys() <= {"sweep", "error"}


def test_more_patience_means_fewer_disagreements_and_more_late_ones():
    hasty, patient = sweep(tie_break, {"patience": [0.25, 4.0]}, seeds=100)
    assert hasty.counts["disagrees"] > patient.counts.get("disagrees", 0)
    assert hasty.counts["late"] < patient.counts["late"]
    point = {"patience": 4, "spread": 1, "dead": 0.5}
    found = answer({"do": "sweep", "experiment": "patience", "point": point, "counts": {}, "seeds": 100})["sweep"]
    assert found["counts"] == {outcome: patient.counts.get(outcome, 0) for outcome in EXPERIMENTS["patience"].outcomes}
    assert f"{found['counts']['late']} are not over after 6 units of time" in found["say"]
    assert found["name"] == "patience 4, mean delay 1, C is dead in 50%"


def test_an_experiment_that_there_is_not():
    with pytest.raises(ProtocolError, match="no such experiment: 'duel'; there are split, patience"):
        Sweep("duel")


def test_the_widget_has_a_page_a_picture_and_a_stable_name():
    widget = Sweep("split", seeds=5, title="</script><b>Splits")
    assert repr(widget) == "Sweep('split', 8 settings, 5 seeds each)"
    data, _ = widget._repr_mimebundle_()
    assert data["text/html"].startswith('<div class="cl-sweep" data-widget="sweep"><script type="application/json">')
    assert "<b>" not in data["text/html"] and data["text/html"].count("</script>") == 1
    assert "<b>" not in data["image/svg+xml"] and 'alt="' in data["text/html"]
    assert Sweep("split", seeds=5, title="</script><b>Splits").payload == widget.payload
    message = {"do": "sweep", "experiment": "split", "point": POINT, "counts": {}, "seeds": 5}
    reply, buffers = widget.request(json.dumps(message), [])
    assert json.loads(reply) == answer(message) and buffers == []
