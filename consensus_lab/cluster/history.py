"""The run that really happened, put together from what every process has recorded.

Each event carries a vector clock (Mattern 1989, Fidge 1988): for each node, how many of its events the event knows
of. So the records of all processes give the happened-before order of Lamport, "Time, Clocks, and the Ordering of
Events in a Distributed System" (1978), https://doi.org/10.1145/359545.359563, and every order of the events that
extends it is a schedule that no process could have told from what happened. Among these the clock on the wall picks.
A message that its sender knew to be lost is dropped; one that got lost on the way stays in flight.
"""

from itertools import compress

from consensus_lab.linearizability.linearization import Operation
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Deliver, Drop, Envelope, Propose, Restart, Timeout
from consensus_lab.model.json_values import read_value
from consensus_lab.model.run import Run
from consensus_lab.protocols.replication.clients import Request


def run_of(system, records, messages, began, tick):
    """The Run of `system` that the records of its nodes tell of.

    `records` has a list of (clock, event) a node; `began` is the moment that is time 0 and `tick` the length of a
    unit of time, in seconds. Where a record was read earlier than another, the run ends with it.
    """
    rows, events, times, latest = merged(records), [], [], 0.0
    arrivals = {}  # envelope -> its last delivery: the model cannot drop one of two equal messages, and keep the other
    for step, row in enumerate(rows):
        event = _event(row, messages)
        events.append(event)
        if isinstance(event, Deliver):
            arrivals[event.envelope] = step
        latest = max(latest, (row[1] - began) / tick)
        times.append(round(latest, 6))
    kept = [not isinstance(event, Drop) or arrivals.get(event.envelope, -1) < step for step, event in enumerate(events)]
    return Run(system, compress(events, kept), tuple(compress(times, kept)))


def merged(records):
    """The events of all records in one order in which whatever an event knows of comes before it."""
    told = [0] * len(records)
    rows = []
    while True:
        ready = []
        for node, record in enumerate(records):
            if told[node] < len(record):
                clock, row = record[told[node]]
                if all(known <= seen for other, (known, seen) in enumerate(zip(clock, told)) if other != node):
                    ready.append((row[1], node))
        if not ready:
            return rows
        _, node = min(ready)
        rows.append(records[node][told[node]][1])
        told[node] += 1


def _event(row, messages):
    kind, _, *rest = row
    size = {"deliver": 3, "drop": 3, "propose": 2, "timeout": 2}.get(kind, 1)
    choices = tuple(read_value(choice, messages) for choice in (rest[size:] or [[]])[0])
    match kind, rest[:size]:
        case "deliver", [sender, receiver, written]:
            return Deliver(Envelope(sender, receiver, read_value({"message": written}, messages)), choices)
        case "drop", [sender, receiver, written]:
            return Drop(Envelope(sender, receiver, read_value({"message": written}, messages)))
        case "propose", [node, value]:
            return Propose(node, read_value(value, messages), choices)
        case "timeout", [node, name]:
            return Timeout(node, name, choices)
        case "restart", [node]:
            return Restart(node, choices)
        case "crash", [node]:
            return Crash(node)
    raise ProtocolError(f"{row!r} is no event of a record")


def operations(run):
    """What `linearizability.history` says of a run, from the steps of the clients alone.

    It does not go through the configurations, which takes long where logs are long. No client may have crashed.
    """
    clients, calls, answers = {}, {}, {}
    for i, cls in enumerate(run.system.classes):
        if cls.client:
            local = run.system.asleep(i)
            clients[i] = run.system.wake(i, local, None)
            clients[i].start()
    for step, event in enumerate(run.events, 1):
        client = clients.get(event.node)
        if client is None:
            continue
        match event:
            case Propose(_, value):
                client.propose(value)
            case Deliver(Envelope(sender, _, message)):
                client.receive(sender, message)
            case Timeout(_, name):
                client.timeout(name)
            case Crash():
                raise ProtocolError(f"client {run.system.names[event.node]} has crashed; use linearizability.history")
        for _, message in client._outbox:
            if isinstance(message, Request):
                calls.setdefault((event.node, message.serial), (message.command, step))
        client._outbox.clear()
        for serial, _, answer in client.answers[-1:]:
            answers.setdefault((event.node, serial), (answer, step))
    found = []
    for (node, serial), (command, invoked) in calls.items():
        answer, returned = answers.get((node, serial), (None, None))
        found.append(Operation(run.system.names[node], command, answer, invoked, returned))
    return tuple(found)
