"""The widgets' JavaScript: how much of it a page needs at first, and what it may never do."""

import gzip
import re
from pathlib import Path

import pytest

from consensus_lab.widgets import base

WIDGETS = Path(base.__file__).parent
SOURCES = [path for path in sorted(WIDGETS.glob("*/**/*.js")) if base.BUNDLES not in path.parents]
# Text is data: nothing makes markup or code of it.
FORBIDDEN = r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|document\.write|new Function|setHTML|\.srcdoc"


def compressed(*files):
    return sum(len(gzip.compress(base.text_of(file).encode(), 9)) for file in files)


def test_what_the_first_frame_needs_is_small():
    assert compressed("shared.js", "stage.js", "mount.js") <= 30_000
    assert compressed("stage.css") <= 8_000


def test_no_module_makes_markup_or_code_of_text():
    files = [*SOURCES, *sorted(base.BUNDLES.glob("*.js"))]
    assert len(files) > 40
    assert not [path.name for path in files if re.search(FORBIDDEN, path.read_text(encoding="utf-8"))]


def test_a_module_is_read_in_one_sitting():
    long = {path.name: n for path in SOURCES if (n := len(path.read_text(encoding="utf-8").splitlines())) > 330}
    assert not long


def test_what_all_share_is_there_once():
    for path in sorted(base.BUNDLES.glob("*.js")):
        assert ("createElementNS" in path.read_text(encoding="utf-8")) == (path.stem == "shared"), path.name


def test_a_missing_bundle_names_the_command_that_makes_it(monkeypatch, tmp_path):
    monkeypatch.setattr(base, "BUNDLES", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"python tools/bundle\.py"):
        base.text_of("stage.js")
