"""The exercises of the chapter on consensus."""

from consensus_lab.exercises.checker import Case, Exercise, Reachable, can_decide
from consensus_lab.model.properties import Agreement, Termination, Validity

SAFETY = (Agreement(), Validity())
CLICKS = ((0, "shipped"), (1, "canceled"))
EITHER = can_decide("shipped", "canceled")

keep_promise = Exercise(
    "keep_promise",
    "A coordinator that keeps a promise",
    "Once the coordinator has told somebody *shipped*, it must never tell anybody *canceled*. This one answers, "
    "crashes, and comes back with an empty head. Press Check and watch.\n\n"
    "Then mend it. What a node has on its disk survives a crash: name those fields in `durable`, a tuple of their "
    "names. The decision of a node is on its disk already.",
    "Promise",
    (
        Case(proposals=CLICKS, sometimes=EITHER),
        Case(proposals=CLICKS, sometimes=EITHER, crashes=1, restarts=1, owes=SAFETY),
        Case(proposals=CLICKS, sometimes=EITHER, crashes=2, restarts=2, owes=SAFETY),
    ),
)


class WhileMemoryIsUp(Termination):
    """No thread waits for another: only a crash of the memory may keep one from its decision."""

    name = "Termination"

    def broken(self, configuration):
        return None if 0 in configuration.crashed else super().broken(configuration)


compare_and_set = Exercise(
    "compare_and_set",
    "Compare and set",
    "`LockThenAct` needs three kinds of messages to take and give back a lock, just to make one question and one order "
    'stick together. Processors have something better: one instruction, *compare-and-set*, that says "if it holds '
    'this, make it that, and tell me what it holds now". Here is a memory that understands it.\n\n'
    "Write the thread, without `Read`, `Write` or the lock. The memory is node 0. Both threads must end with the same "
    "user, and when one of them crashes the other must not wait for it.",
    "CasThread",
    (
        Case(
            classes=("CasMemory", "CasThread", "CasThread"),
            names=("memory", "thread 1", "thread 2"),
            proposals=((1, "Ada"), (2, "Grace")),
            sometimes=can_decide("Ada", "Grace"),
        ),
        Case(
            classes=("CasMemory", "CasThread", "CasThread"),
            names=("memory", "thread 1", "thread 2"),
            proposals=((1, "Ada"), (2, "Grace")),
            sometimes=can_decide("Ada", "Grace"),
            crashes=1,
            owes=(*SAFETY, WhileMemoryIsUp()),
        ),
    ),
)


def asks(configuration):
    """True where a question is on its way."""
    return any(type(envelope.message).__name__ == "Ask" for envelope in configuration.in_flight)


something_to_show = Exercise(
    "something_to_show",
    "Something to show",
    "The product manager wants the order page to show something at once. So each server asks the coordinator when it "
    "starts. Which property breaks, and how many events does it take? Find the run in your head first, then press "
    "Check.\n\nThen mend the class. Servers must still ask.",
    "Curious",
    (
        Case(
            proposals=CLICKS,
            sometimes=(Reachable("a server asks", asks), *EITHER),
        ),
    ),
)
