"""What a page loads of its theme: little before the first frame, and nothing that no page uses.

When all pages are written, their icons are drawn in place and the theme's style sheets are made one, with the rules
that these pages have a use for. Scripts run when the page is there: the widgets first, and the theme's own, for
menus and tooltips, when the first widget is drawn.
"""

import hashlib
import json
import re
from pathlib import Path

from sphinx.errors import ExtensionError
from theme_icons import SHEET as ICON_SHEET
from theme_icons import Icons
from theme_styles import SET_BY_BOOTSTRAP, pruned, words_of_page, words_of_script

ICONS = "scripts/fontawesome.js"
# In the order of the pages; Sphinx's own comes first, which the theme would import.
SHEETS = (
    "basic.css",
    "styles/pydata-sphinx-theme.css",
    "pygments.css",
    "styles/sphinx-book-theme.css",
    "copybutton.css",
    "mystnb.*.css",
    "sphinx-design.min.css",
)
JOINED = "theme.css"
BOOTSTRAP = "scripts/bootstrap.js"  # its words are in SET_BY_BOOTSTRAP
NOT_OF_PAGES = ("_sources", "_static", "lite")

LINK = r'<link [^<>]*href="(?P<root>[^"]*)_static/(?P<name>[^"?]+\.css)(?:\?[^"]*)?"[^<>]*>\s*'
SCRIPT = r'"[^"]*?_static/([^"?]+\.js)[^"]*"'
WAITS = r'<script defer(?:="defer")? src="([^"]+)"></script>\s*'
OPTIONS = r'<script src="[^"]*_static/documentation_options\.js[^"]*"></script>'
SETTING = r"<script>[^<]*\bDOCUMENTATION_OPTIONS\b[^<]*</script>\s*"

LATER = (Path(__file__).parent / "theme_later.js").read_text(encoding="utf-8")
FIRST, LAST = 100, 900  # where scripts stand in the page


def sort_scripts(app, pagename, templatename, context, doctree):
    """Let each script wait for the page, and those that draw a widget go first."""
    context["script_files"] = [
        _waiting(script)
        for script in context["script_files"]
        if "design-tabs" not in str(script.filename) or "sd-tab-set" in context.get("body", "")
    ]


def _waiting(script):
    if not script.filename or "documentation_options" in str(script.filename):
        return script
    attributes = dict(script.attributes)
    draws = attributes.get("defer") and attributes.pop("defer")
    priority, importance = (FIRST, {"fetchpriority": "high"}) if draws else (LAST, {})
    return type(script)(script.filename, priority=priority, defer="defer", **importance, **attributes)


def lighten(app, exception):
    """Give all written pages their icons and their one style sheet."""
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    static = folder / "_static"
    icons = Icons((static / ICONS).read_text(encoding="utf-8"))
    options = (static / "documentation_options.js").read_text(encoding="utf-8")
    pages = {}
    for path in sorted(folder.rglob("*.html")):
        if path.relative_to(folder).parts[0] not in NOT_OF_PAGES:
            text = with_options(path.read_text(encoding="utf-8"), options)
            pages[path] = icons.draw(after_first_frame(text) if "data-widget=" in text else text)
    sheet = joined(static, pages.values())
    (static / JOINED).write_text(sheet, encoding="utf-8")
    version = hashlib.sha256(sheet.encode()).hexdigest()[:8]
    for path, text in pages.items():
        path.write_text(with_one_sheet(text, version), encoding="utf-8")


def with_options(page, options):
    """The text of a page with Sphinx's options in it, ahead of the style sheets, for which a script has to wait."""
    page = re.sub(OPTIONS, lambda _: f"<script>{options.strip()}</script>", page)
    settings = "".join(re.findall(SETTING, page))
    head, sheet, rest = re.sub(SETTING, "", page).partition('<link href="')
    return head + settings + sheet + rest


def after_first_frame(page):
    """The text of a page with widgets, where the theme's scripts wait for the first of these to be drawn."""
    sources = json.dumps(re.findall(WAITS, page)).replace("<", "\\u003c")
    script = f"<script>\n{LATER.replace('SOURCES', sources)}</script>\n"
    return re.sub(WAITS, "", page).replace("</head>", f"{script}</head>", 1)


def joined(static, pages):
    """The style sheets of the theme as one, for these pages."""
    words = set(SET_BY_BOOTSTRAP)
    scripts = {path.relative_to(static).as_posix() for path in static.glob("*.js")}  # some are fetched when wanted
    for page in pages:
        words |= words_of_page(page)
        scripts |= set(re.findall(SCRIPT, page))
    for script in scripts - {BOOTSTRAP, ICONS}:
        words |= words_of_script((static / script).read_text(encoding="utf-8"))
    parts = [ICON_SHEET]
    for pattern in SHEETS:
        found = list(static.glob(pattern))
        if len(found) != 1:
            raise ExtensionError(f"the theme has {len(found)} style sheets {pattern!r}, and not one")
        sheet = pruned(found[0].read_text(encoding="utf-8"), words)
        parts.append(sheet.replace("url(../", "url(") if "/" in pattern else sheet)
    return "".join(parts)


def with_one_sheet(page, version):
    """The text of a page with one link in place of those to the theme's sheets."""
    names = {name.rpartition("/")[2] for name in SHEETS} | {JOINED}
    told = False

    def link(found):
        nonlocal told
        if not any(Path(found["name"]).match(name) for name in names):
            return found[0]
        if told:
            return ""
        told = True
        return f'<link rel="stylesheet" href="{found["root"]}_static/{JOINED}?v={version}" />\n'

    return re.sub(LINK, link, page)


def setup_pages(app):
    app.connect("html-page-context", sort_scripts, priority=950)
    app.connect("build-finished", lighten, priority=900)  # when the theme has written its sheets
