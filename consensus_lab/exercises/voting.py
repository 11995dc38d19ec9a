"""The exercises of the chapter on voting."""

from consensus_lab.exercises.checker import Case, Exercise
from consensus_lab.model.properties import Agreement, Validity

SAFETY = (Agreement(), Validity())
BLUE_FIRST = ((0, "blue"), (1, "red"))

off_by_one = Exercise(
    "off_by_one",
    "Off by one",
    "A colleague has tidied up the counting. With three nodes it works, and the tests were all about three nodes. "
    "Press Check, and see what happens with four.\n\n"
    "There is one wrong character in this code. Find it, and mend it, for any number of nodes.",
    "TidyVote",
    (
        Case(n=3),
        Case(n=4, owes=SAFETY),
        Case(n=3, network="lossy", crashes=1, owes=SAFETY),
    ),
)

tie_break = Exercise(
    "tie_break",
    "The tie-break that you believe in",
    "When the timer fires, one vote is missing, and `pick` names a winner. It gets the votes that the node has heard, "
    "as `{node: value}`. It may use `self.id`, `self.nodes` and `self.choose([...])`, and a node can be asked before "
    "it has voted itself.\n\n"
    "Write a rule that you believe in, press Check, and read the run that kills it. Then say which case of the "
    "argument above it ran into.",
    "MyRule",
    (
        Case(crashes=1, timeouts=2),
        Case(crashes=1, timeouts=2, proposals=BLUE_FIRST),
    ),
)

give_in = Exercise(
    "give_in",
    "A change of mind",
    "A split vote could be mended by voters who are willing to give in. Here is a node that does: if the votes it has "
    "heard are even, and its own is red, it changes its vote to blue and tells everyone. Of each node only the latest "
    "vote counts: whoever has said blue has given in, even if the older red vote comes in afterwards. Is that safe? "
    "Find the run by thinking, then press Check.\n\n"
    "Then change `should_give_in`, so that nobody disagrees, and so that two or four nodes are never stuck while all "
    "of them are up.",
    "GiveIn",
    (
        Case(n=2),
        Case(n=3),
        Case(n=4),
        Case(n=3, crashes=1, owes=SAFETY),
    ),
)
