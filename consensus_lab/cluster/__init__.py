"""The same node classes as processes of the operating system, which talk over TCP and can be killed."""

from consensus_lab.cluster.cluster import Cluster

__all__ = ["Cluster"]
