"""Which of the bad choices a protocol made.

Fischer, Lynch and Paterson (1985), https://doi.org/10.1145/3149.214121, leave a protocol for the asynchronous model
three: it forces a decision nowhere, so it can run forever; in one place, so a crash there blocks it; or in more than
one, so two nodes can decide differently although none has failed. `verdict` looks for all three, over the ways in
which values can be proposed, and gives the shortest run that it finds. Two nodes that disagree are the worst, and are
looked for the hardest.

Crashes cost no search. A node that crashes is one that takes no further step, so what `crashes` crashes can do is
read off the schedules without any. Where there is no cycle and no end of the state space in sight, the adversary of
`consensus_lab.valency.adversary` constructs the unending run.
"""

from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.properties import Validity, require_properties
from consensus_lab.verdicts.finding import Verdict


def verdict(
    protocol, n=3, *, values=("red", "blue"), crashes=1, max_states=30_000, rounds=5, properties=(), validity=True,
    **options,
):  # fmt: skip
    """Say which of the bad choices a protocol made, and prove it with a run.

    Parameters
    ----------
    protocol : Node class, or list of Node classes
        As for `System`. Nodes whose class has no `propose` get no proposals.
    n : int
        How many nodes; with a list of classes, as many as there are.
    values : sequence
        What can be proposed: different values, two as a rule.
    crashes : int or None
        How many nodes may crash.
    max_states : int
        How many configurations to visit, over all the ways in which values can be proposed. Where there are more, up
        to as many again are looked at for a disagreement. Beyond six nodes it shrinks as the square of their number
        grows, as the work for each configuration grows so.
    rounds : int
        How long a run has to stay undecided where no cycle shows that it can do so forever. In a round everything
        happens that was possible at its beginning.
    properties : iterable of Property
        Properties of one's own that it is to have, too. Where no class decides they are all that is asked.
    validity : bool or iterable of values
        False does not ask that what is decided was proposed; values are those that may be decided without, such as
        the "abort" of an atomic commit.
    **options
        `network`, `restarts`, `timeouts`, `names`, as for `System`; timers may fire without limit by default.

    Returns
    -------
    Verdict
        The worst that was found, and all else that was.

    Raises
    ------
    ProtocolError
        If an argument is of no use, or no class decides and no property is given.
    """
    from consensus_lab.verdicts.search import Search  # here, since whoever only simulates need not wait for it

    for name, least in {"max_states": max_states, "rounds": rounds}.items():
        if type(least) is not int or least < 1:
            raise ProtocolError(f"{name}={least!r}: pass a whole number, at least 1")
    search = Search(
        protocol, n, _different(values), crashes, rounds, _own(options), require_properties(properties),
        _validity(validity),
    )  # fmt: skip
    findings, covered = search.findings(max_states)
    first = findings[0]
    return Verdict(
        first.kind, first.run, first.explanation, first.system, first.prefix, first.cycle, first.broken, findings,
        covered, search.complete,
    )  # fmt: skip


def _different(values):
    """The values as a tuple; raises ProtocolError where they are no different values."""
    how = f"values={values!r:.80}: pass different values to propose, such as ('red', 'blue')"
    if isinstance(values, (str, bytes)):
        raise ProtocolError(how)
    try:
        values = tuple(values)
        if values and len(set(values)) == len(values) and None not in values:
            return values
    except TypeError:  # no sequence, or of values that can change
        pass
    raise ProtocolError(how)


def _own(options):
    """The options of the system; raises ProtocolError for any that is not one of these."""
    for name in options:
        if name == "proposals":
            raise ProtocolError("proposals: a verdict is over many ways to propose; pass what is proposed, values=...")
        if name not in ("network", "restarts", "timeouts", "names"):
            raise ProtocolError(f"{name}: verdict has no such argument; of a system it takes network, restarts, "
                                "timeouts and names")  # fmt: skip
    return {"timeouts": None, **options}


def _validity(validity):
    if isinstance(validity, bool):
        return (Validity(),) if validity else ()
    try:
        if isinstance(validity, (str, bytes)):
            raise TypeError
        return (Validity(also=validity),)
    except TypeError:
        raise ProtocolError(f"validity={validity!r:.80}: pass True, False, or values such as ('abort',)") from None
