"""The derivation of the synod: the drafts in order, the wrong turns beside them, and what comes of each.

A search of every schedule says whether a draft holds, and gives the shortest run that breaks it.
"""

import ast
import difflib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from consensus_lab.exploration.explore import explore
from consensus_lab.model.node import Node
from consensus_lab.model.properties import CONSENSUS, Property
from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.protocols.paxos import synod_drafts, synod_mistakes, synod_quorums
from consensus_lab.protocols.paxos.synod import Synod, within


class MajorityPossible(Property):
    """Some value can still get a majority, where a node that has voted for a value never votes for another."""

    name = "Majority possible"

    def broken(self, configuration):
        c, system = configuration, configuration.system
        votes = [c.state(i)["value"] for i in system.nodes]
        free = sum(vote is None and i not in c.crashed for i, vote in enumerate(votes))
        if any(votes.count(value) + free > system.n // 2 for value in system.proposals.values()):
            return None
        waiting = tuple(i for i in system.nodes if i not in c.crashed)
        return waiting, "the votes are split, and none of the living will ever change its vote"


@dataclass(frozen=True)
class Draft:
    """A draft of the synod, or a wrong turn on the way to it.

    Attributes
    ----------
    protocol : Node class
    title : str
    idea : str
        What is new about it, in a sentence.
    mends : Node class or None
        The draft that it sets out to mend.
    breaks : str or None
        The property that a search finds broken: "Agreement"; "Termination" or "Majority possible" where it is safe and
        gets stuck; None where it holds.
    options : mapping
        What may go wrong in the smallest system that shows what it is worth; see `consensus_lab.System`.
    rounds : int or None
        How many rounds of ballots are searched; None where nothing limits them but the options.
    n : int
        The number of nodes. The first proposes red, the second blue.
    properties : tuple of Property
        What is checked.
    """

    protocol: type
    title: str
    idea: str
    mends: type | None
    breaks: str | None
    options: Mapping = field(default_factory=dict)
    rounds: int | None = None
    n: int = 3
    properties: tuple[Property, ...] = CONSENSUS

    def system(self, protocol=None):
        """The System that it is tried in."""
        return System(protocol or self.protocol, self.n, {0: "red", 1: "blue"}, **self.options)

    @cached_property
    def graph(self):
        """The StateGraph of all its schedules."""
        limited = within(self.protocol, self.rounds) if self.rounds else self.protocol
        return explore(self.system(limited), properties=self.properties)

    @cached_property
    def counterexample(self):
        """The shortest Run that breaks what it breaks, or None."""
        run = self.graph.violations.get(self.breaks)
        return run and Run(self.system(), run.events)

    def source(self):
        """Its class as text, with what it takes over from its base; of one that calls its base, only its own."""
        return _written_out(self.protocol)

    def diff(self, against=None):
        """What it changes in the draft that it mends, or in another class, as the lines of a diff.

        The whole of it is new where it mends nothing, and where it only adds to a class.
        """
        old = against or self.mends
        before = "" if old is None or _adds(self.protocol) else _written_out(old)
        lines = difflib.unified_diff(before.splitlines(), self.source().splitlines(), lineterm="", n=1)
        return "\n".join(list(lines)[2:])


def mends_of(protocol):
    """The drafts that set out to mend a class, the right one among them.

    Parameters
    ----------
    protocol : Node class
        The class of a draft.

    Returns
    -------
    list of Draft
        In a fixed order, wrong turns first.
    """
    return [draft for draft in (*DETOURS, *DRAFTS) if draft.mends is protocol]


def draft_of(protocol):
    """The Draft of a class.

    Parameters
    ----------
    protocol : Node class
        One of `DRAFTS` or `DETOURS`.

    Returns
    -------
    Draft
        What it is about, and what comes of it.
    """
    return next(draft for draft in (*DRAFTS, *DETOURS) if draft.protocol is protocol)


ASYNC = {"network": "lossy", "timeouts": None}
RESTART = ASYNC | {"crashes": 1, "restarts": 1}

DRAFTS = (
    Draft(
        synod_drafts.OneRound, "One round", "A round has one candidate: a node votes for it, or not at all.",
        None, "Termination", {"crashes": 1},
    ),
    Draft(
        synod_drafts.ManyRounds, "Many rounds", "Where a round stays undecided, another may follow.",
        synod_drafts.OneRound, "Agreement",
    ),
    Draft(
        synod_drafts.AskFirst, "Ask first",
        "Before its round, a proposer asks a majority how they voted, and adopts it.",
        synod_drafts.ManyRounds, "Agreement",
    ),
    Draft(
        synod_drafts.PromiseOnly, "Promise", "A majority promises to take no part in earlier rounds any more.",
        synod_drafts.AskFirst, "Agreement", {"timeouts": None}, 1,
    ),
    Draft(
        synod_drafts.PromiseAndAdopt, "Promise and adopt",
        "With its promise a node tells its last vote. The latest is adopted.",
        synod_drafts.PromiseOnly, "Agreement", RESTART, 1,
    ),
    Draft(
        Synod, "The synod", "A node writes to disk what it promises and what it votes for.",
        synod_drafts.PromiseAndAdopt, None, RESTART | {"restarts": 0}, 2,
    ),
)  # fmt: skip

DETOURS = (
    Draft(
        synod_mistakes.HalfIsEnough, "Half is enough", "Half of the nodes choose a value, so that a tie has a winner.",
        synod_drafts.OneRound, "Agreement",
    ),
    Draft(
        synod_mistakes.GiveUp, "Wait, then decide", "A candidate that has waited long enough takes itself for elected.",
        synod_drafts.OneRound, "Agreement", {"timeouts": 1},
    ),
    Draft(
        synod_mistakes.VoteAsBefore, "Never change your mind", "Who has voted red votes red in every later round.",
        synod_drafts.ManyRounds, "Majority possible", {"crashes": 1, "timeouts": 1},
        properties=(*CONSENSUS, MajorityPossible()),
    ),
    Draft(
        synod_mistakes.AskAnyone, "Ask anyone", "One answer is enough to know how the others have voted.",
        synod_drafts.ManyRounds, "Agreement",
    ),
    Draft(
        synod_mistakes.AskEverybody, "Ask everybody", "Wait for the answers of all nodes, so that no vote is missed.",
        synod_drafts.AskFirst, "Agreement",
    ),
    Draft(
        synod_mistakes.AdoptAny, "Adopt any vote", "Any vote that the proposer was told of will do.",
        synod_drafts.PromiseOnly, "Agreement", {"timeouts": None}, 2,
    ),
    Draft(
        synod_mistakes.AdoptEarliest, "Adopt the earliest vote", "The vote of the earliest ballot was there first.",
        synod_drafts.PromiseOnly, "Agreement", {"timeouts": None}, 2,
    ),
    Draft(
        synod_mistakes.AdoptMostCommon, "Adopt what most have voted for", "It is a vote, so the majority should win.",
        synod_drafts.PromiseOnly, "Agreement", {"timeouts": None}, 2,
    ),
    Draft(
        synod_mistakes.ForgetsVote, "Keep the promise on disk", "A node writes to disk what it promises.",
        synod_drafts.PromiseAndAdopt, "Agreement", RESTART, 1,
    ),
    Draft(
        synod_mistakes.ForgetsPromise, "Keep the vote on disk", "A node writes to disk what it votes for.",
        synod_drafts.PromiseAndAdopt, "Agreement", RESTART, 1,
    ),
    Draft(
        synod_mistakes.AcceptAlways, "Accept whatever comes", "An acceptor promises, and does not look at it again.",
        Synod, "Agreement", {"timeouts": None}, 1,
    ),
    Draft(
        synod_mistakes.SharedBallots, "Share the ballots", "A ballot is the number of a round, whoever runs it.",
        Synod, "Agreement", ASYNC, 2,
    ),
    Draft(
        synod_quorums.TwoThenOneSynod, "Save on the second phase", "Two of three promise; one of three chooses.",
        Synod, "Agreement", ASYNC, 2,
    ),
    Draft(
        synod_quorums.HalvesSynod, "Halves", "With four nodes, two of them are a quorum.",
        Synod, "Agreement", ASYNC, 1, 4,
    ),
)  # fmt: skip


# -- classes as text ------------------------------------------------------------------------------------------


def _adds(protocol):
    """True for a class whose text cannot stand in place of its base's: it calls it, or only sets quorums."""
    return "super()" in inspect.getsource(protocol) or issubclass(protocol, synod_quorums.QuorumSynod)


def _written_out(protocol):
    own = inspect.getsource(protocol)
    return own if protocol.__base__ is Node or _adds(protocol) else _spliced(_written_out(protocol.__base__), own)


def _spliced(base, own):
    """The text of the class `base` with the name and the docstring of `own`, and with its members."""
    lines, added = base.splitlines(), own.splitlines()
    old, new = (ast.parse(text).body[0] for text in (base, own))
    places = {_name(member): member for member in old.body}
    for member in sorted(new.body, key=lambda m: _place(places, m, len(lines)), reverse=True):
        text = added[member.lineno - 1 : member.end_lineno]
        at = places.get(_name(member))
        if at:
            lines[at.lineno - 1 : at.end_lineno] = text
        else:
            lines += ["", *text]
    return "\n".join([added[new.lineno - 1], *lines[old.lineno :]]) + "\n"


def _place(places, member, end):
    at = places.get(_name(member))
    return at.lineno if at else end


def _name(member):
    """What a member of a class is called; a docstring has the name of none."""
    match member:
        case ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
    return None
