"""What servers with a replicated log and state machine owe: the same log, the same states, and answers that stand.

They read a server's fields `applied` and `state` (that of `machines.ExactlyOnce`, after so many slots), what its class
finds `committed` in them, {slot: entry}, and a client's `answers`. A class that has no log has nothing to compare.
"""

from consensus_lab.model.properties import Property
from consensus_lab.model.values import show
from consensus_lab.protocols.machines import last


class SameLog(Property):
    """No two servers know different entries in a slot."""

    def broken(self, configuration):
        system, known = configuration.system, {}
        for i in system.servers:
            if not hasattr(system.classes[i], "committed"):
                continue
            for slot, entry in system.classes[i].committed(configuration.state(i)).items():
                first, other = known.setdefault(slot, (i, entry))
                if other != entry:
                    a, b = system.names[first], system.names[i]
                    return (first, i), f"slot {slot}: {a} has {show(other)}, and {b} has {show(entry)}"
        return None


class SameStates(Property):
    """Servers that have applied the same slots are in the same state."""

    def broken(self, configuration):
        names, known = configuration.system.names, {}
        for i, fields in running(configuration):
            if "applied" not in fields:
                continue
            applied, state = fields["applied"], fields["state"]
            first, other = known.setdefault(applied, (i, state))
            if other != state:
                states = f"{names[first]} is in the state {show(other[0])}, and {names[i]} in {show(state[0])}"
                return (first, i), f"after slot {applied}, {states}"
        return None


class AnswersStand(Property):
    """The answer that a client was given is the one that the servers remember."""

    def broken(self, configuration):
        system = configuration.system
        for client in system.nodes[len(system.servers) :]:
            answers = configuration.state(client)["answers"]
            for i, fields in running(configuration) if answers else ():
                given, command, answer = answers[-1]
                serial, kept = last(fields["state"][1], client)
                if serial == given and kept != answer:
                    told = f"{system.names[client]} was answered {show(answer)} to {show(command)}"
                    return (client, i), f"{told}, and {system.names[i]} remembers {show(kept)}"
        return None


class NothingTwice(Property):
    """The log has no more entries of a client than the client has commands. Only proposals of the system count."""

    def broken(self, configuration):
        system = configuration.system
        for i, fields in running(configuration):
            entries = set(system.classes[i].committed(fields).values())
            for client, proposal in system.proposals.items():
                asked = len(proposal) if isinstance(proposal, tuple) else 1
                found = sum(getattr(entry, "client", None) == client for entry in entries)
                if found > asked:
                    name = system.names[client]
                    return (client, i), f"the log has {found} entries of {name}, which has asked for {asked}"
        return None


def running(configuration):
    """(server, its fields) for the servers that are up."""
    return [(i, configuration.state(i)) for i in configuration.system.servers if configuration.nodes[i].up]


REPLICATION = (SameLog(), SameStates(), AnswersStand())
