"""The write-once variable on a real etcd."""

from consensus_lab.etcd.processes import EtcdCluster, on_etcd, why_missing
from consensus_lab.etcd.write_once import EtcdWriteOnce

__all__ = ["EtcdCluster", "EtcdWriteOnce", "on_etcd", "why_missing"]
