"""One schedule, picked by virtual time and a seed: delays, loss, duplicates, partitions, crashes."""

from consensus_lab.simulation.delays import Delay, uniform
from consensus_lab.simulation.simulation import Simulation


def simulate(
    system,
    seed=0,
    *,
    delay: Delay = uniform(0.5, 1.5),
    loss=0.0,
    duplication=0.0,
    faults=(),
    until=None,
    max_events=10_000,
    after=None,
):
    """Run a system by virtual time. The same seed gives the same run on every machine.

    Parameters
    ----------
    system : System
        The nodes, what is proposed, and the network.
    seed : int
        Draws every delay, loss and choice.
    delay : function of a random.Random
        How long a message takes, in units of virtual time: `constant`, `uniform`, `exponential`, or your own.
    loss, duplication : float
        The chance of a message to be lost, and to be copied; a lossy network only.
    faults : iterable of (time, event) and Partition
        Timed events: ``(5.0, Crash(2))``, ``(7.0, Restart(2))``, ``Partition(3.0, 9.0, [{0, 1}, {2}])``. A timed
        ``Propose`` takes the place of that node's proposal at time 0.
    until : float, optional
        Stop before the first event later than this.
    max_events : int
        Stop after this many events.
    after : Run, optional
        Go on from the end of this run of the same system. What is in flight there gets a new delay.

    Returns
    -------
    Run
        Its `times` are in units of virtual time.
    """
    options = {"delay": delay, "loss": loss, "duplication": duplication, "faults": faults, "after": after}
    simulation = Simulation(system, seed, **options)
    simulation.run(until, max_events)
    return simulation.to_run()
