"""Experiments of the book, ready for `consensus_lab.simulation.sweep`: functions of a seed and some parameters."""

from functools import cache
from random import Random

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Propose
from consensus_lab.model.system import System
from consensus_lab.protocols.paxos.synod import Synod
from consensus_lab.protocols.paxos.synod_proposers import BackoffSynod, EagerSynod, LeaderSynod
from consensus_lab.protocols.voting.majority import MajorityVote
from consensus_lab.protocols.voting.tie_break import TieBreakVote
from consensus_lab.simulation.delays import constant, exponential
from consensus_lab.simulation.simulation import Simulation

DEADLINE = 6.0  # by when a tie-break should have been decided, in units of time
STRATEGIES = {"patience": Synod, "eager": EagerSynod, "backoff": BackoffSynod, "leader": LeaderSynod}


def split_vote(seed, n=4, spread=1.0, loss=0.0, crash=0):
    """A majority vote between red and blue: how does it end?

    Red is proposed at time 0 to the first node, blue at time 1 to the one in the middle.

    Parameters
    ----------
    seed : int
        Which schedule: the same seed gives the same one everywhere.
    n : int
        How many nodes vote, 2 or more.
    spread : float
        A message takes one unit of time, and an exponentially distributed extra with this mean.
    loss : float
        The chance of a message to be lost.
    crash : int
        How many nodes are down from the start; never one of the two that hear the proposals.

    Returns
    -------
    str
        ``"decides red"`` or ``"decides blue"`` if at least one node decides; ``"splits"`` if every live node has
        voted, and no value has more than half of the votes; ``"waits"`` if nobody decides because messages were lost.

    Raises
    ------
    ProtocolError
        If `n` or `crash` is no such number of nodes.

    Examples
    --------
    >>> split_vote(seed=2), split_vote(seed=3)
    ('splits', 'decides red')
    """
    if type(n) is not int or n < 2:
        raise ProtocolError(f"n={n!r}; red and blue are proposed to two different nodes, so there are 2 or more")
    others = [i for i in range(n) if i not in (0, n // 2)]
    if type(crash) is not int or not 0 <= crash <= len(others):
        raise ProtocolError(f"crash={crash!r}; of {n} nodes, 0 to {len(others)} can be down")
    down = others[len(others) - crash :]
    extra = exponential(spread) if spread else constant(0)
    simulation = Simulation(
        System(MajorityVote, n, {0: "red", n // 2: "blue"}, network="lossy" if loss else "reliable"),
        seed,
        delay=lambda rng: 1.0 + extra(rng),
        loss=loss,
        faults=[(0.0, Crash(i)) for i in down] + [(1.0, Propose(n // 2, "blue"))],
    )
    simulation.run()
    for i in range(n):
        if simulation.decided(i) is not None:
            return f"decides {simulation.decided(i)}"
    if not loss:
        return "splits"  # all votes have been heard, so they are even
    last = simulation.to_run().last
    votes = [last.state(i)["vote"] for i in range(n) if i not in down]
    short = all(votes.count(value) <= n // 2 for value in ("red", "blue"))
    return "splits" if short and None not in votes else "waits"


def tie_break(seed, patience=2.0, spread=1.0, dead=0.5):
    """A vote of five with a tie-break, and C may be dead from the start: how does it end?

    Parameters
    ----------
    seed : int
        Which schedule: the same seed gives the same one everywhere.
    patience : float
        How long a node waits for the last vote, in units of virtual time.
    spread : float
        The mean delay of a message; delays are exponentially distributed.
    dead : float
        The chance that C is dead.

    Returns
    -------
    str
        ``"disagrees"`` if two nodes decide differently, ``"late"`` if some live node has not decided by `DEADLINE`,
        and ``"in time"`` otherwise.

    Examples
    --------
    >>> [tie_break(seed=seed, patience=0.25) for seed in range(4)]
    ['disagrees', 'in time', 'in time', 'in time']
    """
    system = System(_patient(patience), 5, {0: "red", 3: "blue"})
    down = [2] if Random(f"is C dead? {seed}").random() < dead else []
    simulation = Simulation(system, seed, delay=exponential(spread), faults=[(0.0, Crash(i)) for i in down])
    live = [i for i in system.nodes if i not in down]
    simulation.run(until=DEADLINE)
    late = any(simulation.decided(i) is None for i in live)
    simulation.run()
    if len({simulation.decided(i) for i in live}) > 1:
        return "disagrees"
    return "late" if late else "in time"


def rounds_to_decide(seed, strategy="backoff", n=3, proposers=2, spread=0.0, most=12):
    """Rival proposers of a synod: how many rounds of ballots does it take until somebody decides?

    Each of the first nodes proposes a value of its own at time 0.

    Parameters
    ----------
    seed : int
        Which schedule: the same seed gives the same one everywhere.
    strategy : "patience", "eager", "backoff" or "leader"
        What a proposer does that gets nowhere: waits for long, bids higher at once, or bids higher after a random
        time; or leaves it to one of them from the start.
    n : int
        How many nodes there are.
    proposers : int
        How many of them propose, from 1 to `n`.
    spread : float
        A message takes one unit of time, and an exponentially distributed extra with this mean.
    most : int
        Give up after this many rounds.

    Returns
    -------
    str
        ``"round  1"`` and so on, or ``"undecided"``.

    Raises
    ------
    ProtocolError
        If there is no such strategy, or `proposers` is no such number of nodes.

    Examples
    --------
    >>> rounds_to_decide(seed=0), rounds_to_decide(seed=0, strategy="eager")
    ('round  1', 'undecided')
    """
    if strategy not in STRATEGIES:
        raise ProtocolError(f"strategy={strategy!r}; it is one of {', '.join(STRATEGIES)}")
    if type(proposers) is not int or not 1 <= proposers <= n:
        raise ProtocolError(f"proposers={proposers!r}; of {n} nodes, 1 to {n} can propose")
    system = System(STRATEGIES[strategy], n, {i: f"value {i}" for i in range(proposers)})
    extra = exponential(spread) if spread else constant(0)
    simulation = Simulation(system, seed, delay=lambda rng: 1.0 + extra(rng))
    for _ in range(2 * most):
        simulation.run(max_events=5 * n)
        if any(simulation.decided(i) is not None for i in range(n)):
            break
    for configuration in simulation.to_run().configurations:
        if configuration.decisions:
            rounds = max(configuration.state(i)["promised"][0] for i in range(n))
            return f"round {rounds:2}" if rounds <= most else "undecided"
    return "undecided"


@cache
def _patient(units):
    return type("PatientVote", (TieBreakVote,), {"patience": units})
