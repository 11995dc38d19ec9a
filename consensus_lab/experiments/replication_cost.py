"""What a replicated machine costs: messages, time and load for each command, and how long a dead leader is missed.

Each client asks, waits for the answer, and asks again. What is measured begins when every client has had its first
answer, so that elections are over, and ends when the first client has no more to ask.

A simulated server takes no time for its work. A real one does, for every message that it sends or receives; so the
load of the busiest server, in messages a command, says where the throughput has its limit: Ailijiang, Charapko and
Demirbas, "Dissecting the performance of strongly-consistent replication protocols" (2019), section 3,
https://doi.org/10.1145/3299869.3319893.
"""

from collections import Counter, namedtuple
from functools import cache

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Deliver
from consensus_lab.model.system import System
from consensus_lab.protocols import machines
from consensus_lab.protocols.replication.clients import Answer, Client
from consensus_lab.simulation.delays import constant
from consensus_lab.simulation.simulation import Simulation

Costs = namedtuple("Costs", "messages latency slowest throughput load")
Costs.__doc__ = (
    "Messages sent a command, those to and from clients among them; mean and longest time until the answer; commands "
    "a unit of time; messages a command that the busiest server sends or receives."
)

LIMIT = 2_000.0  # units of virtual time for all commands
COMMANDS = 100  # of the client that lives through an outage


def costs(protocol, clients=3, n=3, *, commands=20, delay=constant(1), seed=0):
    """The Costs of commands that each change the same variable.

    Parameters
    ----------
    protocol : Node class
        The servers: any class that answers the `Request` of a `Client` and has a `machine`.
    clients, n : int
        How many clients ask at the same time, and how many servers there are.
    commands : int
        How many commands each client has.
    delay : function of a random.Random
        How long a message takes; one unit by default.
    seed : int
        Which schedule: the same seed gives the same one everywhere.

    Returns
    -------
    Costs
        Counts a command, and times in units of virtual time.

    Raises
    ------
    ProtocolError
        If some command has no answer in `LIMIT` units of time.

    Examples
    --------
    >>> from consensus_lab.protocols import MultiPaxos
    >>> costs(MultiPaxos, clients=1)
    Costs(messages=8.0, latency=4.0, slowest=4.0, throughput=0.25, load=8.0)
    """
    simulation = _simulation(protocol, clients, n, commands, delay, seed)
    simulation.run(until=LIMIT, max_events=1_000_000)
    run = simulation.to_run()
    answers = _answers(run)
    for client in range(n, n + clients):
        if len(answers[client]) < commands:
            raise ProtocolError(f"{run.system}: a client has {len(answers[client])} of {commands} answers at {LIMIT}")
    begin = max(times[0] for times in answers.values())
    end = min(times[-1] for times in answers.values())
    pairs = [pair for times in answers.values() for pair in zip(times, times[1:])]  # it asks when it has its answer
    waits = [there - here for here, there in pairs if begin <= here and there <= end]
    done = sum(begin < time <= end for times in answers.values() for time in times)
    sent, load = 0, Counter()
    for flight in run.flights:
        if begin <= run.times[flight.sent - 1] < end:
            sent += 1
            load.update((flight.envelope.sender, flight.envelope.receiver))
    busiest = max(load[server] for server in run.system.servers)
    return Costs(sent / done, sum(waits) / len(waits), max(waits), done / (end - begin), busiest / done)


def outage(protocol, n=3, *, crash=50.0, delay=constant(1), seed=0):
    """The longest that one client waits for an answer when the server that answers it crashes for good.

    Parameters
    ----------
    protocol : Node class
        The servers, as in `costs`.
    n : int
        How many servers there are.
    crash : float
        When the server crashes that has answered the client last.
    delay : function of a random.Random
        How long a message takes; one unit by default.
    seed : int
        Which schedule: the same seed gives the same one everywhere.

    Returns
    -------
    float or None
        The longest time between two answers, the second of them after the crash; None if the answers cease.

    Raises
    ------
    ProtocolError
        If nothing is answered before the crash.

    Examples
    --------
    >>> from consensus_lab.protocols import CoordinatedMachine
    >>> outage(CoordinatedMachine) is None
    True
    """
    simulation = _simulation(protocol, 1, n, COMMANDS, delay, seed)
    simulation.run(until=crash)
    answers = [event for event in simulation.to_run().events if _is_answer(event)]
    if not answers:
        raise ProtocolError(f"{simulation.system}: nothing is answered before {crash}; crash it later, with crash=...")
    simulation.at(crash, Crash(answers[-1].envelope.sender))
    simulation.run(until=crash + LIMIT, max_events=1_000_000)
    times = _answers(simulation.to_run())[n]
    if len(times) < COMMANDS:
        return None
    return max(there - here for here, there in zip(times, times[1:]) if there > crash)


def _simulation(protocol, clients, n, commands, delay, seed):
    proposals = dict.fromkeys(range(n, n + clients), (machines.Add(1),) * commands)
    return Simulation(System([_counting(protocol)] * n + [Client] * clients, proposals=proposals), seed, delay=delay)


@cache
def _counting(protocol):
    return type(protocol.__name__, (protocol,), {"machine": machines.Counter()})


def _is_answer(event):
    return isinstance(event, Deliver) and isinstance(event.envelope.message, Answer)


def _answers(run):
    """{client: the times at which each of its commands was first answered}."""
    times = {}
    for event, time in zip(run.events, run.times):
        if _is_answer(event):
            times.setdefault(event.node, {}).setdefault(event.envelope.message.serial, time)
    return {client: [*times.get(client, {}).values()] for client in run.system.nodes[len(run.system.servers) :]}
