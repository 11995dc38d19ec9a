"""How a reply is written: as JSON that every browser reads, and an error as one line."""

import json

from consensus_lab.model.errors import ProtocolError


def json_text(data):
    """Plain data as JSON text; half a character, which no text may hold, becomes a question mark.

    Parameters
    ----------
    data : object
        Lists, dictionaries, strings, numbers, true, false and null.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For infinite numbers and those that are none: JSON has no words for them.

    Examples
    --------
    >>> json_text({"value": "red", "half": chr(0xD800)})
    '{"value":"red","half":"?"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode(errors="replace").decode()


def one_line(error):
    r"""An error as one line: its words, with its kind before them where the words are not this package's own.

    An error whose words raise, or call themselves without end, is told by its kind.

    Parameters
    ----------
    error : BaseException

    Returns
    -------
    str

    Examples
    --------
    >>> one_line(ValueError("two\nlines"))
    'ValueError: two lines'
    """
    kind = type(error).__name__
    try:
        words = " ".join(str(error).split())
        told = words if isinstance(error, ProtocolError) else f"{kind}: {words}".removesuffix(": ")
        return told.encode(errors="replace").decode()
    except BaseException as second:
        return f"{kind}, whose words cannot be had: they raise {type(second).__name__}"
