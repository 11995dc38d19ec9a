"""Shortest runs to where nothing is left to happen, in a search that leaves out messages which do nothing.

On a reliable network a run has not come to its end before these are delivered, too. So a way that is the shortest in
the reduced graph may not be the shortest run: what it sends in vain to nodes that are up at its end counts. Here each
step costs one event and one more for each such message that it leaves out, and the cheapest way is found by the
algorithm of Dijkstra (1959), https://doi.org/10.1007/BF01386390. What lies undelivered at a node that has crashed at
the end costs nothing; so the search is over pairs of a configuration and the nodes that will be down at the end.
"""


def shortest_schedules(space, start, ends, most):
    """For each of `ends` the events of a shortest run there, if it has fewer than `most` events in all.

    Parameters
    ----------
    space : Successors
    start : int
    ends : iterable of int
        Configurations in which nothing is left to happen.
    most : int

    Returns
    -------
    dict of int to list of events
        The events without the last deliveries, of messages that do nothing.
    """
    goals = {}
    for end in ends:
        goals.setdefault(space.canonical_pair(end, _down(space, end)), []).append(end)
    came = _cheapest(space, start, set(goals), most)
    return {end: _events(space, came, goal, end) for goal, same in goals.items() if goal in came for end in same}


def _down(space, key):
    return frozenset(i for i in space.system.nodes if not space.local(i, key).up)


def _cheapest(space, start, goals, most):
    """{pair: the pair before it on a cheapest way from the start}, until all the goals have been met."""
    first = dict.fromkeys(space.canonical_pair(start, down) for _, down in goals)
    buckets, cost = [[] for _ in range(most)], dict.fromkeys(first, 0)
    came, left, settled = dict.fromkeys(first), set(goals), set()
    buckets[0] = list(first)
    for so_far, bucket in enumerate(buckets):
        for pair in bucket:  # it does not grow: every step costs at least one
            if pair in settled:
                continue
            settled.add(pair)
            left.discard(pair)
            for there, price in _steps(space, *pair):
                total = so_far + price
                if total < cost.get(there, most):
                    cost[there], came[there] = total, pair
                    buckets[total].append(there)
        if not left:
            break
    return {pair: before for pair, before in came.items() if pair in settled}


def _steps(space, key, down):
    for _, there, vain in space.priced(key, down):
        yield space.canonical_pair(there, down), 1 + vain


def _events(space, came, pair, end):
    """The events of the cheapest way to a pair, with the nodes renamed so that it ends in `end`."""
    way = []
    while pair is not None:
        way.append(pair)
        pair = came[pair]
    *rest, (key, down) = way
    keys, events = [key], []
    for following in reversed(rest):
        choices = [(vain, there) for _, there, vain in space.priced(keys[-1], down)
                   if space.canonical_pair(there, down) == following]  # fmt: skip
        keys.append(min(choices)[1])
    down, path = _down(space, end), space.renamed(keys, end)
    for here, there in zip(path, path[1:]):
        steps = [step for step in space.priced(here, down) if step[1] == there]
        events.append(min(steps, key=lambda step: step[2])[0])
    return events
