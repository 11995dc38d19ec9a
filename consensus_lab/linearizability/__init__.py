"""Is a history one that a single machine could have given, step by step?"""

from consensus_lab.linearizability.histories import Histories, explore_histories
from consensus_lab.linearizability.linearization import Linearizable, Operation, history, linearize, operations

__all__ = ["Histories", "Linearizable", "Operation", "explore_histories", "history", "linearize", "operations"]
