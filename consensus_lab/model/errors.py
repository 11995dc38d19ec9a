"""The errors a protocol author can meet."""


class ProtocolError(ValueError):
    """A protocol, or the use of one, breaks a rule of the model.

    The text names the class, the node and the event where there is one, and says how to mend it.
    """


class TooManyChoices(Exception):
    """A handler can choose in more ways than a search may look at: the search stops there, as at its bound."""
