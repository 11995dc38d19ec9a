"""A run as a ShiViz log: two lines an event, its vector clock and its text.

Vector clocks are due to Mattern (1989) and Fidge (1988); the happened-before order that they capture to Lamport,
"Time, Clocks, and the Ordering of Events in a Distributed System" (1978), https://doi.org/10.1145/359545.359563.
"""

import json

from consensus_lab.model.events import Deliver, Drop, Duplicate, Envelope, describe

PARSER = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)"  # what to paste into ShiViz


def log(run):
    """The text of the log; hosts are the names of the nodes, with white space as underscores."""
    hosts = _hosts(run.system.names)
    clocks = [{} for _ in hosts]
    arrivals = {flight.end: flight.sent for flight in run.flights if flight.fate == "deliver"}
    sent, first, lines = {}, {}, []  # the clock that a message carries: by step and envelope, and by envelope

    def happen(step, node, text, messages):
        clock = clocks[node]
        clock[hosts[node]] = clock.get(hosts[node], 0) + 1
        one_line = " ".join(text.splitlines())
        lines.append(f"{hosts[node]} {json.dumps(clock, ensure_ascii=False)}\n{one_line}")
        for to, message in messages:
            envelope = Envelope(node, to, message)
            sent[step, envelope] = dict(clock)
            first.setdefault(envelope, dict(clock))

    starts = [[] for _ in hosts]
    for envelope in run.configurations[0].in_flight:
        starts[envelope.sender].append((envelope.receiver, envelope.message))
    for node in run.system.nodes:
        happen(0, node, "starts", starts[node])
    for step, event in enumerate(run.events, 1):
        if isinstance(event, Duplicate):
            sent[step, event.envelope] = first[event.envelope]
        if isinstance(event, (Drop, Duplicate)):
            continue  # they happen in the network, which has no clock
        if isinstance(event, Deliver):
            clock = clocks[event.node]
            for host, count in sent[arrivals[step], event.envelope].items():
                clock[host] = max(count, clock.get(host, 0))
        text = "; ".join([describe(event, run.system.names), *run.effects(step)])
        happen(step, event.node, text, run.trace[step][0].sent)
    return "\n".join(lines) + "\n"


def _hosts(names):
    """A host a name, all different and without white space, as ShiViz reads a host up to the first of it."""
    hosts = []
    for name in names:
        host = "".join(char if char.isprintable() and not char.isspace() else "_" for char in name) or "_"
        while host in hosts:
            host += "_"
        hosts.append(host)
    return hosts
