"""Every schedule: a breadth-first search of all configurations, with shortest witnesses."""

from consensus_lab.exploration.breadth_first import breadth_first, print_progress
from consensus_lab.exploration.closure import closure
from consensus_lab.exploration.state_graph import StateGraph
from consensus_lab.exploration.successors import Successors
from consensus_lab.exploration.symmetry import Quotient, renamings
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.properties import CONSENSUS


def explore(system, *, reduce=True, max_states=1_000_000, progress=False, properties=CONSENSUS):
    """Visit every configuration that some schedule of `system` reaches.

    Ctrl-C, or the stop button of a notebook, ends it with what is known so far.

    Parameters
    ----------
    system : System
        The nodes, what is proposed, and what may go wrong.
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

    Returns
    -------
    StateGraph
        All that was found; `complete` says whether that is all there is.
    """
    if max_states < 1:
        raise ProtocolError(f"max_states={max_states!r}: allow at least one configuration")
    if reduce not in (True, False, "messages", "nodes"):
        raise ProtocolError(f'reduce={reduce!r}: pass True, False, or one of "messages" and "nodes"')
    properties = tuple(properties)
    space = _space(system, reduce, all(prop.reads != "messages" for prop in properties))
    report = print_progress if progress is True else progress
    found = breadth_first(space, space.encode(system.initial()), max_states, report)
    return StateGraph(space, properties, *found)


def _space(system, reduce, messages_are_unread):
    closed = closure(system) if reduce else None
    if closed is None:
        return Successors(system)
    alive = closed.living() if reduce != "nodes" and messages_are_unread else None
    group = renamings(closed) if reduce != "messages" else []
    return Quotient(system, alive, group) if len(group) > 1 else Successors(system, alive)
