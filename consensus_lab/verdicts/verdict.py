"""Which of the bad choices a protocol made.

Fischer, Lynch and Paterson (1985), https://doi.org/10.1145/3149.214121, leave a protocol for the asynchronous model
three: it forces a decision nowhere, so it can run forever; in one place, so a crash there blocks it; or in more than
one, so two nodes can decide differently although none has failed. `verdict` looks for all three, over the ways in
which values can be proposed, and gives the shortest run that it finds.

Crashes cost no search. A node that crashes is one that takes no further step, so what `crashes` crashes can do is
read off the schedules without any. Where there is no cycle and no end of the state space in sight, the adversary of
`consensus_lab.valency.adversary` constructs the unending run.
"""

from consensus_lab.verdicts.finding import Verdict


def verdict(protocol, n=3, *, values=("red", "blue"), crashes=1, max_states=30_000, rounds=5, **budgets):
    """Say which of the bad choices a protocol made, and prove it with a run.

    Parameters
    ----------
    protocol : Node class, or list of Node classes
        As for `System`. Nodes whose class has no `propose` get no proposals.
    n : int
        How many nodes; with a list of classes, as many as there are.
    values : sequence
        What can be proposed: different values, two as a rule.
    crashes : int
        How many nodes may crash.
    max_states : int
        How many configurations to visit, over all the ways in which values can be proposed.
    rounds : int
        How long a run has to stay undecided where no cycle shows that it can do so forever. In a round everything
        happens that was possible at its beginning.
    **budgets
        `network`, `restarts`, `timeouts`, `names`, as for `System`; timers may fire without limit by default.

    Returns
    -------
    Verdict
    """
    from consensus_lab.verdicts.inquiry import Inquiry  # here, since whoever only simulates need not wait for it

    inquiry = Inquiry(protocol, n, tuple(values), crashes, rounds, {"timeouts": None, **budgets})
    findings, covered = inquiry.findings(max_states)
    first = findings[0]
    return Verdict(
        first.kind, first.run, first.explanation, first.system, first.prefix, first.cycle, findings, covered
    )  # fmt: skip
