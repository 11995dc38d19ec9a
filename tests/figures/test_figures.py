import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings

from consensus_lab import Crash, Restart, Run, System, explore, simulate
from consensus_lab.figures import Picture, run_picture, state_graph_picture
from consensus_lab.figures.style import COLORS, color, style
from consensus_lab.protocols import Coordinator, MajorityVote, Synod, TieBreakVote
from tests.widgets.schedules import runs

SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'


def check_svg(picture, most):
    root = ET.fromstring(picture.svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("viewBox")
    assert len(picture.svg) < most and picture.alt
    assert "prefers-color-scheme:dark" in picture.svg and "script" not in picture.svg
    assert "nan" not in picture.svg.lower().replace("nano", "")
    return root


@settings(max_examples=40, deadline=None)
@given(runs())
def test_any_run_has_a_picture(run):
    check_svg(run_picture(run), 25_000)


def test_the_picture_of_a_run_says_what_happens():
    system = System(TieBreakVote, 5, {0: "red", 4: "blue"}, network="lossy")
    found = (simulate(system, seed=seed, faults=[(1.6, Crash(2)), (3.0, Restart(2))], loss=0.06) for seed in range(200))
    run = next(run for run in found if "Agreement" in run.violations)
    picture = run_picture(run, "A late vote")
    root = check_svg(picture, 25_000)
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:2] == ["A late vote", "TieBreakVote, 5 nodes, lossy network"]
    assert any(text.startswith(f"Agreement broken at step {run.violations['Agreement'].step}:") for text in texts)
    crashed = ("C crashes at step", "C restarts at step", "lost.")
    for words in ("A late vote. Space-time diagram of TieBreakVote, 5 nodes on a lossy network", *crashed):
        assert words in picture.alt
    for words in ("A proposes red and E proposes blue.", "decides blue at step"):
        assert words in picture.alt
    assert run_picture(run, "A late vote").svg == picture.svg


def test_a_long_run_shows_a_window_and_says_so():
    run = simulate(System(MajorityVote, 9, {i: "abcde"[i % 5] for i in range(9)}), seed=1)
    picture = run_picture(run)
    assert f"of {len(run)}" in picture.svg
    check_svg(picture, 25_000)


def test_state_graphs():
    root = check_svg(state_graph_picture(explore(System(Coordinator, 3, {0: "red", 1: "blue"}))), 25_000)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}use"))) == 20
    picture = state_graph_picture(explore(System(MajorityVote, 2, {0: "red", 1: "blue"})))
    assert "25 configurations in 6 layers" in picture.alt and "4 in nothing" in picture.alt
    assert "2 steps, drawn in ink, lead from an open outcome to a settled one" in picture.alt
    check_svg(state_graph_picture(explore(System(MajorityVote, 1))), 25_000)
    with pytest.raises(ValueError, match="configurations are too many for a picture"):
        state_graph_picture(explore(System(MajorityVote, 3, {0: "red", 2: "blue"}), reduce=False))


def test_a_picture_in_a_notebook():
    data = Picture(SVG, 'Less < more & "quotes"')._repr_mimebundle_()
    assert data["text/plain"] == 'Less < more & "quotes"' and data["image/svg+xml"] == SVG
    assert data["text/html"].startswith(
        '<figure class="cl-figure"><img alt="Less &lt; more &amp; &quot;quotes&quot;" src="data:'
    )


@pytest.mark.parametrize(("svg", "alt"), [(SVG, ""), (SVG, "  "), (SVG, None), ("", "x"), (None, "x")])
def test_a_picture_needs_both(svg, alt):
    with pytest.raises(ValueError):
        Picture(svg, alt)
    with pytest.raises(ValueError):
        Picture.of(svg, alt)


PLOT = """
import hashlib, matplotlib
matplotlib.use("agg")
from matplotlib import pyplot
from consensus_lab.figures import Picture
from consensus_lab.figures.style import style
with style({"figure.figsize": (5, 3)}):
    figure, axes = pyplot.subplots()
    axes.plot([1, 2, 3], [2, 3, 1], label="red")
    axes.bar([1], [2], color=["#c6432a"], hatch="||")
    axes.set_title("How often")
    axes.legend()
    picture = Picture.of(figure, "A plot")
assert pyplot.get_fignums() == []
print(hashlib.sha256(picture.svg.encode()).hexdigest())
"""


def test_plots_have_the_same_bytes_every_time():
    results = [subprocess.run([sys.executable, "-c", PLOT], capture_output=True, text=True) for _ in range(2)]
    assert results[0].stdout and results[0].stdout == results[1].stdout, results[0].stderr


def test_plots_follow_the_page():
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    with style():
        figure, axes = pyplot.subplots()
        axes.plot([1, 2], color=color("blue"))
        axes.set_xlabel("nodes")
        picture = Picture.of(figure, "A plot")
    root = check_svg(picture, 40_000)
    body = picture.svg.split("</style>", 1)[1]
    assert "var(--blue)" in body and not any(light in body for light, _ in COLORS.values())
    assert any(text.text == "nodes" for text in root.iter("{http://www.w3.org/2000/svg}text"))
    with pytest.raises(ValueError, match="no color of the book"):
        color("green")


def test_a_run_that_is_empty():
    assert "Nobody decides" in run_picture(Run(System(MajorityVote, 3))).alt


def test_the_picture_of_ballots_has_their_tags_and_says_what_is_chosen():
    picture = run_picture(simulate(System(Synod, 3, {0: "red", 1: "blue"}), seed=1))
    assert picture.svg.count('class="tag"') == 2 and ">1A<" in picture.svg and ">1B<" in picture.svg
    assert picture.alt.endswith("Ballot 1B has chosen blue at step 9, and somebody knows at step 11.")
