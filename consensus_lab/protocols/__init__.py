"""The protocols of the book, one file an algorithm."""

from consensus_lab.protocols.ben_or import BenOr
from consensus_lab.protocols.coordinator import Coordinator
from consensus_lab.protocols.hasty import AlwaysRed, FirstHeard, ImpatientCoordinator
from consensus_lab.protocols.majority import MajorityVote
from consensus_lab.protocols.rotating import RotatingCoordinator
from consensus_lab.protocols.shared_memory import CheckThenAct, LockThenAct, Memory
from consensus_lab.protocols.tie_break import TieBreakVote

__all__ = [
    "AlwaysRed", "BenOr", "CheckThenAct", "Coordinator", "FirstHeard", "ImpatientCoordinator", "LockThenAct",
    "MajorityVote", "Memory", "RotatingCoordinator", "TieBreakVote",
]  # fmt: skip
