"""What a state graph says of itself, in words. Nothing is claimed that was not looked at."""

from consensus_lab.model.properties import Termination

LARGEST = 50_000  # configurations among which schedules that never end are looked for


def summary(graph):
    """The lines that `print(graph)` prints."""
    lines = [str(graph.system), f"{len(graph):,} configuration{'s' * (len(graph) > 1)}"]
    if graph.complete:
        lines[-1] += ": every schedule was covered"
    else:
        why, more = {
            "interrupted": ("was interrupted", ""),
            "violation": ("stopped at the first violation", ""),
            "memory": ("stopped when the engine's memory was full", ""),
        }.get(graph._stopped, ("stopped at its bound", "; raise max_states to cover longer ones"))
        lines[-1] += (
            f", and there are more: the search {why}. The schedules covered are those of up to {graph._depth()} "
            f"events{more}"
        )
    if len(graph._start):
        lines[-1] += f". They begin after the {len(graph._start)} events of a run"
    lines += [f"{prop.name}: {outcome(graph, prop)}" for prop in graph.properties]
    if _timers_wait(graph):
        lines.append(
            f"Timers: some are armed that timeouts={graph.system.budgets.timeouts} lets never fire; a schedule that "
            "waits for one has not ended"
        )
    return "\n".join(lines)


def outcome(graph, prop):
    """What came of one property."""
    so_far = "in every schedule" if graph.complete else "as far as the search went"
    if prop.sometimes:
        run = graph.witnesses.get(prop.name)
        return f"never happens, {so_far}" if run is None else f"happens, first in {_events(run)}"
    run = graph.violations.get(prop.name)
    if run is not None:
        return f"broken, in {_events(run)}"
    if isinstance(prop, Termination) and not any(cls.decides for cls in graph.system.classes):
        return f"holds {so_far}, only because no node of this system has to decide"
    if prop.eventual and graph.complete:
        return _ends(graph, prop)
    if prop.reads == "decisions" and not graph._space.values:
        return f"holds {so_far}, only because nobody decides"
    return f"holds {so_far}"


def _events(run):
    return f"{len(run)} event{'s' * (len(run) != 1)}"


def _ends(graph, prop):
    """Of an eventual property that every schedule which ends has: what is to be said of those that do not end."""
    endless = _endless(graph, prop)
    if endless is None:
        return "no schedule ends without it; those that never end were not looked at, ask verdict about them"
    if endless:
        return "no schedule ends without it, but some go on forever without it; ask verdict whether these are fair"
    return "holds in every schedule"


def _endless(graph, prop):
    """Whether some schedule goes round forever where the property is not met; None where there is too much to see."""
    if len(graph) > LARGEST:
        return None
    space, known, open_ones = graph._space, {}, set()
    for key in graph._parents:
        part = key & ~space.mail
        if part not in known:
            known[part] = prop.met(space.decode(key))
        if not known[part]:
            open_ones.add(key)
    following = {key: [there for there in graph._successors(key) if there in open_ones] for key in open_ones}
    leading = dict.fromkeys(open_ones, 0)
    for there in (there for some in following.values() for there in some):
        leading[there] += 1
    work = [key for key, count in leading.items() if not count]
    seen = 0
    while work:  # what is left when nothing is first any more has a cycle
        seen += 1
        for there in following[work.pop()]:
            leading[there] -= 1
            if not leading[there]:
                work.append(there)
    return seen < len(open_ones)


def _timers_wait(graph):
    """Whether a timer is armed in a configuration in which no budget lets it fire."""
    space, purse = graph._space, graph._space.purses["timeout"]
    if graph.system.budgets.timeouts is None:
        return False
    known = [{} for _ in graph.system.nodes]
    for key in graph._walks.distinct(purse | sum(space.states)):
        if key & purse:
            continue
        for i, armed in enumerate(known):
            state = key & space.states[i]
            if state not in armed:
                armed[state] = bool(space.local(i, key).timers)
            if armed[state]:
                return True
    return False
