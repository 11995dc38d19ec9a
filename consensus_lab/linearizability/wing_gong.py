"""The search for a linearization of one object's history.

Wing and Gong, "Testing and Verifying Concurrent Objects" (1993), https://doi.org/10.1006/jpdc.1993.1015, try the
operations that can take effect next one after another, and go back where an answer does not fit. Two improvements are
those of Lowe, "Testing for Linearizability" (2017), https://doi.org/10.1002/cpe.3928. No configuration is looked at
twice: how far the history has come, which of the open calls have taken effect, and the state. And effects are just in
time: an operation takes effect when one has to return that has not, or when that one needs it to come before.
"""

from math import inf

RETURN, CALL_OF_INSTANT, RETURN_OF_INSTANT, CALL = range(4)
MOST_FOR_A_PART = 50_000  # configurations that are looked at in an attempt to make a part smaller


class Search:
    """Looks for an order of `operations` that explains their answers.

    Parameters
    ----------
    operations : sequence of Operation
        Those that must have a place in the order.
    machine : see `consensus_lab.linearizability.linearization.linearize`
        What has to explain the answers.
    free : sequence of Operation
        Further ones, which may take effect once while they are open, or not at all, whatever they answered.
    starts : iterable of states, optional
        Where the machine may begin; in its initial state by default.
    most : int
        How many configurations may be met.

    Attributes
    ----------
    order : list of Operation, or None
        The linearization, with those of the free and the unanswered operations that it needs.
    blocked : Operation or None
        Where there is none: the first operation by whose return there is none.
    gave_up : bool
    """

    def __init__(self, operations, machine, free=(), starts=None, most=inf):
        self._operations, self._apply = [*operations, *free], machine.apply
        only_reads = getattr(machine, "reads", lambda command: False)
        self._reads = [only_reads(op.command) for op in self._operations]
        self._optional = [op.returned is None for op in operations] + [True] * len(free)
        self._bits, self._returns, self._open = _calls(self._operations)
        self._before = {}  # each configuration met: the one before it, and the operation that took effect between them
        self.order, self.blocked, self.gave_up = None, None, False
        self._look([machine.initial] if starts is None else starts, most)

    @property
    def states(self):
        """Every state met, in the order of meeting."""
        return list(dict.fromkeys(state for _, _, state in self._before))

    def _look(self, starts, most):
        furthest, stack = 0, []
        for start in starts:
            here = self._settled(0, 0, start)
            self._before[here] = None, None
            stack.append((here, self._moves(*here)))
        while stack:
            here, moves = stack[-1]
            furthest = max(furthest, here[0])
            if here[0] == len(self._returns):
                self.order = self._way_to(here)
                return
            if len(self._before) > most:
                self.gave_up = True
                return
            there, number = next(((c, n) for c, n in moves if c not in self._before), (None, None))
            if there is None:
                stack.pop()
            else:
                self._before[there] = here, number
                stack.append((there, self._moves(*there)))
        self.blocked = self._operations[self._returns[furthest]]

    def _moves(self, i, done, state):
        """(next configuration, operation) for whatever can be next, up to the return of operation number i.

        A read that has its answer now takes effect now: it is never in the way of another.
        """
        if i == len(self._returns):
            return
        waiting = [number for number in self._open[i] if not done & self._bits[number]]
        for number in waiting:
            if self._reads[number] and not self._optional[number]:
                op = self._operations[number]
                if self._apply(state, op.command)[1] == op.answer:
                    yield self._settled(i, done | self._bits[number], state), number
                    return
        for number in waiting:
            if not self._reads[number]:
                op, optional = self._operations[number], self._optional[number]
                after, answer = self._apply(state, op.command)
                if after != state if optional else answer == op.answer:
                    yield self._settled(i, done | self._bits[number], after), number
        if self._optional[self._returns[i]]:
            yield self._settled(i + 1, done, state), None

    def _settled(self, i, done, state):
        """The configuration after all returns of operations that have taken effect by now."""
        while i < len(self._returns) and done & self._bits[self._returns[i]]:
            done ^= self._bits[self._returns[i]]
            i += 1
        return i, done, state

    def _way_to(self, here):
        order = []
        while here is not None:
            here, number = self._before[here]
            if number is not None:
                order.append(self._operations[number])
        return order[::-1]


def _calls(operations):
    """A bit for each operation, the operations in the order of return, and those open at each of these returns.

    A bit is free for another once its operation has returned, so that a configuration stays small.
    """
    events = []
    for number, op in enumerate(operations):  # at one time: returns, calls and returns of instants, and other calls
        events.append((op.invoked, CALL_OF_INSTANT if op.instant else CALL, number))
        if op.returned is not None:
            events.append((op.returned, RETURN_OF_INSTANT if op.instant else RETURN, number))
    bits, spare, calls, returns, open_at = [0] * len(operations), [], [], [], []
    for _, kind, number in sorted(events):
        if kind in (CALL, CALL_OF_INSTANT):
            bits[number] = spare.pop() if spare else 1 << len(calls)
            calls.append(number)
        else:
            returns.append(number)
            open_at.append((number, *(other for other in calls if other != number)))
            calls.remove(number)
            spare.append(bits[number])
    return bits, returns, open_at


def smallest_part(operations, machine, search):
    """The operations that contradict each other, whatever the others did; `search` has found no linearization of all.

    They have no linearization from any state that the machine may have been in by then, even where each of the other
    operations may take effect once while it is open, or not at all, whatever it answered. No operation can be taken
    out without giving that up, as far as a bounded search can tell.
    """
    end = search.blocked.returned
    before = [op for op in operations if op.returned is not None and op.returned <= end]
    before.sort(key=lambda op: op.returned, reverse=True)
    states, size = search.states, 1
    while size < len(before) and not _contradict(before[:size], operations, machine, states):
        size *= 2
    part = before[:size]
    for op in part[::-1]:
        smaller = [other for other in part if other is not op]
        if smaller and _contradict(smaller, operations, machine, states):
            part = smaller
    return sorted(part, key=lambda op: op.invoked)


def _contradict(part, operations, machine, states):
    begin, end, mine = min(op.invoked for op in part), max(op.returned for op in part), set(map(id, part))
    others = [op for op in operations if id(op) not in mine and _meets(op, begin, end)]
    from_the_start = all(op.invoked >= begin for op in operations)
    starts = [machine.initial] if from_the_start else states
    return Search(part, machine, others, starts, MOST_FOR_A_PART).blocked is not None


def _meets(op, begin, end):
    if op.instant:
        return begin <= op.invoked <= end
    return op.invoked < end and (op.returned is None or op.returned > begin)
