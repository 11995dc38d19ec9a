"""The exercise of the chapter on Paxos."""

from consensus_lab.exercises.checker import Case, Exercise
from consensus_lab.properties import Agreement, Validity

SAFETY = (Agreement(), Validity())

synod_exam = Exercise(
    "synod_exam",
    "The synod, from memory",
    "Write the acceptor's two handlers, the proposer's choice of a value, and the line that says what is on disk. The "
    "rest is there.\n\n"
    "Two nodes want different things. The checker loses, copies and delays messages as it likes, lets timers fire at "
    "any moment, and lets a node crash and come back. It owes you no decision, only that no two nodes ever decide "
    "differently. But red and blue must both be *possible*: a node that does nothing has not passed.",
    "MySynod",
    (
        Case(owes=SAFETY),
        Case(network="lossy", crashes=1, restarts=1, owes=SAFETY),
        Case(network="lossy", crashes=1, timeouts=None, owes=SAFETY),
    ),
)
