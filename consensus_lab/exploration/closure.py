"""What a node can do at all: every local state, everything that can come to it, and what one makes of the other.

The closure of a system takes each node by itself and closes its local states under everything that can ever happen
to it. It has more than any schedule reaches, and it is small: a few hundred calls of handlers where there are
millions of configurations. What holds in all of it holds in every schedule, so it shows what a search may leave out.

A message that changes nothing in any local state that its receiver can still reach is dead: a configuration with it
and one without it have the same future. Leaving dead messages out needs properties that read nodes, not the network.
"""

from collections import deque

from consensus_lab.model.budgets import SPENDS
from consensus_lab.model.errors import ProtocolError, TooManyChoices

START = ("start",)
CRASH, RESTART, TIMEOUT = SPENDS  # the causes that there are budgets for
LEAST, EACH = 5_000, 10  # reactions looked at in any case, and for each configuration of a search
LARGEST = 20_000  # reactions looked at before local states are taken to be too many, each choice by itself


def faults(local, kind):
    """The causes of one kind that a local state allows."""
    if kind == TIMEOUT:
        return [(TIMEOUT, name) for name in local.timers]
    return [(kind,)] if local.up == (kind == CRASH) else []


def closure(system, most=LARGEST):
    """The Closure of a system, to help a search of at most so many configurations.

    None where the local states are too many, or a handler raises in one: that may be a state that no schedule
    reaches, so it is left to the search to say.
    """
    try:
        closed = Closure(system, min(LARGEST, max(LEAST, EACH * most)))
    except (ProtocolError, TooManyChoices):
        return None
    return closed if closed.finite else None


class Closure:
    """Every local state of every node, and what can happen in it.

    Attributes
    ----------
    locals : list of dict
        For each node its local states, in the order in which they came up.
    mail : list of dict
        For each node what can come to it: {(sender, message): a bit}.
    steps : list of (i, local, cause, reactions)
        In an order in which every local state and message has come up, at the start or in a reaction, before it is
        the one that reacts or the cause.
    """

    def __init__(self, system, most=LARGEST):
        self.system, self.steps = system, []
        self.locals = [{} for _ in system.nodes]
        self.mail = [{} for _ in system.nodes]
        self._kinds = [kind for kind, name in SPENDS.items() if system.budgets.of(name) != 0]
        self._work = deque()  # first come, first served: states that grow do so slowly
        self.finite = self._close(most)

    def _close(self, most):
        for i in self.system.nodes:
            self._work.append((i, self.system.asleep(i), START))
        while self._work:
            if len(self._work) > most:  # each of these is at least one reaction
                return False
            i, local, cause = self._work.popleft()
            ways = self.system.reactions(i, local, cause, most)
            most -= len(ways)
            self.steps.append((i, local, cause, ways))
            for _, reaction in ways:
                self._meet(i, reaction.local)
                for to, message in reaction.sent:
                    self._hear(to, i, message)
        return True

    def _meet(self, i, local):
        """Node `i` can be in this local state: all that can happen to it there is work to do."""
        if local in self.locals[i]:
            return
        self.locals[i][local] = None
        if local.up:
            if i in self.system.proposals:
                self._work.append((i, local, ("propose", self.system.proposals[i])))
            self._work += [(i, local, ("receive", *came)) for came in self.mail[i]]
        self._work += [(i, local, cause) for kind in self._kinds for cause in faults(local, kind)]

    def _hear(self, i, sender, message):
        """This message can come to node `i`, whatever state it is in."""
        if (sender, message) not in self.mail[i]:
            self.mail[i][sender, message] = 1 << len(self.mail[i])
            self._work += [(i, local, ("receive", sender, message)) for local in self.locals[i] if local.up]

    def knows(self, c):
        """Whether the local states and the messages of a configuration are among these, and so all that follows."""
        return all(local in known for local, known in zip(c.nodes, self.locals)) and all(
            (sender, message) in self.mail[i] for sender, i, message, _ in c.network
        )

    def living(self):
        """A function of a node and its local state: the (sender, node, message) that are not dead there."""
        acts = [dict.fromkeys(known, 0) for known in self.locals]
        before = [{local: [] for local in known} for known in self.locals]
        for i, local, cause, ways in self.steps:
            for _, reaction in ways if cause != START else ():
                before[i][reaction.local].append(local)
                if cause[0] == "receive" and (reaction.local != local or reaction.sent or reaction.clock):
                    acts[i][local] |= self.mail[i][cause[1:]]
        alive = [self._spread(i, *both) for i, both in enumerate(zip(acts, before))]
        return lambda i, local: alive[i].get(local, frozenset())

    def _spread(self, i, acts, before):
        """{local state of node `i`: what does something if it comes in it, or in a state that can still come}."""
        work = list(acts)
        while work:
            there = work.pop()
            for local in before[there]:
                if acts[there] & ~acts[local]:
                    acts[local] |= acts[there]
                    work.append(local)
        mail = [((sender, i, message), bit) for (sender, message), bit in self.mail[i].items()]
        return {local: frozenset(copy for copy, bit in mail if bits & bit) for local, bits in acts.items()}
