"""Servers of a replicated machine: what they owe their clients, and what they do with a log.

How the machine comes to be replicated is for a subclass to say: see `replicated_log`, `multi_paxos` and `register`.

All replicas start from the same state, apply the same entries in the same order, and the machine is deterministic; so
all go through the same states, if not at the same time. No entry is applied before the one in front of it.

A server that is proposed to is its own client, and like any client it has one command outstanding.
"""

from typing import Any

from consensus_lab.model.node import Message, Node
from consensus_lab.protocols.machines import Entry, ExactlyOnce, KeyValue, last
from consensus_lab.protocols.replication.clients import Answer


class NoOp(Message):
    """An entry that does nothing."""

    says = "nothing"


class Server(Node):
    """Take in commands, and answer each when it has been applied. The first command of all decides."""

    state: tuple = ()  # of the machine, with its clients' sessions, as far as known: see ExactlyOnce
    wishes: tuple = ()  # the entries that it is to get applied
    backlog: tuple = ()  # what was proposed to it and waits for its turn
    serial: int = 0  # of its last own entry

    durable = ("serial",)
    machine = KeyValue()

    def __init_subclass__(cls, **options):
        cls.state = ExactlyOnce(cls.machine).initial
        super().__init_subclass__(**options)

    def propose(self, value):
        self.backlog += (value,)
        self.take_turn()

    def take_turn(self):
        """Number the next command of its own, unless one is outstanding."""
        if self.backlog and not any(entry.client == self.id for entry in self.wishes):
            self.serial += 1
            command, *rest = self.backlog
            self.backlog = tuple(rest)
            self.want(Entry(self.id, self.serial, command))

    def want(self, entry):
        """Get the entry applied, unless it has been or is on its way."""
        if self.has_applied(entry):
            self.answer(entry)
        elif entry not in self.wishes:
            self.wishes += (entry,)
            self.pursue()

    def pursue(self):
        """There is a new wish, the last one."""
        raise NotImplementedError

    def settle(self):
        """Answer the wishes that have come true."""
        done = [entry for entry in self.wishes if self.has_applied(entry)]
        if done:
            self.wishes = tuple(entry for entry in self.wishes if entry not in done)
            for entry in done:
                self.answer(entry)
            self.take_turn()

    def has_applied(self, entry):
        """True if the machine has applied the entry, or a later one of the same client."""
        serial, _ = last(self.state[1], entry.client)
        return entry.serial <= serial

    def answer(self, entry):
        """Answer the client, if the entry is its last; a server that is its own client needs no message."""
        serial, answer = last(self.state[1], entry.client)
        if entry.serial == serial and entry.client != self.id:
            self.send(entry.client, Answer(serial, answer))


class Replica(Server):
    """Apply a log, as far as it has no gap."""

    log: tuple = ()  # for each slot, from 1 on, the entry known to be chosen in it, or None
    applied: int = 0  # the machine has applied the entries of the slots up to this one

    durable = (*Server.durable, "log")

    def restart(self):
        self.apply()

    def learn(self, slot, entry):
        """The entry is chosen in this slot."""
        self.log = put(self.log, slot, entry)
        self.apply()

    def apply(self):
        """Apply what comes next, as far as that is known, and answer those who wait for it."""
        while entry := at(self.log, self.applied + 1):
            self.applied += 1
            self.execute(entry)
        self.settle()

    def execute(self, entry):
        """Let the machine apply the entry of the next slot. The first of all decides."""
        if entry != NoOp():
            if self.decided is None:
                self.decide(entry.command)
            self.move(entry)

    def move(self, entry):
        """Let the machine apply the entry."""
        self.state, _ = ExactlyOnce(self.machine).apply(self.state, entry)

    @staticmethod
    def committed(fields):
        """{slot: entry} of all that is known to be chosen, from the fields of a node."""
        return {slot: entry for slot, entry in enumerate(fields["log"], 1) if entry is not None}


def at(row, slot) -> Any:
    """What a row of slots has in this one; None if nothing."""
    return row[slot - 1] if 0 < slot <= len(row) else None


def put(row, slot, value):
    """The row with a value in this slot."""
    row += (None,) * (slot - len(row))
    return (*row[: slot - 1], value, *row[slot:])
