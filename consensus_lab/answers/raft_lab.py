"""What the playground for Raft starts with: Raft, or Raft with one rule broken, on so many servers."""

from functools import cache

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.system import System
from consensus_lab.protocols.raft import mistakes
from consensus_lab.protocols.raft.paper_runs import STORIES
from consensus_lab.protocols.raft.properties import is_raft
from consensus_lab.protocols.raft.raft import Raft
from consensus_lab.simulation.faults import Partition
from consensus_lab.simulation.simulate import simulate

SERVERS = (3, 5)
PROPOSALS = {0: "red", 1: "blue"}
SPAN = 40.0  # units of time that a run goes on for: Raft itself never comes to an end
RULES = {
    "Raft": (
        Raft,
        "All rules are kept. Click a server to stop it, restart it, fire its timer or send it a command; click a "
        "message to deliver, drop or duplicate it. Then let it run.",
    ),
    "Half a majority elects": (
        mistakes.ElectsByHalf,
        "Half of the servers, rounded down, make a leader. Two stand for election in one term, and each elects itself.",
    ),
    "Two votes in a term": (
        mistakes.VotesAgain,
        "C has given A its vote in term 1, and then gives it to B as well.",
    ),
    "A vote for any log": (
        mistakes.VotesBlindly,
        "C votes for B without a look at its log. B has never heard of the entry that A has committed.",
    ),
    "Entries without a match": (
        mistakes.AppendsBlindly,
        "A follower takes what it has at an index for what the leader has there. A and B apply different entries.",
    ),
    "A late message cuts the log": (
        mistakes.CutsAlways,
        "A follower drops what follows the entries of a message, in conflict or not. An old heartbeat comes late, and "
        "a committed entry is gone.",
    ),
    "Orders of a former leader": (
        mistakes.ObeysFormerLeaders,
        "C appends what A sent when it led term 1, though B leads term 2. So a committed entry is overwritten.",
    ),
    "Old entries are counted (Figure 8)": (
        mistakes.CommitsOldTerms,
        "S1 commits an entry of term 2 in term 4, since a majority has it. S5 is elected all the same, and overwrites "
        "it. The rule of section 5.4.2 counts replicas of the leader's own term only.",
    ),
    "A change before any commit": (
        mistakes.ChangesEarly,
        "S1 adds S5, and S2 removes S1, neither knowing of the other: two majorities that share nobody. A leader has "
        "to commit an entry of its own term before it changes the members.",
    ),
    "A vote forgotten": (
        mistakes.ForgetsItsVote,
        "The vote is not on disk. C votes for A, crashes, restarts, and votes for B in the same term.",
    ),
    "A term forgotten": (
        mistakes.ForgetsItsTerm,
        "The term is not on disk. C votes for A in term 1, restarts in term 0, and votes for B in term 1.",
    ),
    "A log forgotten": (
        mistakes.ForgetsItsLog,
        "The log is not on disk. C had what made an entry committed, restarts without it, and votes for B.",
    ),
}


@cache
def alike(protocol):
    """The same protocol with one election timeout for all, which no coin makes different."""

    class Alike(protocol):
        __doc__ = f"{protocol.__name__}, with the same election timeout for all."

        timeouts = protocol.timeouts[:1]

    Alike.__name__ = Alike.__qualname__ = f"{protocol.__name__}Alike"
    return Alike


ALIKE = {alike(protocol): protocol for protocol, _ in RULES.values()}  # here, so that a run's JSON finds them


def begin(protocol, servers=3, seed=1, *, spread=True):
    """A run of so many servers by virtual time, on a lossy network, with no limit for what a reader may do to it."""
    if servers not in SERVERS:
        raise ProtocolError(f"servers={servers!r}: the playground has {' or '.join(map(str, SERVERS))}")
    budgets = {"crashes": None, "restarts": None, "timeouts": None}
    protocol = protocol if spread else alike(protocol)
    system = System(protocol, servers, PROPOSALS, network="lossy", **budgets)
    return simulate(system, seed, until=SPAN)


def recorded():
    """{title: (run, about)}: Raft by virtual time, and of each broken rule its story."""
    return {
        title: (begin(protocol) if protocol is Raft else STORIES[protocol](protocol), about)
        for title, (protocol, about) in RULES.items()
    }


def anew(begun, message, seed):
    """A run of the protocol of this one, as a message wants it: of so many `servers`, with `spread` timers or not."""
    protocol = begun.system.classes[0]
    protocol = ALIKE.get(protocol, protocol)
    if protocol not in ALIKE.values():
        raise ProtocolError(f"the playground is for Raft and its broken rules, and this is {begun.system}")
    return begin(protocol, message.get("servers"), seed, spread=bool(message.get("spread")))


def go_on(begun, seed, apart, most):
    """The run, gone on for a while with the nodes `apart` cut off from all others."""
    system, now = begun.system, begun.times[-1] if begun.times else 0.0
    if not isinstance(apart, list):
        raise ProtocolError(f"apart is {apart!r}; give a list of the nodes that are cut off")
    groups = [{system.number(i) for i in apart}, {i for i in system.nodes if i not in apart}]
    faults = [Partition(now, float("inf"), groups)] if apart else []
    return simulate(system, seed, after=begun, faults=faults, until=end(system, now), max_events=most)


def end(system, now=0.0):
    """When a simulation stops by itself: never, but for Raft."""
    return now + SPAN if any(map(is_raft, system.classes)) else None
