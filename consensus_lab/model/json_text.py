"""JSON text whose depth is measured before anything that calls itself reads it, as every parser of JSON does."""

import json
import re

from consensus_lab.model.errors import ProtocolError

DEEPEST = 200  # lists and objects in each other; a run has some ten
STRINGS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
NO_BRACKETS = re.compile(r"[^][{}]+")
INNERMOST = re.compile(r"\[\]|\{\}")


def parse(text, deepest=DEEPEST):
    """The data of a JSON text.

    Parameters
    ----------
    text : str
    deepest : int
        How many lists and objects may be in each other.

    Returns
    -------
    object

    Raises
    ------
    ProtocolError
        For text that is too deep, and for text that is no JSON. What is deep is not read: a parser that calls itself
        for each level takes the interpreter of a page down with it.

    Examples
    --------
    >>> parse('[1, {"a": "[[[["}]', deepest=2)
    [1, {'a': '[[[['}]
    >>> parse("[" * 5000 + "]" * 5000)
    Traceback (most recent call last):
    consensus_lab.model.errors.ProtocolError: this is no JSON: over 200 lists and objects are in each other
    """
    if not isinstance(text, str):
        raise ProtocolError(f"this is no JSON: it is a {type(text).__name__}, and has to be a text")
    if depth_exceeds(text, deepest):
        raise ProtocolError(f"this is no JSON: over {deepest} lists and objects are in each other")
    try:
        return json.loads(text)
    except ValueError as error:
        raise ProtocolError(f"this is no JSON: {error}") from None


def depth_exceeds(text, deepest):
    """Whether the brackets of a JSON text are deeper in each other than that, found without any recursion."""
    if text.count("[") + text.count("{") <= deepest:
        return False
    left = NO_BRACKETS.sub("", STRINGS.sub("", text))
    for _ in range(deepest):
        left, gone = INNERMOST.subn("", left)
        if not gone:
            return len(left) > deepest  # they do not match, which the parser says as soon as it has come so far
    return bool(left)
