"""The request of a state graph: take the stage to one of its configurations."""

from consensus_lab.answers.shared_run import open_run
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.run import BY_HAND


def reach(message, protocol=None):
    """The scene that ``{"do": "state", "run": run of no events, "events": [row, ...]}`` asks for.

    A row is an event as `consensus_lab.model.run_json` writes it, without its time. Each is replayed, so what is
    shown can really happen.
    """
    run, rows = message.get("run"), message.get("events")
    if not isinstance(run, dict):
        raise ProtocolError(f"run is {run!r:.80}; it has to be a run of no events")
    if not isinstance(rows, list) or not all(isinstance(row, list) and row for row in rows):
        raise ProtocolError(f"events is {rows!r:.80}; it has to be a list of events without their times")
    events = [[row[0], BY_HAND * number, *row[1:]] for number, row in enumerate(rows, 1)]
    return open_run({"run": run | {"events": events}}, protocol)
