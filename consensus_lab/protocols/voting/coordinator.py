"""The distributed write-once variable: one node, known to all, keeps it.

Every node finds the coordinator by itself, without a message, by the bully rule: the biggest guy wins. (The bully
algorithm of Garcia-Molina, "Elections in a Distributed Computing System" (1982),
https://doi.org/10.1109/TC.1982.1675885, also holds elections when that node fails. This protocol does not.)

Safe, because only one node ever initializes the variable, and it does so once. It blocks when that node crashes:
nobody else may answer in its place.
"""

from consensus_lab.model.node import Message, Node


class Initialize(Message):
    """For the coordinator: what a client of the sender wants."""

    value: object

    says = "please initialize to {value}"


class Final(Message):
    """The coordinator's word, for all: the value that the variable has for good."""

    value: object

    says = "the value is {value}"


def bully(nodes):
    """The node that everybody takes for the coordinator: the one with the highest number.

    Parameters
    ----------
    nodes : range or sequence of int
        The numbers of all nodes.

    Returns
    -------
    int
        The highest of them.
    """
    return max(nodes)


class Coordinator(Node):
    """Ask the coordinator. It takes the first value that it hears and tells everyone."""

    value: object = None

    def propose(self, value):
        self.send(bully(self.nodes), Initialize(value))

    def receive(self, sender, message):
        match message:
            case Initialize(value) if self.value is None:
                self.value = value
                self.broadcast(Final(value))
            case Final(value):
                self.decide(value)
