"""A run that came from elsewhere, by a link or in a file: read as the data that it is, within bounds, and shown.

No code comes with such a run. It names classes that exist here already, and every one of its events is replayed, so
that what is shown can really happen. The bounds keep a hostile run from taking all the time or memory of the page.
"""

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.json_values import LARGEST_INT
from consensus_lab.model.run import Run
from consensus_lab.scene.moves import MOST_WORK
from consensus_lab.scene.scene import scene

MOST_NODES, MOST_EVENTS, MOST_BOTH = 30, 2_000, 20_000  # both: nodes times events
MOST_PARTS, DEEPEST, LONGEST = 100_000, 40, 200  # of the JSON: values, how deep in each other, characters in a text


def open_run(message, protocol=None):
    """The scene of the run in ``{"do": "open", "run": run}``; raises ProtocolError where it is no run for a stage."""
    data = message.get("run")
    _measure(data)
    run = Run.from_object(data, protocol)
    if sum(len(configuration.network) for configuration in run.configurations) > MOST_WORK:
        raise ProtocolError("this run keeps too many messages in flight for a page; play it in a notebook")
    marked = data.get("by_reader")
    by_reader = [k for k in marked if type(k) is int and 0 < k <= len(run)] if isinstance(marked, list) else ()
    return scene(run, by_reader=set(by_reader))


def _measure(data):
    """Refuse what is too large, before anything is made of it."""
    parts, waiting = 0, [(data, 0)]
    while waiting:
        item, depth = waiting.pop()
        parts += 1
        if parts > MOST_PARTS or depth > DEEPEST:
            raise ProtocolError(f"this is no run for a page: over {MOST_PARTS:,} values, or {DEEPEST} in each other")
        if isinstance(item, str) and len(item) > LONGEST:
            raise ProtocolError(f"this is no run for a page: a text of {len(item):,} characters; at most {LONGEST}")
        if isinstance(item, int) and abs(item) > LARGEST_INT:
            raise ProtocolError("this is no run for a page: a number beyond 2**53")
        if isinstance(item, dict):
            waiting += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, list):
            waiting += [(part, depth + 1) for part in item]
    system, events = (data.get(name) if isinstance(data, dict) else None for name in ("system", "events"))
    nodes = system.get("n") if isinstance(system, dict) else None
    nodes, events = nodes if type(nodes) is int else 0, len(events) if isinstance(events, list) else 0
    for what, count, most in (("nodes", nodes, MOST_NODES), ("events", events, MOST_EVENTS)):
        if count > most:
            raise ProtocolError(f"this run has {count:,} {what}; the limit on a page is {most:,}")
    if nodes * events > MOST_BOTH:
        raise ProtocolError(f"{events:,} events of {nodes} nodes are too much for a page; play the run in a notebook")
