"""The few icons of the pages, drawn in place.

The theme ships all of Font Awesome, 1.5 MB of script that draws them when the page is there. Here the built pages get
the same drawings, taken from that script, and do without it.
"""

import json
import re
from functools import cache

from sphinx.errors import ExtensionError

STYLES = {"fa-solid": "fas", "fas": "fas", "fa-brands": "fab", "fab": "fab"}
SIZES = ("fa-lg",)
PLACE = re.compile(r'<(i|span) class="([^"]*)"([^<>]*)></\1>')
CREDIT = "<!-- Icons: Font Awesome Free, CC BY 4.0, https://fontawesome.com/license/free -->"

# What Font Awesome's script would add to the page, for what the pages use of it.
SHEET = """\
svg:not(:root).svg-inline--fa { overflow: visible; box-sizing: content-box }
.svg-inline--fa { display: inline-block; height: 1em; overflow: visible; vertical-align: -.125em }
.svg-inline--fa.fa-lg { vertical-align: -.2em }
"""


class Icons:
    """The drawings in the text of Font Awesome's script."""

    def __init__(self, script):
        self.parts = _sets(script)
        self.of = cache(self._of)

    def _of(self, style, name):
        """The size and the path of an icon."""
        found = re.search(rf'[{{,]"?{re.escape(name)}"?:(\[\d+,\d+,\[[^]]*\],"\w+","[^"]+"\])', self.parts[style])
        if not found:
            raise ExtensionError(f"the theme's Font Awesome has no icon {name!r} of the style {style!r}")
        width, height, _, _, path = json.loads(found[1])
        return width, height, path

    def draw(self, page):
        """The text of a page with its icons drawn."""
        drawn, count = PLACE.subn(self._drawn, page)
        return drawn.replace("</head>", f"{CREDIT}\n</head>", 1) if count else drawn

    def _drawn(self, place):
        _, classes, attributes = place.groups()
        style = next((STYLES[word] for word in classes.split() if word in STYLES), None)
        if not style:
            return place[0]
        rest = [word for word in classes.split() if word not in STYLES]
        (icon,) = [word for word in rest if word.startswith("fa-") and word not in SIZES]
        width, height, path = self.of(style, icon.removeprefix("fa-"))
        attributes, title = _title(attributes, icon)
        return (
            f'<svg class="svg-inline--fa {" ".join(rest)}"{attributes} role="img" viewBox="0 0 {width} {height}">'
            f'{title}<path fill="currentColor" d="{path}"></path></svg>'
        )


def _sets(script):
    """The part of the script with the drawings of each style; it ends with the call that adds them."""
    begin, parts = 0, {}
    for call in re.finditer(r'\("(fa[a-z])",\w+\),\w+\("fa-[a-z]+",\w+\)', script):
        parts[call[1]], begin = script[begin : call.start()], call.end()
    if not {"fab", "fas"} <= set(parts):
        raise ExtensionError("the theme's Font Awesome is written in another way than theme_icons.py reads")
    return parts


def _title(attributes, icon):
    """The attributes and the title of an icon: one without a title is decoration."""
    found = re.search(r' title="([^"]*)"', attributes)
    if not found:
        return f'{attributes} aria-hidden="true" focusable="false"', ""
    attributes = f'{attributes.replace(found[0], "")} aria-labelledby="title-of-{icon}"'.replace("  ", " ")
    return attributes, f'<title id="title-of-{icon}">{found[1]}</title>'
