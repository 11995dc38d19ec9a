"""Dead messages: what is in flight but can never change anything again.

Close each node's local states under everything that can ever happen to it. A message that changes nothing in any
local state that its receiver can still reach is dead: a configuration with it and one without it have the same
future, so an explorer of every schedule may leave it out. This needs local states that are finite, and properties
that read nodes, not the network.
"""

from collections import deque

from consensus_lab.errors import ProtocolError

LARGEST = 20_000  # reactions looked at before local states are taken to be too many


def living_letters(system):
    """A function of a node and its local state: the letters (sender, node, message) that are not dead there.

    None where the local states are too many to close, or a handler raises in one: that may be a state that no
    schedule reaches, so it is left to the search to say.
    """
    try:
        closure = _Closure(system)
    except ProtocolError:
        return None
    return closure.alive if closure.finite else None


class _Closure:
    def __init__(self, system):
        self.system = system
        self.after = [{} for _ in system.nodes]  # local state -> the local states that can come next
        self.letters = [{} for _ in system.nodes]  # (sender, message) that can come to a node -> its bit
        self.acts = [{} for _ in system.nodes]  # local state -> bits of the letters that do something in it
        self.work, self.done = deque(), 0  # first come, first served: states that grow do so slowly
        self.finite = self._close()
        if self.finite:
            self._living = [self._alive(i) for i in system.nodes]

    def alive(self, i, local):
        return self._living[i].get(local, frozenset())

    def _close(self):
        initial = self.system.initial()
        for i, local in enumerate(initial.nodes):
            self._meet(i, local)
        for sender, i, message, _ in sorted(initial.network, key=self.system.order):
            self._hear(i, sender, message)
        while self.work:
            i, local, cause = self.work.popleft()
            self.done += 1
            if self.done > LARGEST:
                return False
            before = self.system.fired(local, cause[1]) if cause[0] == "timeout" else local
            if cause == ("restart",):
                before = local._replace(up=True)
            for _, reaction in self.system.reactions(i, before, cause):
                self.after[i][local].add(reaction.local)
                if cause[0] == "receive" and (reaction.local != local or reaction.sent or reaction.clock):
                    self.acts[i][local] |= self.letters[i][cause[1:]]
                self._meet(i, reaction.local)
                for to, message in reaction.sent:
                    self._hear(to, i, message)
        return True

    def _meet(self, i, local):
        """Node `i` can be in this local state: all that can happen to it there is work to do."""
        if local in self.after[i]:
            return
        self.after[i][local], self.acts[i][local] = set(), 0
        crashes, restarts, timeouts = self.system.left
        if not local.up:
            if restarts != 0:
                self.work.append((i, local, ("restart",)))
            return
        if i in self.system.proposals:
            self.work.append((i, local, ("propose", self.system.proposals[i])))
        if timeouts != 0:
            self.work += [(i, local, ("timeout", name)) for name in local.timers]
        self.work += [(i, local, ("receive", *letter)) for letter in self.letters[i]]
        if crashes != 0:
            down = self.system.stopped(i, local).local
            self.after[i][local].add(down)
            self._meet(i, down)

    def _hear(self, i, sender, message):
        """This letter can come to node `i`, whatever state it is in."""
        if (sender, message) not in self.letters[i]:
            self.letters[i][sender, message] = 1 << len(self.letters[i])
            self.work += [(i, local, ("receive", sender, message)) for local in self.after[i] if local.up]

    def _alive(self, i):
        """{local state: the letters that do something in it or in a state that can still come}."""
        acts, before = dict(self.acts[i]), {local: [] for local in self.after[i]}
        for local, later in self.after[i].items():
            for there in later:
                before[there].append(local)
        work = list(acts)
        while work:
            there = work.pop()
            for local in before[there]:
                if acts[there] & ~acts[local]:
                    acts[local] |= acts[there]
                    work.append(local)
        letters = [((sender, i, message), bit) for (sender, message), bit in self.letters[i].items()]
        return {local: frozenset(letter for letter, bit in letters if bits & bit) for local, bits in acts.items()}
