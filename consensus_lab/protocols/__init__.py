"""The protocols of the book, one file an algorithm."""

from consensus_lab.model.json_values import publish
from consensus_lab.protocols.paxos.synod import Synod
from consensus_lab.protocols.paxos.synod_drafts import AskFirst, ManyRounds, OneRound, PromiseAndAdopt, PromiseOnly
from consensus_lab.protocols.paxos.synod_learners import BroadcastSynod
from consensus_lab.protocols.paxos.synod_mistakes import (
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
from consensus_lab.protocols.paxos.synod_proposers import BackoffSynod, EagerSynod, LeaderSynod
from consensus_lab.protocols.paxos.synod_quorums import (
    AllThenOneSynod,
    FlexibleSynod,
    GridSynod,
    HalvesSynod,
    QuorumSynod,
    TwoThenOneSynod,
    WeightedSynod,
)
from consensus_lab.protocols.raft.membership import MembershipRaft
from consensus_lab.protocols.raft.mistakes import (
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
from consensus_lab.protocols.raft.raft import Raft
from consensus_lab.protocols.raft.snapshots import SnapshotRaft
from consensus_lab.protocols.raft.transfer import TransferRaft
from consensus_lab.protocols.replication.clients import Client
from consensus_lab.protocols.replication.coordinated import CoordinatedMachine
from consensus_lab.protocols.replication.mistakes import AppliesPastGaps, NumbersTries, PicksWhenApplied
from consensus_lab.protocols.replication.multi_paxos import MultiPaxos
from consensus_lab.protocols.replication.multi_paxos_reads import LocalReads, QuorumReads
from consensus_lab.protocols.replication.register import Register
from consensus_lab.protocols.replication.replicated_log import ReplicatedLog
from consensus_lab.protocols.voting.ben_or import BenOr
from consensus_lab.protocols.voting.coordinator import Coordinator
from consensus_lab.protocols.voting.hasty import AlwaysRed, FirstHeard, ImpatientCoordinator
from consensus_lab.protocols.voting.majority import MajorityVote
from consensus_lab.protocols.voting.rotating import RotatingCoordinator
from consensus_lab.protocols.voting.shared_memory import CheckThenAct, LockThenAct, Memory
from consensus_lab.protocols.voting.tie_break import TieBreakVote

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

publish(globals()[name] for name in __all__)
