"""What the theme gives to every page: little to load, and its search, contents, menus and colors, storage or none."""

import pytest

from tests.pages.test_pages import PAGES, WITH_WIDGETS

LIMIT = 700_000  # bytes over the line for a whole page, its text compressed
NOT_BEFORE_WANTED = ("fontawesome", "searchtools", "searchindex", "language_data", ".woff", ".ttf", "design-tabs")
REFUSED = """
    for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, {
            configurable: true, get() { throw new DOMException("no", "SecurityError") } });
"""
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') };"


def open_whole(page, address):
    """Open a page and wait for the theme's scripts, which come after the first frame."""
    page.goto(address)
    page.wait_for_function("window.bootstrap")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light_and_asks_for_nothing_that_is_not_wanted_yet(name, site, page):
    client, names, sizes = page.context.new_cdp_session(page), [], []
    client.send("Network.enable")
    client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.on("request", lambda request: names.append(request.url))
    open_whole(page, f"{site}/{name}")
    assert [name for name in names if any(part in name for part in NOT_BEFORE_WANTED)] == []
    assert len(sizes) > 5 and sum(sizes) < LIMIT


@pytest.mark.parametrize("name", [WITH_WIDGETS[0], "book/glossary.html"])
def test_icons_are_drawn(name, site, page):
    open_whole(page, f"{site}/{name}")
    assert page.locator("[class*='fa-']:not(svg)").count() == 0
    for icon in ("fa-magnifying-glass", "fa-github", "fa-download", "fa-circle-half-stroke"):
        box = page.locator(f"svg.{icon}:visible").first.bounding_box()
        assert 10 < box["height"] < 30 and box["width"] > 8
    assert page.get_by_role("button", name="System Settings").is_visible()


def test_code_has_the_colors_and_the_lines_of_the_theme(site, page):
    open_whole(page, f"{site}/book/voting.html")
    code = page.locator(".cell_input pre").first
    height, size = code.evaluate("code => { const s = getComputedStyle(code); return [s.lineHeight, s.fontSize] }")
    assert float(height[:-2]) == pytest.approx(1.25 * float(size[:-2]), abs=0.1)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_search_opens_by_key_and_finds(width, site, new_page):
    page = new_page(width=width)
    open_whole(page, f"{site}/{WITH_WIDGETS[0]}")
    page.keyboard.press("Control+k")
    field = page.locator("#pst-search-dialog input")
    field.wait_for()
    field.fill("quorum")
    field.press("Enter")
    page.wait_for_url("**/search.html?q=quorum")
    page.locator("#search-results li a").first.wait_for()


@pytest.mark.parametrize("name", [WITH_WIDGETS[0], "book/glossary.html"])
def test_menus_and_tooltips_open(name, site, page):
    open_whole(page, f"{site}/{name}")
    page.get_by_role("button", name="Download this page").click()
    page.get_by_role("link", name=".ipynb").or_(page.get_by_role("link", name=".md")).wait_for()
    page.keyboard.press("Escape")
    page.locator(".btn-fullscreen-button").hover()
    page.locator(".tooltip.show").wait_for()


def buttons_work(frame):
    """Color mode, contents and search answer their buttons."""
    html = frame.locator("html")
    for mode in ("auto", "dark", "light", "auto"):
        assert html.get_attribute("data-mode") == mode
        frame.locator(".theme-switch-button").click()
    sidebar = frame.locator(".bd-docs-nav a", has_text="Glossary").first
    assert not sidebar.is_visible()
    frame.locator(".primary-toggle").click()
    sidebar.wait_for()
    frame.locator("dialog[open]").press("Escape")
    frame.locator(".search-button__button:visible").first.click()
    frame.locator("#pst-search-dialog[open] input").wait_for()


@pytest.mark.parametrize("storage", ["", REFUSED, FULL], ids=["kept", "refused", "full"])
@pytest.mark.parametrize("name", [WITH_WIDGETS[0], "book/glossary.html"])
def test_buttons_work_whatever_storage_says(name, storage, site, new_page):
    page = new_page(width=390)
    page.add_init_script(storage)
    open_whole(page, f"{site}/{name}")
    buttons_work(page)


def test_a_color_mode_that_was_chosen_stays_and_another_value_is_none(site, new_page):
    page = new_page(color_scheme="light")
    open_whole(page, f"{site}/book/glossary.html")
    page.locator(".theme-switch-button").click()
    open_whole(page, f"{site}/book/references.html")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.evaluate("localStorage.setItem('mode', 'purple')")
    open_whole(page, f"{site}/book/glossary.html")
    assert page.locator("html").get_attribute("data-theme") == "light"


def test_paper_is_light_and_the_screen_stays_dark(site, new_page):
    page = new_page(color_scheme="dark")
    open_whole(page, f"{site}/book/glossary.html")
    page.evaluate("addEventListener('beforeprint', () => window.paper = document.documentElement.dataset.theme)")
    page.pdf()
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert page.evaluate("window.paper") == "light"
