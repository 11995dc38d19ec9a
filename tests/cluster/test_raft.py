"""The book's Raft on real processes, killed at random: nothing that was acknowledged is lost."""

import os
import random
import time

from consensus_lab import Crash, Run, System, Timeout
from consensus_lab.cluster import Cluster
from consensus_lab.cluster.history import operations
from consensus_lab.linearizability import history, linearize
from consensus_lab.protocols.machines import Entry, Get, KeyValue, Put, PutIfAbsent
from consensus_lab.protocols.raft.properties import FIGURE_3, witnessed
from consensus_lab.protocols.raft.raft import Raft
from consensus_lab.protocols.replication.clients import Client
from consensus_lab.write_once.examples import Order, user_of_the_day
from tests.cluster.nodes import Visitor
from tests.cluster.test_cluster import SOON, until

LATE = 120  # seconds for a part of a long job
COMMANDS = int(os.environ.get("SOAK", 10_000))  # `make soak` asks for more


def leader(cluster):
    """The server that leads, of those that are up."""

    def now():
        states = {i: cluster.state(i, "role", "term") for i in cluster.alive if i in cluster.system.servers}
        leading = [(state["term"], i) for i, state in states.items() if state["role"] == "leader"]
        return leading and [max(leading)[1]]

    (found,) = until(now)
    return found


def test_an_order_is_shipped_or_canceled_though_the_leader_is_killed():
    with Cluster([Raft] * 3 + [Client] * 2, patience=SOON) as cluster:
        at_warehouse, at_home = (Order(cluster.write_once(client, key="order 7")) for client in (3, 4))
        at_warehouse.try_ship()
        assert at_warehouse.state() == "shipped"
        cluster.kill(leader(cluster))
        at_home.try_cancel()
        assert at_home.state() == "shipped"
        assert user_of_the_day(cluster.write_once(3, key="today"), lambda: "Ada") == "Ada"
        assert user_of_the_day(cluster.write_once(4, key="today"), lambda: "Grace") == "Ada"


def test_a_raft_of_one_value_is_a_write_once_variable_though_the_leader_is_killed():
    with Cluster(Raft, n=3, patience=SOON) as cluster:
        first = leader(cluster)
        others = [i for i in range(3) if i != first]
        orders = [Order(cluster.write_once(i)) for i in others]
        cluster.kill(first)
        orders[0].try_ship()
        orders[1].try_cancel()
        assert {order.state() for order in orders} in ({"shipped"}, {"canceled"})
        assert not cluster.run().violations


def test_the_run_has_the_five_properties_of_figure_3_and_its_history_is_linearizable():
    with Cluster([Raft] * 3 + [Client] * 2) as cluster:
        for number in range(3):
            answers = [cluster.ask(client, (Put("x", f"{client}.{number}"), Get("x"))) for client in (3, 4)]
            killed = leader(cluster)
            cluster.kill(killed)
            assert all(answer.result(SOON) for answer in answers)
            cluster.restart(killed)
        run = cluster.run()
    assert sum(isinstance(event, Crash) for event in run.events) == 3
    assert any(isinstance(event, Timeout) and event.name == "election" for event in run.events)
    again = Run(System([witnessed(Raft)] * 3 + [Client] * 2, network="lossy"), run.events, run.times)
    assert not again.check(FIGURE_3)
    assert linearize(history(run), KeyValue())
    assert len(history(run)) == 12
    assert operations(run) == history(run)


def test_nothing_acknowledged_is_lost_though_servers_are_killed_at_random():
    rng = random.Random(0)
    visitors, parts = range(3, 15), 40
    asked = {i: [commands(rng, f"{i}.{part}", COMMANDS // len(visitors) // parts + 1) for part in range(parts)]
             for i in visitors}  # fmt: skip
    with Cluster([Raft] * 3 + [Visitor] * len(visitors), tick=0.03) as cluster:
        answers = [cluster.ask(i, part) for i in visitors for part in asked[i]]
        killed = 0
        while not all(answer.done() for answer in answers):
            after = sum(answer.done() for answer in answers) + rng.randrange(40)
            until(lambda: sum(answer.done() for answer in answers) >= min(after, len(answers)), LATE)  # noqa: B023
            victims = [leader(cluster)] if rng.random() < 0.5 else rng.sample(range(3), rng.choice((1, 1, 2)))
            for node in victims:
                cluster.kill(node)
            killed += len(victims)
            time.sleep(rng.uniform(0, 0.3))
            for node in victims:
                cluster.restart(node)
        until(lambda: len({cluster.state(i, "commit")["commit"] for i in range(3)}) == 1)
        run = cluster.run()
        logs = [[entry for _, entry in cluster.state(i, "log")["log"]] for i in range(3)]
    done = operations(run)
    assert len(done) >= COMMANDS and all(op.returned for op in done)
    assert linearize(done, KeyValue())
    expected = {(i, serial): command for i in visitors for serial, command in enumerate(sum(asked[i], ()), 1)}
    for log in logs:
        assert {(entry.client, entry.serial): entry.command for entry in log if isinstance(entry, Entry)} == expected
    assert killed == sum(isinstance(event, Crash) for event in run.events) >= 10
    print(f"{len(done):,} commands, {killed} processes killed, {len(run):,} events")


def commands(rng, name, count):
    """Puts and gets of a few keys, each put of a value of its own."""
    keys = [f"key {number}" for number in range(10)]
    kinds = {
        "put": lambda number: Put(rng.choice(keys), f"{name}.{number}"),
        "get": lambda number: Get(rng.choice(keys)),
        "once": lambda number: PutIfAbsent(f"once {rng.randrange(30)}", f"{name}.{number}"),
    }
    return tuple(kinds[rng.choice(list(kinds))](number) for number in range(count))
