"""What the documents for developers name exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]
PLACES = (ROOT, ROOT / "consensus_lab", ROOT / "consensus_lab" / "protocols")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_paths_that_are_named_exist(document):
    named = re.findall(r"`([a-z_./-]+/[a-z_./-]*)`", document.read_text(encoding="utf-8"))
    made = {".executed/"}  # by make, and not kept
    missing = [path for path in named if path not in made and not any((place / path).exists() for place in PLACES)]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(document):
    linked = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
    assert [path for path in linked if not (document.parent / path).exists()] == []
