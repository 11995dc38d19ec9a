"""Every schedule: a breadth-first search of all configurations, with shortest witnesses."""

from consensus_lab.exploration.breadth_first import print_progress
from consensus_lab.exploration.closure import closure
from consensus_lab.exploration.engines import ENGINES, search
from consensus_lab.exploration.property_search import FirstViolation
from consensus_lab.exploration.state_graph import StateGraph
from consensus_lab.exploration.successors import Successors
from consensus_lab.exploration.symmetry import Quotient, renamings
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.node import Node
from consensus_lab.model.properties import CONSENSUS, Property, require_properties
from consensus_lab.model.run import Run
from consensus_lab.model.system import System


def explore(
    system, *, reduce=True, max_states=1_000_000, progress=False, properties=CONSENSUS, first=False, after=None,
    engine="auto",
):  # fmt: skip
    """Visit every configuration that some schedule of `system` reaches.

    Ctrl-C, or the stop button of a notebook, ends it with what is known so far.

    Parameters
    ----------
    system : System
        What to explore.
    reduce : bool, "messages" or "nodes"
        Leave out what cannot change any verdict, violation, valency or stuck run: messages that can no longer do
        anything, and all but one of the configurations that differ only in which of several interchangeable nodes is
        which. Where that cannot be shown of a system or its properties, nothing is left out. "messages" and "nodes"
        are one of the two alone. With False every configuration is visited, so that the count can be held against
        other tools.
    max_states : int
        Stop after this many configurations; the graph then says so.
    progress : bool or function
        Print a line now and then to the standard error stream, or call a function with two numbers: how many
        configurations were found, and how many of these are still to be looked at.
    properties : iterable of Property
        What to check; Agreement, Validity and Termination by default.
    first : bool
        Stop soon after the first configuration that breaks a property; the run to it is a shortest one all the same.
    after : Run, optional
        Begin where this run of the system ends. Runs that the graph gives then begin with it.
    engine : "auto", "python" or "compiled"
        What searches; the graph is the same. The compiled one is faster, needs wasmtime (consensus-lab[fast] on
        PyPI) or a browser, and is what "auto" goes on with once a search is large.

    Returns
    -------
    StateGraph
        What was found.

    Raises
    ------
    ProtocolError
        If an argument or a property is of no use, or a handler breaks a rule of the model.

    Examples
    --------
    >>> from consensus_lab.protocols import MajorityVote
    >>> print(explore(System(MajorityVote, n=2, proposals={0: "red", 1: "blue"})))
    MajorityVote, 2 nodes, reliable network
    25 configurations: every schedule was covered
    Agreement: holds in every schedule
    Validity: holds in every schedule
    Termination: broken, in 6 events
    """
    properties = require_properties(properties)
    _require(system, reduce, max_states, progress, first, after, engine)
    start = system.initial() if after is None else after.last
    graph = StateGraph(*_search(system, start, reduce, max_states, progress, properties, first, engine), after)
    if any(type(prop).__module__ != Property.__module__ for prop in properties):
        _ = graph.violations  # so that what is wrong with a property of one's own is told here
    return graph


def _search(system, start, reduce, most, progress, properties, first, engine):
    """The space, the properties, what was visited, how many of these were expanded, and why the search stopped."""
    space, report = Successors(system), print_progress if progress is True else progress
    found = {space.encode(start): None}, 0
    try:
        space = _space(system, start, reduce, all(prop.reads != "messages" for prop in properties), most)
        key = space.encode(start)
        found = {key: None}, 0
        watch = FirstViolation(space, properties) if first else None
        if watch and watch([], [key]):
            return space, properties, *found, "violation"
        return space, properties, *search(space, key, most, report, watch, engine)
    except KeyboardInterrupt:  # before the search began
        return space, properties, *found, "interrupted"


def _require(system, reduce, max_states, progress, first, after, engine):
    """Raise ProtocolError where an argument is of no use."""
    if isinstance(system, Run):
        raise ProtocolError("explore(run): pass its system, explore(run.system), or explore(run.system, after=run)")
    if isinstance(system, type) and issubclass(system, Node):
        what = f"System({system.__name__}, n=3, proposals={{0: 'red', 1: 'blue'}})"
        raise ProtocolError(f"explore({system.__name__}): pass a system, such as {what}")
    if not isinstance(system, System):
        raise ProtocolError(f"explore({system!r:.80}): pass a System")
    if type(max_states) is not int or max_states < 1:
        raise ProtocolError(f"max_states={max_states!r}: allow at least one configuration")
    if not (reduce is True or reduce is False or reduce in ("messages", "nodes")):
        raise ProtocolError(f'reduce={reduce!r}: pass True, False, or one of "messages" and "nodes"')
    if not (isinstance(progress, bool) or callable(progress)):
        raise ProtocolError(f"progress={progress!r}: pass True, False, or a function of two numbers")
    if not isinstance(first, bool):
        raise ProtocolError(f"first={first!r}: pass True or False")
    if engine not in ENGINES:
        raise ProtocolError(f'engine={engine!r}: pass "auto", "python" or "compiled"')
    if after is None:
        return
    if not isinstance(after, Run) or not after.system.same_as(system):
        raise ProtocolError(f"after={after!r:.120}: pass a run of this very system, {system}")
    planned = {value for i, value in system.proposals.items() if (i, value) not in after.last.pending}
    if after.last.proposed != planned:
        raise ProtocolError("after: the run proposes by hand; give what it proposes to System(..., proposals=...)")


def _space(system, start, reduce, messages_are_unread, most):
    closed = closure(system, most) if reduce else None
    if closed is None or not closed.knows(start):
        return Successors(system)
    droppable = reduce != "nodes" and messages_are_unread and not system.network.ordered  # else what is behind waits
    alive = closed.living() if droppable else None
    group = renamings(closed) if reduce != "messages" and start == system.initial() else []
    return Quotient(system, alive, group) if len(group) > 1 else Successors(system, alive)
