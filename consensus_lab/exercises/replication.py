"""The exercises of the chapter on replication."""

from itertools import accumulate

from consensus_lab.exercises.checker import Case, Exercise, Reachable
from consensus_lab.model.properties import Property
from consensus_lab.model.values import show

CUSTOMER = 1
PRICES = (5, 3)
TOTALS = tuple(accumulate(PRICES))


def receipts(configuration):
    """The totals on the customer's receipts, in order."""
    return configuration.state(CUSTOMER)["receipts"]


class ExactlyOnce(Property):
    """The receipts tell of each purchase once."""

    def broken(self, configuration):
        got = receipts(configuration)
        if got == TOTALS[: len(got)]:
            return None
        bought = f"{len(got)} thing{'s' * (len(got) > 1)} for {TOTALS[len(got) - 1]}"
        return (CUSTOMER,), f"the customer has bought {bought} and paid {show(got[-1])}"


TILL = {
    "n": 2,
    "classes": ("Till", "Customer"),
    "names": ("till", "customer"),
    "proposals": ((CUSTOMER, PRICES),),
    "owes": (ExactlyOnce(),),
    "sometimes": (Reachable("the customer gets both receipts", lambda c: len(receipts(c)) == len(PRICES)),),
}

pay_once = Exercise(
    "pay_once",
    "Charge me once",
    "A customer buys two things, and asks again when no receipt comes. The network loses, copies and delays what it "
    "likes. Press Check, and see how dear a second thing can be.\n\n"
    "Then mend the till. A copy must not be charged, whenever it comes. The till may crash and come back: what does it "
    "have to know then?\n\n"
    "A customer who asks again wants the receipt again. The checker cannot tell a receipt that is lost from one that "
    "is slow, so it will not insist. Your customer will.",
    "Till",
    (
        Case(**TILL),
        Case(**TILL, network="lossy", timeouts=2),
        Case(**TILL, network="lossy", timeouts=2, crashes=1, restarts=1),
    ),
)
