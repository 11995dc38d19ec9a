"""The small change of captions: quotations, lists, full stops."""

from consensus_lab.model.values import show


def held_words(field):
    """(present, past): how a node comes to hold a value in this field, and what one says of it then."""
    if field == "accepted":
        return "accepts", "accepted"
    return ("votes", "voted") if field in ("vote", "voted") else ("takes", "holds")


def quote(message, show=show):
    """What the message says, in quotation marks; empty where its class has no words for it, or they do not fit."""
    if not message.says:
        return ""
    try:
        return "“" + message.says.format_map({name: show(getattr(message, name)) for name in message._fields}) + "”"
    except (LookupError, AttributeError, ValueError):
        return ""


def noun(name):
    """The name of a field as something that a node has: its promise, its last vote."""
    return {"promised": "promise", "accepted": "last vote", "voted": "last vote"}.get(name, plain(name))


def stop(sentence):
    """The sentence with its full stop, unless a quotation has brought one."""
    return sentence if sentence.endswith(("!”", "?”", ".”")) else sentence + "."


def listed(items):
    """A list in words; with a comma before "and" where an item has one of these in itself."""
    *most, last = items
    if not most:
        return last
    loose = len(most) > 1 or any(", " in item or " and " in item for item in most)
    return ", ".join(most) + (", and " if loose else " and ") + last


def capital(text):
    """The text with a capital letter, as a sentence begins."""
    return text[:1].upper() + text[1:]


def plain(name):
    """The name of a field as words."""
    return name.replace("_", " ")
