"""What a protocol costs when nothing goes wrong: one proposal, no crash, every message one unit of time on its way."""

from collections import Counter, namedtuple

from consensus_lab.model.events import Propose
from consensus_lab.model.system import System
from consensus_lab.simulation.delays import constant
from consensus_lab.simulation.simulate import simulate

Cost = namedtuple("Cost", "messages first last kinds")
Cost.__doc__ = (
    "Messages sent, message delays until the first and the last node decides, and {name: how many} of each message."
)


def decision_cost(protocol, n=3, proposer=0):
    """The Cost of one decision among `n` nodes.

    Messages that a node sends itself are not counted, as they do not cross the network.

    Parameters
    ----------
    protocol : Node class
        The class of every node.
    n : int
        How many nodes there are.
    proposer : int
        The node to which the value is proposed, at time 0.

    Returns
    -------
    Cost
        Numbers of messages, and times in message delays.

    Examples
    --------
    >>> from consensus_lab.protocols import Coordinator, Synod
    >>> decision_cost(Coordinator)
    Cost(messages=3, first=1.0, last=2.0, kinds={'Initialize': 1, 'Final': 2})
    >>> decision_cost(Synod)[:3]
    (10, 4.0, 5.0)
    """
    system = System(protocol, n, {proposer: "red"})
    run = simulate(system, delay=constant(1), faults=[(0.0, Propose(proposer, "red"))])
    sent = Counter(type(flight.envelope.message).__name__ for flight in run.flights)
    counts = [len(configuration.decisions) for configuration in run.configurations]
    first, last = (run.times[counts.index(count) - 1] for count in (1, n))
    return Cost(sum(sent.values()), first, last, dict(sent))
