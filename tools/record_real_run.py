"""Record a run of real processes for the pages, where there are none: `.venv/bin/python tools/record_real_run.py`.

Two clients, a warehouse and a customer, use an order as a write-once variable. The leader is killed in between.
"""

import time
from pathlib import Path

from consensus_lab import Run
from consensus_lab.cluster import Cluster
from consensus_lab.protocols.raft.raft import Raft
from consensus_lab.protocols.replication.clients import Client
from consensus_lab.write_once.examples import Order

FILE = Path(__file__).resolve().parent.parent / "book" / "recorded" / "order.json"
CLASSES, NAMES = [Raft] * 3 + [Client] * 2, ["A", "B", "C", "warehouse", "customer"]


def leader(cluster):
    """The server that leads, once there is one."""
    while True:
        for server in cluster.system.servers:
            if server in cluster.alive and cluster.state(server, "role")["role"] == "leader":
                return server
        time.sleep(0.05)


def main():
    with Cluster(CLASSES, names=NAMES, tick=0.1, patience=20) as cluster:
        shipping, canceling = (Order(cluster.write_once(client, key="order 7")) for client in (3, 4))
        killed = leader(cluster)
        shipping.try_ship()
        assert shipping.state() == "shipped"
        cluster.kill(killed)
        canceling.try_cancel()
        assert canceling.state() == "shipped"
        cluster.restart(killed)
        time.sleep(0.5)
        run = cluster.run()
    assert not run.violations
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(run.to_json() + "\n", encoding="utf-8")
    assert Run.from_json(FILE.read_text(encoding="utf-8"), CLASSES) == run
    print(f"{FILE.name}: {len(run)} events, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
