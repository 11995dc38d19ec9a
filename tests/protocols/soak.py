"""Systems with clients, and faults that let a majority come back: what every replicated machine has to get through."""

from random import Random

from consensus_lab import Crash, Partition, Restart, System, simulate
from consensus_lab.protocols.machines import Add, Counter
from consensus_lab.protocols.replication.clients import Client


def counting(protocol, **options):
    """The protocol with a counter: the machine to which a command must not happen twice."""
    return type(f"Counting{protocol.__name__}", (protocol,), {"machine": Counter(), **options})


def faults(seed):
    """Three servers and two clients: each server crashes for a while, and the network is cut now and then."""
    rng = Random(f"faults {seed}")
    found = []
    for server in range(3):
        start = rng.uniform(0, 120)
        found += [(start, Crash(server)), (start + rng.uniform(1, 40), Restart(server))]
    for start in (30, 90, 150):
        alone = rng.randrange(3)
        with_it = {alone, 3} if rng.random() < 0.5 else {alone}
        found.append(Partition(start, start + 20, [with_it, set(range(5)) - with_it]))
    return found


def soaked(protocol, seed, commands=8):
    """A run in which two clients count, one in ones and the other in hundreds, while messages are lost and copied."""
    proposals = {3: (Add(1),) * commands, 4: (Add(100),) * commands}
    system = System([protocol] * 3 + [Client] * 2, proposals=proposals, network="lossy")
    return simulate(system, seed, loss=0.1, duplication=0.1, faults=faults(seed), until=2_000, max_events=20_000)


def in_line(run):
    """True when the answers of the counter are the sums of one line of all commands, each done once."""
    answers = [run.last.state(client)["answers"] for client in (3, 4)]
    line = sorted((total, command.amount) for given in answers for _, command, total in given)
    one_by_one = all(total == before + amount for (before, _), (total, amount) in zip([(0, 0), *line], line))
    return one_by_one and all([*given] == sorted(given, key=lambda answer: answer[2]) for given in answers)


def outstanding(run):
    """The commands that have no answer."""
    return [command for client in (3, 4) for command in run.last.state(client)["queue"]]
