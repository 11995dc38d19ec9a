"""What the book asks of its theme: no scripts it has no use for, and pages that assistive technology can read."""

import re
from pathlib import Path

from docutils import nodes
from jinja2.ext import Extension
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from theme_pages import setup_pages
from theme_pictures import wait_for_reader

# Thebe and the widget state need other hosts; the toggle button is a script where `details` will do.
UNUSED = ("sphinx_thebe", "sphinx_togglebutton")
UNUSED_SHEETS = ("sphinx-thebe.css", "togglebutton.css")

# Scripts that wait for no page, in the order of the templates: the color mode, which must not fail where storage is
# refused, and no search before it is opened, which leads to a page of its own.
START = f"<script>\n{(Path(__file__).parent / 'theme_start.js').read_text(encoding='utf-8')}</script>"
COLOR_MODE = r'<script data-cfasync="false">.*?localStorage.*?</script>'
SEARCH = r"{% if pagename == 'search' %}.*?searchtools\.js.*?{% endif %}"
EARLY = r"{{ _webpack\.head_js_preload\(\) }}"  # all icons there are, and scripts that nothing waits for

# An accessible name must contain the words that are seen, all content must lie in a landmark, an entry
# of a list is an entry of a list, and the empty corner of a table is no heading.
TEMPLATES = {
    "components/search-button-field.html": [(r"aria-label=\"{{ _\('Search'\) }}\" ", "")],
    "components/theme-switcher.html": [(r"aria-label=\"{{ _\('Color mode'\) }}\" ", "")],
    "pydata_sphinx_theme/layout.html": [
        (r'id="pst-primary-sidebar" ', 'id="pst-primary-sidebar" role="complementary" aria-label="Book" '),
        (COLOR_MODE, START),
        (SEARCH, ""),
        (EARLY, ""),
    ],
    "pydata_sphinx_theme/search.html": [(r'<script src="(?={{ pathto)', '<script defer src="')],
}
BODY = (
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
    ('role="doc-biblioentry"', 'role="listitem"'),
    ('<th class="head"><p></p></th>', "<td></td>"),
)


class MendTemplates(Extension):
    def preprocess(self, source, name, filename=None):
        for path, changes in TEMPLATES.items():
            if filename and filename.endswith(path):
                for old, new in changes:
                    source, count = re.subn(old, lambda _, new=new: new, source, flags=re.DOTALL)
                    if not count:
                        raise ExtensionError(f"the theme's {path} no longer has {old!r}")
        return source


def mend_templates(app):
    app.builder.templates.environment.add_extension(MendTemplates)


def mend_page(app, pagename, templatename, context, doctree):
    for old, new in BODY:
        context["body"] = context.get("body", "").replace(old, new)
    context["body"] = wait_for_reader(context["body"])
    context["script_files"] = [
        script
        for script in context["script_files"]
        if getattr(script, "attributes", {}).get("type") != "application/vnd.jupyter.widget-state+json"
    ]


class Folded(nodes.Element):
    """An admonition of class `dropdown`, as `details`: it opens with scripts off too."""


class FoldedTitle(nodes.TextElement):
    pass


class FoldDropdowns(SphinxPostTransform):
    default_priority = 400
    formats = ("html",)

    def run(self):
        for admonition in list(self.document.findall(nodes.Admonition)):
            if "dropdown" in admonition["classes"]:
                title, *content = admonition.children
                folded = Folded(classes=["admonition", *admonition["classes"]], ids=admonition["ids"])
                folded += FoldedTitle("", "", *title.children)
                folded += content
                admonition.replace_self(folded)


def visit_folded(writer, node):
    writer.body.append(writer.starttag(node, "details"))


def depart_folded(writer, node):
    writer.body.append("</details>\n")


def visit_folded_title(writer, node):
    writer.body.append('<summary class="admonition-title">')


def depart_folded_title(writer, node):
    writer.body.append("</summary>\n")


def leave_out_unused(app):
    for name, listeners in app.events.listeners.items():
        app.events.listeners[name] = [
            listener for listener in listeners if not listener.handler.__module__.startswith(UNUSED)
        ]
    app.registry.css_files = [
        (name, attributes) for name, attributes in app.registry.css_files if name not in UNUSED_SHEETS
    ]


def setup(app):
    leave_out_unused(app)
    app.add_node(Folded, html=(visit_folded, depart_folded))
    app.add_node(FoldedTitle, html=(visit_folded_title, depart_folded_title))
    app.add_post_transform(FoldDropdowns)
    app.connect("builder-inited", mend_templates)
    app.connect("html-page-context", mend_page, priority=900)
    setup_pages(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
