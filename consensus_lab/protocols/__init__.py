"""The protocols of the book, one file an algorithm."""

from consensus_lab.protocols.coordinator import Coordinator
from consensus_lab.protocols.majority import MajorityVote
from consensus_lab.protocols.shared_memory import CheckThenAct, LockThenAct, Memory
from consensus_lab.protocols.tie_break import TieBreakVote

__all__ = ["CheckThenAct", "Coordinator", "LockThenAct", "MajorityVote", "Memory", "TieBreakVote"]
