"""Replicated machines on a network that loses, repeats and parts, with servers that crash: linearizable, all of them.

And a check that passes must be able to fail: two ways to answer a little sooner are found out.
"""

import random

import pytest

from consensus_lab import Crash, Partition, Propose, Restart, System, simulate
from consensus_lab.linearizability import Linearizable, history
from consensus_lab.protocols import CoordinatedMachine, MultiPaxos, QuorumReads, Raft, Register, ReplicatedLog
from consensus_lab.protocols.machines import Add, Counter, Entry, ExactlyOnce, Get, KeyValue, Put
from consensus_lab.protocols.replication.clients import Client


class RegisterOfAMap(Register):
    machine = KeyValue()


MACHINES = (Raft, MultiPaxos, QuorumReads, ReplicatedLog, RegisterOfAMap, CoordinatedMachine)
SERVERS, CLIENTS, END = 3, 3, 260.0


class HastyClient(Client):
    patience = 6.0  # so that commands are sent again that have been done


def stormy(protocol, command, seed):
    """A run in which clients work all the time, a server is down now and then, and the network parts."""
    rng = random.Random(seed)
    clients = range(SERVERS, SERVERS + CLIENTS)
    system = System([protocol] * SERVERS + [HastyClient] * CLIENTS, network="lossy")
    faults = [(rng.uniform(0, END / 2), Propose(i, command(rng))) for i in clients for _ in range(12)]
    for begin in range(30, int(END) - 30, 60):
        victim, cut_off = rng.sample(range(SERVERS), 2)
        faults += [(begin + 0.5, Crash(victim)), (begin + 15.5, Restart(victim))]
        friends = {cut_off, rng.choice(clients)}
        faults.append(Partition(begin + 20, begin + 50, (friends, {*range(SERVERS + CLIENTS)} - friends)))
    return simulate(system, seed, loss=0.05, duplication=0.05, faults=faults, until=END, max_events=20_000)


def get_or_put(rng):
    return Get("x") if rng.random() < 0.6 else Put(rng.choice("xy"), rng.randrange(1000))


def counting(protocol):
    return type(f"Counting{protocol.__name__}", (protocol,), {"machine": Counter(), "__annotations__": {}})


@pytest.mark.parametrize("protocol", MACHINES, ids=lambda protocol: protocol.__name__)
@pytest.mark.parametrize("seed", range(4))
def test_a_replicated_map_is_linearizable_in_a_storm(protocol, seed):
    run = stormy(protocol, get_or_put, seed)
    assert not run.check([Linearizable(KeyValue())])
    seen = history(run)
    assert len(seen) >= 30 and sum(op.returned is not None for op in seen) >= 25
    assert sum(isinstance(event, Crash) for event in run.events) >= 2


@pytest.mark.parametrize("protocol", MACHINES, ids=lambda protocol: protocol.__name__)
def test_a_replicated_counter_adds_once_for_each_command_however_often_it_is_sent(protocol):
    run = stormy(counting(protocol), lambda rng: Add(1), seed=1)
    assert not run.check([Linearizable(Counter())])
    asked = sum(type(flight.envelope.message).__name__ == "Request" for flight in run.flights)
    assert asked > len(history(run)) >= 30


class ReadsAlone(Raft):
    """A leader answers a read from its own state, and asks nobody whether it leads still."""

    def submit(self, entry):
        if self.role == "leader" and isinstance(entry.command, Get):
            self.reply(entry, self.machine.apply(self.state[0], entry.command)[1])
        else:
            super().submit(entry)


class AnswersEarly(Raft):
    """A leader answers when the entry is in its own log, and hopes for the others."""

    def append(self, entry):
        super().append(entry)
        if isinstance(entry, Entry):
            state = self.state
            for _, each in self.after(self.applied):
                if isinstance(each, Entry):
                    state, answer = ExactlyOnce(self.machine).apply(state, each)
            self.reply(entry, answer)


@pytest.mark.parametrize("protocol", [ReadsAlone, AnswersEarly])
def test_to_answer_sooner_is_found_out(protocol):
    found = [stormy(protocol, get_or_put, seed).check([Linearizable(KeyValue())]) for seed in range(12)]
    (violation, *_) = [violations["Linearizable"] for violations in found if violations]
    assert "no order explains" in violation.why and "Get x" in violation.why
