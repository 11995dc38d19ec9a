"""The protocols of the book, one file an algorithm."""

from consensus_lab.protocols.ben_or import BenOr
from consensus_lab.protocols.clients import Client
from consensus_lab.protocols.coordinated import CoordinatedMachine
from consensus_lab.protocols.coordinator import Coordinator
from consensus_lab.protocols.drafts import AskFirst, ManyRounds, OneRound, PromiseAndAdopt, PromiseOnly
from consensus_lab.protocols.hasty import AlwaysRed, FirstHeard, ImpatientCoordinator
from consensus_lab.protocols.log_mistakes import AppliesPastGaps, NumbersTries, PicksWhenApplied
from consensus_lab.protocols.majority import MajorityVote
from consensus_lab.protocols.multi_paxos import MultiPaxos
from consensus_lab.protocols.multi_paxos_reads import LocalReads, QuorumReads
from consensus_lab.protocols.raft import Raft
from consensus_lab.protocols.raft_membership import MembershipRaft
from consensus_lab.protocols.raft_mistakes import (
    AppendsBlindly,
    ChangesEarly,
    CommitsOldTerms,
    CutsAlways,
    ElectsByHalf,
    ForgetsItsLog,
    ForgetsItsTerm,
    ForgetsItsVote,
    FourMembers,
    ObeysFormerLeaders,
    OneByOne,
    VotesAgain,
    VotesBlindly,
)
from consensus_lab.protocols.raft_snapshots import SnapshotRaft
from consensus_lab.protocols.raft_transfer import TransferRaft
from consensus_lab.protocols.register import Register
from consensus_lab.protocols.replicated_log import ReplicatedLog
from consensus_lab.protocols.rotating import RotatingCoordinator
from consensus_lab.protocols.shared_memory import CheckThenAct, LockThenAct, Memory
from consensus_lab.protocols.synod import Synod
from consensus_lab.protocols.synod_duels import BackoffSynod, EagerSynod, LeaderSynod
from consensus_lab.protocols.synod_learners import BroadcastSynod
from consensus_lab.protocols.synod_mistakes import (
    AcceptAlways,
    AdoptAny,
    AdoptEarliest,
    AdoptMostCommon,
    AskAnyone,
    AskEverybody,
    ForgetsPromise,
    ForgetsVote,
    GiveUp,
    HalfIsEnough,
    PromiseAgain,
    SharedBallots,
    SharedRounds,
    VoteAsBefore,
)
from consensus_lab.protocols.synod_quorums import (
    AllThenOneSynod,
    FlexibleSynod,
    GridSynod,
    HalvesSynod,
    QuorumSynod,
    TwoThenOneSynod,
    WeightedSynod,
)
from consensus_lab.protocols.tie_break import TieBreakVote

__all__ = [
    "AcceptAlways", "AdoptAny", "AdoptEarliest", "AdoptMostCommon", "AllThenOneSynod", "AlwaysRed", "AppendsBlindly",
    "AppliesPastGaps", "AskAnyone", "AskEverybody", "AskFirst", "BackoffSynod", "BenOr", "BroadcastSynod",
    "ChangesEarly", "CheckThenAct", "Client", "CommitsOldTerms", "CoordinatedMachine", "Coordinator", "CutsAlways",
    "EagerSynod", "ElectsByHalf", "FirstHeard", "FlexibleSynod", "ForgetsItsLog", "ForgetsItsTerm", "ForgetsItsVote",
    "ForgetsPromise", "ForgetsVote", "FourMembers", "GiveUp", "GridSynod", "HalfIsEnough", "HalvesSynod",
    "ImpatientCoordinator", "LeaderSynod", "LocalReads", "LockThenAct", "MajorityVote", "ManyRounds", "MembershipRaft",
    "Memory", "MultiPaxos", "NumbersTries", "ObeysFormerLeaders", "OneByOne", "OneRound", "PicksWhenApplied",
    "PromiseAgain", "PromiseAndAdopt", "PromiseOnly", "QuorumReads", "QuorumSynod", "Raft", "Register",
    "ReplicatedLog", "RotatingCoordinator", "SharedBallots", "SharedRounds", "SnapshotRaft", "Synod", "TieBreakVote",
    "TransferRaft", "TwoThenOneSynod", "VoteAsBefore", "VotesAgain", "VotesBlindly", "WeightedSynod",
]  # fmt: skip
