"""The exercises of the chapter on Paxos."""

from consensus_lab.exercises.checker import Case, Exercise, Reachable, can_decide
from consensus_lab.model.properties import Agreement, Validity

SAFETY = (Agreement(), Validity())


def _two_votes_have_decided(configuration):
    voted = [configuration.state(i).get("accepted") for i in configuration.system.nodes]
    return bool(configuration.decisions) and len(voted) - voted.count(None) == 2


pick_a_value = Exercise(
    "pick_a_value",
    "Whose value?",
    "All of the synod is there but the method that picks the value of a ballot. It is called once a majority has "
    "promised. The one below is that of the fourth draft: it asks for what its own client wants. You know the run.\n\n"
    "Write it. The checker tries every schedule of two rivals with two ballots each.",
    "MyPick",
    (Case(timeouts=None, owes=SAFETY),),
)

two_votes = Exercise(
    "two_votes",
    "Two votes are enough",
    "Four nodes, and a value is to be chosen with *two* votes, any two. That is no majority, and with what is "
    "written here two pairs of nodes choose two values.\n\n"
    "Leave `phase_2` as it is. What has `phase_1` to be? `at_least(k, n)` are all groups of k of the n nodes.",
    "TwoVotes",
    (
        Case(
            n=4, network="lossy", timeouts=None, owes=SAFETY,
            sometimes=(*can_decide("red", "blue"), Reachable("two votes decide it", _two_votes_have_decided)),
        ),
    ),
)  # fmt: skip

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
