"""What a reader sees of a run stays as it is, byte for byte, until somebody means to change it."""

import pytest

from tests.scene.unchanged.samples import HERE, kept, runs

RUNS = dict(runs())


@pytest.mark.parametrize("name", RUNS)
def test_a_run_looks_as_it_did(name):
    assert kept(RUNS[name]) == (HERE / f"{name}.txt").read_text(encoding="utf-8")


def test_every_kept_text_has_its_run():
    assert {path.stem for path in HERE.glob("*.txt")} == set(RUNS)
