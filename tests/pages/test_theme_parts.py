"""What the book's extensions make of style sheets, icons and pictures, without a browser."""

import base64
import importlib.util
import sys
from pathlib import Path

import pytest
from sphinx.errors import ExtensionError

EXTENSIONS = Path(__file__).resolve().parent.parent.parent / "book" / "_extensions"


def extension(name):
    spec = importlib.util.spec_from_file_location(name, EXTENSIONS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(name, module)
    spec.loader.exec_module(module)
    return module


styles, icons, pictures = (extension(name) for name in ("theme_styles", "theme_icons", "theme_pictures"))


@pytest.mark.parametrize(
    ("sheet", "kept"),
    [
        (".here{color:red}", ".here{color:red}\n"),
        (".gone{color:red}", ""),
        (".here, .gone{color:red}", ".here{color:red}\n"),
        (".here .gone, #gone, p#here{color:red}", "p#here{color:red}\n"),
        ("a:not(.gone):hover{color:red}", "a:not(.gone):hover{color:red}\n"),
        ('p[data-gone=x] > a::before{content:".gone"}', 'p[data-gone=x] > a::before{content:".gone"}\n'),
        ("@media print{.gone{color:red}}", ""),
        ("@media print{.gone{color:red} .here{color:red}}", "@media print{.here{color:red}\n}\n"),
        ("@supports (x:y){@media print{.here{color:red}}}", "@supports (x:y){@media print{.here{color:red}\n}\n}\n"),
        (":root{--a:1px}/* a remark */", ":root{--a:1px}\n"),
        (".here::-x-part, .gone{color:red}", ".here::-x-part,.gone{color:red}\n"),
        ("@keyframes gone{from{top:0}}", ""),
        ("@keyframes used{from{top:0}} p{animation:used 1s}", "@keyframes used{from{top:0}}\np{animation:used 1s}\n"),
        ('@charset "UTF-8"; @import "basic.css"; p{top:0}', "p{top:0}\n"),
    ],
)
def test_a_rule_stays_if_a_page_can_have_a_use_for_it(sheet, kept):
    assert styles.pruned(sheet, {"here"}) == kept


def test_a_style_sheet_that_cannot_be_read_is_an_error():
    with pytest.raises(ValueError, match="cannot be read at line 1"):
        styles.pruned("p", set())


def test_words_are_those_of_pages_and_scripts():
    assert styles.words_of_page('<p class="a b-c" id="d">e</p>') == {"a", "b-c", "d"}
    assert {"a", "cl-b", "c"} <= styles.words_of_script('h("a.cl-b"); x.classList.add("c")')


SCRIPT = (
    'var p={sun:[1,2,[],"f1","M1"]};f(function(){d("fab",p),d("fa-brands",p)});'
    'var p={sun:[3,4,["x"],"f1","M2"],"file-pdf":[5,6,[9],"f2","M3"]};f(function(){d("fas",p),d("fa-solid",p)})'
)


def test_an_icon_is_drawn_in_its_style():
    drawn = icons.Icons(SCRIPT).draw('<head></head><i class="fas fa-sun"></i><span class="fab  fa-sun fa-lg"></span>')
    assert drawn.startswith(f"<head>{icons.CREDIT}\n</head>") and '0 0 3 4"><path fill="currentColor" d="M2">' in drawn
    assert 'class="svg-inline--fa fa-sun fa-lg" aria-hidden="true"' in drawn and 'd="M1"' in drawn
    titled = icons.Icons(SCRIPT).draw('<i class="fas fa-file-pdf" title="Print"></i>')
    assert 'aria-labelledby="title-of-fa-file-pdf"' in titled and ">Print</title>" in titled
    assert icons.Icons(SCRIPT).draw('<i class="bar"></i>') == '<i class="bar"></i>'


def test_an_icon_that_is_not_there_is_an_error():
    with pytest.raises(ExtensionError, match="no icon 'moon' of the style 'fas'"):
        icons.Icons(SCRIPT).draw('<i class="fas fa-moon"></i>')
    with pytest.raises(ExtensionError, match="written in another way"):
        icons.Icons("nothing")


@pytest.mark.parametrize(
    ("root", "size"),
    [
        ('<svg width="70" height="38">', 'width="70" height="38" '),
        ('<svg height="72pt" width="36.1pt" viewBox="0 0 1 1">', 'width="48" height="96" '),
        ('<svg stroke-width="3" viewBox="0 0 1 1">', ""),
    ],
)
def test_a_picture_waits_and_says_how_large_it_is(root, size):
    source = f'src="data:image/svg+xml;base64,{base64.b64encode(root.encode()).decode()}"'
    waiting = pictures.wait_for_reader(f'<img alt="A run" {source}>')
    assert waiting == f'<img loading="lazy" {size}alt="A run" {source}>'
    assert pictures.wait_for_reader(waiting) == waiting
    assert pictures.wait_for_reader('<img src="a.svg">') == '<img src="a.svg">'
