"""Clients: no part of the protocol, one command at a time, and asking again when no answer comes."""

import pytest

from consensus_lab import Crash, Message, Node, ProtocolError, Restart, Run, System, explore, simulate
from consensus_lab.protocols import machines
from consensus_lab.protocols.machines import Add, Counter, Entry, ExactlyOnce, Get, KeyValue, Put
from consensus_lab.protocols.replication.clients import Answer, Client, Request
from consensus_lab.write_once import Running
from consensus_lab.write_once.examples import Order, user_of_the_day


class Server(Node):
    """One machine that is not replicated."""

    state: tuple = ExactlyOnce(KeyValue()).initial

    decides = False
    durable = ("state",)
    machine = KeyValue()

    def receive(self, sender, message):
        match message:
            case Request(serial, command):
                self.state, answer = ExactlyOnce(self.machine).apply(self.state, Entry(sender, serial, command))
                self.send(sender, Answer(serial, answer))


class CountingServer(Server):
    state: tuple = ExactlyOnce(Counter()).initial

    machine = Counter()


class Mail(Message):
    pass


class Census(Node):
    """Says who it takes for a node."""

    seen: tuple = ()

    def start(self):
        self.seen = (tuple(self.nodes), self.majority)

    def receive(self, sender, message):
        pass


class ClientCensus(Census):
    client = True


def test_the_nodes_of_a_protocol_do_not_count_its_clients():
    c = System([Census, Census, Census, ClientCensus, ClientCensus]).initial()
    assert {c.state(i)["seen"] for i in range(5)} == {((0, 1, 2), 2)}


def test_a_broadcast_reaches_no_client():
    class Shout(Census):
        def start(self):
            self.broadcast(Mail())

    letters = System([Shout, Shout, ClientCensus]).initial().in_flight
    assert {(letter.sender, letter.receiver) for letter in letters} == {(0, 1), (1, 0)}


@pytest.mark.parametrize("classes", [[Client], [Client, Server], [Server, Client, Server]])
def test_clients_come_after_the_nodes_that_they_ask(classes):
    with pytest.raises(ProtocolError, match="put them last"):
        System(classes)


def test_a_client_asks_one_command_at_a_time_in_order():
    run = simulate(System([Server, Client], proposals={1: (Put("x", 1), Put("x", 2), Get("x"))}), seed=1)
    assert run.last.state(1)["answers"] == ((1, Put("x", 1), 1), (2, Put("x", 2), 2), (3, Get("x"), 2))
    assert max(len(c.in_flight) for c in run.configurations) == 1 and not run.violations


def test_a_client_may_be_asked_again_and_has_a_command_without_a_tuple():
    run = simulate(System([CountingServer, Client], proposals={1: Add(2)}))
    run = simulate(run.system, after=run, faults=[(50.0, Crash(1)), (60.0, Restart(1))])
    assert run.last.state(1)["answers"] == ((1, Add(2), 2),)


def test_a_client_that_gets_no_answer_asks_the_next_server():
    system = System([Server, Server, Client], proposals={2: (Put("x", 1), Get("x"))})
    run = simulate(system, faults=[(0.0, Crash(0))])
    assert run.last.state(2)["server"] == 1 and [answer for _, _, answer in run.last.state(2)["answers"]] == [1, 1]


def test_a_command_that_is_sent_again_is_done_once_in_every_schedule():
    system = System([CountingServer, Client, Client], proposals={1: Add(1), 2: (Add(10), Add(10))}, network="lossy",
                    timeouts=2)  # fmt: skip
    graph = explore(system)
    sums = {c.state(0)["state"][0] for c in graph}
    assert graph.complete and sums == {0, 1, 10, 11, 20, 21}
    finished = {tuple(answer for _, _, answer in c.state(2)["answers"]) for c in graph}
    assert finished == {(), (10,), (11,), (10, 20), (11, 21), (10, 21)}


def test_a_client_that_restarts_asks_again_for_what_was_not_answered():
    system = System([CountingServer, Client], proposals={1: (Add(1), Add(1))})
    for seed in range(20):
        run = simulate(system, seed, faults=[(seed / 8, Crash(1)), (9.0, Restart(1))])
        answers = [answer for _, _, answer in run.last.state(1)["answers"]]
        assert answers == ([1, 2] if run.last.proposed else [])


def test_a_run_with_clients_survives_json_though_a_shared_memory_has_reads_and_writes_too():
    run = simulate(System([Server, Client], proposals={1: (Put("x", 1), machines.Read(), machines.Write(2))}), seed=1)
    assert Run.from_json(run.to_json(), [Server, Client]) == run


# -- a key of a map as a write-once variable ------------------------------------------------------------------


def test_each_key_is_a_write_once_variable():
    running = Running(System([Server, Client, Client]), seed=3)
    shipping, canceling = (Order(running.write_once(client, key="order 7")) for client in (1, 2))
    assert shipping.state() == canceling.state() == "pending"
    shipping.try_ship()
    canceling.try_cancel()
    assert shipping.state() == canceling.state() in ("shipped", "canceled")
    assert user_of_the_day(running.write_once(1, key="today"), lambda: "Ada") == "Ada"
    assert user_of_the_day(running.write_once(2, key="today"), lambda: "Grace") == "Ada"
    assert user_of_the_day(running.write_once(2, key="tomorrow"), lambda: "Grace") == "Grace"


def test_without_a_server_the_order_is_pending():
    running = Running(System([Server, Client]))
    order = Order(running.write_once(1, key="order 7"))
    running.crash(0)
    order.try_ship()
    assert order.state() == "pending"
    running.restart(0)
    assert order.state() == "shipped"


def test_a_client_needs_a_key_and_a_server_takes_none():
    running = Running(System([Server, Client]))
    for use in (lambda: running.write_once(1), lambda: running.write_once(0, key="x")):
        with pytest.raises(ProtocolError, match="say which with key="):
            use()
