"""Where a property is broken, among configurations as ints: each part that it reads is looked at once."""

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.properties import checked, happens


class PropertySearch:
    """Says of one int after the other whether a property is broken there, or happens that is to happen sometimes."""

    def __init__(self, space, prop):
        self._space, self._prop, self._known, self._unread = space, prop, {}, _Unread(prop)

    def found(self, key):
        """The first of the ints that `key` stands for in which it is so, or None."""
        space, prop = self._space, self._prop
        for image in (key,) if prop.reads == "decisions" else space.orbit(key):
            match prop.reads:
                case "decisions":
                    part = space.decided(image), image & space.plan
                case "nodes":
                    part = image & ~space.mail
                case _:
                    part = image
            if part not in self._known:
                self._known[part] = self._holds(space.decode(image))
            if self._known[part]:
                return image
        return None

    def _holds(self, c):
        c = c if self._prop.reads == "messages" else c.with_network(self._unread)
        return bool(happens(self._prop, c) if self._prop.sometimes else checked(self._prop, c))


class FirstViolation:
    """Looks at what a search finds, as it finds it, until a property is broken.

    Attributes
    ----------
    found : bool
    reads_messages : bool
        Whether one of the properties does.
    """

    def __init__(self, space, properties):
        self.reads_messages = any(prop.reads == "messages" for prop in properties)
        self.found, self._space = False, space
        self._safety = [PropertySearch(space, prop) for prop in properties if not (prop.eventual or prop.sometimes)]
        self._eventual = [prop for prop in properties if prop.eventual]

    def __call__(self, expanded, new):
        """Whether a property is broken in a configuration that was found now, or one that now has no way on."""
        self.found = self.found or any(search.found(key) is not None for key in new for search in self._safety)
        self.found = self.found or any(map(self._ends, expanded if self._eventual else ()))
        return self.found

    def _ends(self, key):
        space = self._space
        return space.quiet(key) and any(
            checked(prop, space.decode(end)) for end in space.orbit(key) for prop in self._eventual
        )


class _Unread:
    """In place of the network, for a property that says it does not read it."""

    def __init__(self, prop):
        self._prop = prop

    def __iter__(self):
        name = self._prop.name
        raise ProtocolError(f'{name} reads the messages in flight; say so, and none is left out: reads = "messages"')

    def __len__(self):
        return len(list(self))

    def __contains__(self, letter):
        return letter in list(self)
