"""How the nodes of a system react: the one place where a handler is called on a local state.

A cause is a tuple: the name of a handler and its arguments, such as ``("receive", sender, message)``, or
``("crash",)``. What has to be done before a handler is called (a timer that fires is no longer armed, a node that
restarts is up) is done here too, so that nobody else has to know of it.
"""

from itertools import islice

from consensus_lab.model.errors import ProtocolError, TooManyChoices
from consensus_lab.model.local import Local, Reaction
from consensus_lab.model.values import kinds, require_hashable

CHOICES = 100  # made in one step; one that makes more is taken to be endless
MEMO = 200_000  # reactions kept; a longer memory costs more than it saves


class _Branch(BaseException):
    """A handler asks for a choice that nobody has made yet."""


class Reactions:
    """The reactions of the nodes of these classes, each worked out once."""

    def __init__(self, classes, names, servers):
        self.classes, self.names, self.servers = classes, names, servers
        self._memo = {}

    def of(self, i, local, cause, most=None):
        """Every way node `i` may react to `cause` in the local state `local`: a tuple of (choices, Reaction).

        There is one way, unless the handler calls `choose`; where there are more than `most`, TooManyChoices is
        raised.
        """
        kind = cause[0]
        if kind == "timeout":
            local = local._replace(timers=tuple(timer for timer in local.timers if timer != cause[1]))
        elif kind == "restart":
            local = local._replace(up=True)
        elif kind == "crash":
            return (((), self._stopped(i, local)),)
        key = (i, local, cause, kinds(cause[1])) if kind == "propose" else (i, local, cause)
        known = self._memo.get(key)
        if known is None:
            if len(self._memo) >= MEMO:
                self._memo.clear()
            ways = self._react(i, local, cause)
            known = tuple(ways if most is None else islice(ways, most + 1))
            if most is not None and len(known) > most:
                raise TooManyChoices
            self._memo[key] = known
        return known

    def asleep(self, i):
        """The local state of node `i` before its `start`."""
        return Local.of(tuple(self.classes[i].state_defaults.values()), (), ())

    def start(self, i):
        """The Reaction of node `i` to being started."""
        ((choices, reaction), *rest) = self.of(i, self.asleep(i), ("start",))
        if choices or rest:
            raise ProtocolError(
                f"{self.classes[i].__name__}.start calls choose; choose in propose, receive or timeout instead"
            )
        return reaction

    def wake(self, i, local, choose):
        """Node `i` in the local state `local`, ready for one handler call."""
        return self.classes[i]._wake(i, self.servers, local, choose, len(self.classes) - len(self.servers))

    def blame(self, i, cause, error):
        """The ProtocolError that names the class, the node and the handler call in which `error` came up."""
        handler, *arguments = cause
        cls, name = self.classes[i].__name__, self.names[i]
        call = f"{handler}({', '.join(map(repr, arguments))})"
        what = str(error) if isinstance(error, ProtocolError) else f"it raised {type(error).__name__}: {error}"
        return ProtocolError(f"{cls}, node {i} ({name}), in {call}: {what}")

    def _react(self, i, local, cause):
        """Pairs of (choices, Reaction), one for each way that the handler may choose, in the order of the options."""
        work = [()]
        while work:
            choices = work.pop()
            options, reaction = self._try(i, local, cause, choices)
            if reaction is not None:
                yield choices, reaction
            elif len(choices) == CHOICES:
                error = ProtocolError(f"it has made {CHOICES} choices in one step; does it ever stop?")
                raise self.blame(i, cause, error)
            else:
                distinct = dict.fromkeys((option, kinds(option)) for option in options)
                work += [(*choices, option) for option, _ in reversed(distinct)]

    def _try(self, i, local, cause, choices):
        """(the options of the first choice that `choices` does not make, None), or (None, the Reaction)."""
        made = iter(choices)

        def choose(options):
            for pick in made:
                return pick
            raise _Branch(options)

        node = self.wake(i, local, choose)
        handler, *arguments = cause
        try:
            node._run(getattr(node, handler), *arguments)
            for _, message in node._outbox:
                require_hashable(message)
            after = node._local(local)
        except _Branch as branch:
            return branch.args[0], None
        except Exception as error:
            raise self.blame(i, cause, error) from error
        return None, Reaction(local if after == local else after, tuple(node._outbox), tuple(node._clock))

    def _stopped(self, i, local):
        """The reaction to a crash: all is forgotten but what is durable."""
        cls = self.classes[i]
        fields = tuple(
            value if name in cls.durable else default
            for (name, default), value in zip(cls.state_defaults.items(), local.fields)
        )
        return Reaction(Local.of(fields, local.decisions, (), up=False), (), ())
