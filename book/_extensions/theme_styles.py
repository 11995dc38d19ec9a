"""One style sheet of the theme's, with the rules that the built pages can have a use for.

The theme and Sphinx's extensions bring 550 KB of style sheets, for every page that anybody could write. A rule stays if
each class and each name that one of its selectors asks for stands in a page, or in a script of the pages, which may
set it later. What a selector says within brackets, `:not(.this)`, is not looked at.
"""

import re

import tinycss2

# What the theme's larger script sets on the parts of it that the pages use, tooltips and menus. Words of the script
# itself would keep the rules of all that Bootstrap can do.
SET_BY_BOOTSTRAP = {
    *("active", "disabled", "fade", "show", "dropup", "dropdown", "dropdown-menu", "dropdown-item", "dropdown-toggle"),
    *("tooltip", "tooltip-arrow", "tooltip-inner", "bs-tooltip-auto", "bs-tooltip-bottom", "bs-tooltip-end"),
    *("bs-tooltip-start", "bs-tooltip-top"),
}
ICON_FONT = "Awesome"  # the icons are drawn in the pages, which have none of these fonts
WORD = re.compile(r"-?[A-Za-z_][\w-]*")


def words_of_page(text):
    """The classes and names in the text of a page."""
    return {word for found in re.findall(r'\b(?:class|id)="([^"]*)"', text) for word in found.split()}


def words_of_script(text):
    """All that could be a class or a name in the text of a script."""
    return set(WORD.findall(text))


def pruned(sheet, words):
    """The rules of a sheet that ask for none but these words."""
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    kept = "".join(_kept(rule, words) for rule in rules)
    for name in re.findall(r"@(?:-webkit-)?keyframes ([\w-]+)", kept):
        if not re.search(rf"animation[\w-]*:[^;}}]*(?<![\w-]){re.escape(name)}(?![\w-])", kept):
            kept = re.sub(rf"@(?:-webkit-)?keyframes {re.escape(name)}\{{.*\}}\n", "", kept)
    return kept


def _kept(rule, words):
    if rule.type == "error":
        raise ValueError(f"a style sheet cannot be read at line {rule.source_line}: {rule.message}")
    content = _squeezed(rule.content)
    if ICON_FONT in content and (rule.type == "qualified-rule" or rule.lower_at_keyword == "font-face"):
        return ""
    if rule.type == "qualified-rule":
        selectors = [selector for selector in _split(rule.prelude) if asked_for(selector) <= words]
        if selectors and any(_is_unsure(selector) for selector in _split(rule.prelude)):
            selectors = _split(rule.prelude)  # a browser that does not know one of them does without the rule
        return f"{','.join(map(_squeezed, selectors))}{{{content}}}\n" if selectors and content else ""
    prelude = _squeezed(rule.prelude)
    if rule.lower_at_keyword in ("media", "supports", "layer", "container") and rule.content is not None:
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        content = "".join(_kept(part, words) for part in inner)
        return f"@{rule.at_keyword} {prelude}{{{content}}}\n" if content else ""
    if rule.lower_at_keyword in ("charset", "import"):  # the sheet is UTF-8, and has what was to be imported
        return ""
    return f"@{rule.at_keyword} {prelude}{{{content}}}\n" if rule.content is not None else ""


def _split(prelude):
    """The selectors of a rule, each a list of tokens."""
    selectors = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            selectors.append([])
        else:
            selectors[-1].append(token)
    return selectors


def asked_for(selector):
    """The classes and names without which a selector, as tokens, matches nothing."""
    pairs = zip([None, *selector], selector, strict=False)
    return {
        token.value
        for before, token in pairs
        if token.type == "hash" or (token.type == "ident" and before and before.type == "literal" and before == ".")
    }


def _is_unsure(selector):
    return "::-" in tinycss2.serialize(selector)


def _squeezed(tokens):
    """The text of tokens, without remarks and with single spaces."""
    text = tinycss2.serialize([token for token in tokens or () if token.type != "comment"])
    return re.sub(r"\s+", " ", text).strip()
