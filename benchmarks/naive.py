"""Model P on a lossy network, searched the way one writes it first: tuples, frozensets, and a set of what was seen.

It keeps no parents, checks nothing, and works for this one model only.
"""

from collections import deque

IDLE, PREPARING, ACCEPTING, DECIDED = range(4)


def naive(tries):
    """The set of all configurations of P(tries)."""
    start = (((0, IDLE, frozenset(), 0, 0),) * 2, ((0, 0, 0),) * 3, frozenset())
    seen, queue = {start}, deque([start])
    while queue:
        for there in successors(queue.popleft(), tries):
            if there not in seen:
                seen.add(there)
                queue.append(there)
    return seen


def successors(configuration, tries):
    """The configurations that can come next."""
    proposers, acceptors, messages = configuration
    for p, (k, phase, *_) in enumerate(proposers):
        if phase != DECIDED and k < tries[p]:
            prepare = {("1a", 2 * k + p + 1, a) for a in range(3)}
            yield with_one(proposers, p, (k + 1, PREPARING, frozenset(), 0, 0)), acceptors, messages | prepare
    for message in messages:
        match message:
            case "1a", ballot, a:
                promised, accepted, value = acceptors[a]
                if ballot > promised:
                    promise = "1b", ballot, a, accepted, value
                    yield proposers, with_one(acceptors, a, (ballot, accepted, value)), messages | {promise}
            case "2a", ballot, a, value:
                promised, accepted, _ = acceptors[a]
                if ballot >= promised and accepted != ballot:
                    yield proposers, with_one(acceptors, a, (ballot, ballot, value)), messages | {("2b", ballot, a)}
            case "1b", ballot, a, accepted, value:
                p = (ballot - 1) % 2
                k, phase, heard, best, best_value = proposers[p]
                if phase == PREPARING and ballot == 2 * (k - 1) + p + 1 and a not in heard:
                    heard |= {a}
                    if accepted > best:
                        best, best_value = accepted, value
                    if len(heard) == 2:
                        value = best_value or p + 1
                        accept = {("2a", ballot, a, value) for a in range(3)}
                        mine = k, ACCEPTING, frozenset(), 0, value
                        yield with_one(proposers, p, mine), acceptors, messages | accept
                    else:
                        yield with_one(proposers, p, (k, phase, heard, best, best_value)), acceptors, messages
            case "2b", ballot, a:
                p = (ballot - 1) % 2
                k, phase, heard, best, value = proposers[p]
                if phase == ACCEPTING and ballot == 2 * (k - 1) + p + 1 and a not in heard:
                    heard |= {a}
                    done = len(heard) == 2
                    mine = k, DECIDED if done else phase, frozenset() if done else heard, best, value
                    yield with_one(proposers, p, mine), acceptors, messages


def with_one(parts, number, part):
    return (*parts[:number], part, *parts[number + 1 :])
