"""What holds for every page of the book."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from tests.browser import resize

ROOT = Path(__file__).resolve().parent.parent.parent


def documents():
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [contents["root"], *(chapter["file"] for part in contents["parts"] for chapter in part["chapters"])]


PAGES = [f"{document}.html" for document in documents()]
WITH_WIDGETS = [
    f"{document}.html"
    for document in documents()
    if (notebook := ROOT / f"{document}.ipynb").exists() and "data-widget=" in notebook.read_text(encoding="utf-8")
]

every_page = pytest.mark.parametrize("name", PAGES)
every_page_with_widgets = pytest.mark.parametrize("name", WITH_WIDGETS)


# What a wide page has more of is the same on all of them; light widgets have tests of their own.
@pytest.mark.parametrize(
    ("name", "width", "scheme"), [(PAGES[0], 1280, "light"), *((name, 390, "dark") for name in PAGES)]
)
def test_nothing_scrolls_sideways_and_axe_finds_nothing(name, width, scheme, site, new_page, axe):
    page = new_page(width=width, color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{site}/{name}")
    assert page.locator("html").get_attribute("data-theme") == scheme
    for now in (width, 320, width):
        resize(page, now)
        assert page.evaluate("document.documentElement.scrollWidth") == now
    page.evaluate(WITHOUT_REPETITION)
    assert axe(page) == []


# What is wrong with a widget is wrong with the next of its kind, and so with a word of code. They are most of a page.
WITHOUT_REPETITION = """() => {
    const seen = new Set();
    for (const part of document.querySelectorAll("[data-widget], pre span[class]")) {
        const kind = `${part.className} ${part.dataset.needs}`;
        if (seen.has(kind)) part.remove();
        seen.add(kind);
    }
}"""


def unfold(page):
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")


@every_page_with_widgets
@pytest.mark.parametrize("origin", ["http", "file"])
def test_every_widget_starts(name, origin, site, book, page):
    page.goto(f"{site}/{name}" if origin == "http" else (book / name).as_uri())
    unfold(page)
    widgets = page.locator("[data-widget]")
    for number in range(widgets.count()):
        widgets.nth(number).locator("button:visible").first.wait_for()


@every_page_with_widgets
def test_the_picture_and_the_transcript_show_without_scripts(name, site, new_page):
    page = new_page(java_script_enabled=False)
    page.goto(f"{site}/{name}")
    unfold(page)
    for widget in page.locator("[data-widget]").all():
        picture = widget.locator("figure img")
        assert picture.get_attribute("alt").strip()
        picture.scroll_into_view_if_needed()
        assert picture.bounding_box()["height"] > 100
        assert widget.locator("pre").inner_text().strip()


def test_scripts_of_widgets_stay_off_other_pages(site, page):
    page.goto(f"{site}/book/glossary.html")
    assert page.locator("script[src*='mount.js']").count() == 0


def test_the_front_page_leads_to_the_book(site, page):
    page.goto(f"{site}/")
    page.wait_for_url(f"{site}/{PAGES[0]}")


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.targets, self.names, self.images = [], {""}, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.names |= {attributes[key] for key in ("id", "name") if attributes.get(key)}
        self.targets += [attributes[key] for key in ("href", "src") if attributes.get(key)]
        if tag == "img":
            self.images.append(attributes)


@pytest.fixture(scope="module")
def links(book):
    return {
        path: Links(path.read_text(encoding="utf-8"))
        for path in [book / name for name in (*PAGES, "genindex.html", "search.html")]
    }


@every_page
def test_links_lead_somewhere(name, book, links):
    broken = []
    for target in links[book / name].targets:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        path = ((book / name).parent / unquote(parts.path)).resolve() if parts.path else book / name
        fragment = unquote(parts.fragment)
        if not path.is_file() or (path in links and fragment not in links[path].names):
            broken.append(target)
    assert broken == []


@every_page
def test_pictures_have_alternative_text(name, book, links):
    # The mark beside the title is decoration: the title says the same.
    pictures = [image for image in links[book / name].images if "logo__image" not in image.get("class", "")]
    assert [image["src"][:80] for image in pictures if not image.get("alt", "").strip()] == []
