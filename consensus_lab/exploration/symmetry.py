"""Interchangeable nodes: configurations that differ only in which of them is which are taken for one.

Whether two nodes are interchangeable is not asked of the author, nor guessed from the numbers in their states.
Exchange the two, and follow the closure of the system from the start: the reaction of each node has to be that of
the node in its place, with the receivers exchanged. This says what becomes of every local state and every message. If
it never says two things of one, it is an automorphism of all that can ever happen, whatever the fields of the states
mean. (It is one to one, as an exchange undoes itself: what is said of a step is said the other way round of its
image, which is a step of the closure too.) Decisions, timers and proposals have to stay the same. Then the future of
a configuration and that of its image are the same too, but for who is who.

A search of one configuration for each orbit of such a group is the scalarset reduction of Ip and Dill, "Better
verification through symmetry" (1996), https://doi.org/10.1007/BF00625968.
"""

from functools import partial
from math import factorial, prod

from consensus_lab.exploration.closure import START
from consensus_lab.exploration.successors import Memo, Successors
from consensus_lab.model.values import same

LARGEST = 120  # permutations; where there are more, some nodes are left where they are


class Renaming:
    """A permutation of the nodes, and what becomes of each (node, local state) and (sender, receiver, message)."""

    def __init__(self, nodes, image):
        self.nodes, self.image = nodes, image

    def then(self, other):
        """The renaming that is this one and after it the other."""
        nodes = tuple(other.nodes[i] for i in self.nodes)
        return Renaming(nodes, {what: other.image[it] for what, it in self.image.items()})


def renamings(closure):
    """A group of renamings that exchange interchangeable nodes; the identity comes first."""
    system = closure.system
    swaps, alike = [], []  # alike: lists of interchangeable nodes
    for i in system.nodes:
        for others in alike:
            size = prod(factorial(len(nodes) + (nodes is others)) for nodes in alike)
            swap = _exchange(closure, others[0], i) if size <= LARGEST else None
            if swap:
                others.append(i)
                swaps.append(swap)
                break
        else:
            alike.append([i])
    group = [_identity(closure)]
    known = {group[0].nodes}
    for renaming in group:
        for product in map(renaming.then, swaps):
            if product.nodes not in known:
                known.add(product.nodes)
                group.append(product)
    return group


def _identity(closure):
    what = [(i, local) for i, known in enumerate(closure.locals) for local in known]
    what += [(sender, i, message) for i, known in enumerate(closure.mail) for sender, message in known]
    return Renaming(tuple(closure.system.nodes), dict(zip(what, what)))


def _exchange(closure, a, b):
    """The renaming that exchanges two nodes, or None where they are not interchangeable."""
    system = closure.system
    if system.classes[a] is not system.classes[b] or not same(system.proposals.get(a), system.proposals.get(b)):
        return None
    nodes = tuple({a: b, b: a}.get(i, i) for i in system.nodes)
    image = {}
    for i, local, cause, ways in closure.steps:
        j, there = (nodes[i], local) if cause == START else image[i, local]
        if cause[0] == "receive":
            sender, _, message = image[cause[1], i, cause[2]]
            cause = "receive", sender, message
        echo = system.reactions(j, there, cause)
        pairs = [pair for (_, mine), (_, other) in zip(ways, echo) for pair in _pairs(nodes, i, mine, j, other)]
        if len(ways) != len(echo) or not all(pair and image.setdefault(pair[0], pair[1]) == pair[1] for pair in pairs):
            return None
    return Renaming(nodes, image)


def _pairs(nodes, i, mine, j, other):
    """What is what, if the reaction `mine` of node i is to be `other` of node j; a None where it cannot be."""
    standing = [(local.timers, local.up) for local in (mine.local, other.local)]
    decided = same(mine.local.decisions, other.local.decisions)
    if (
        standing[0] != standing[1]
        or not decided
        or bool(mine.clock) != bool(other.clock)
        or len(mine.sent) != len(other.sent)
    ):
        yield None
    yield (i, mine.local), (j, other.local)
    sent = sorted(mine.sent, key=lambda pair: nodes[pair[0]])  # what goes to the same node stays in order
    for (to, message), (there, its_message) in zip(sent, sorted(other.sent, key=lambda pair: pair[0])):
        yield ((i, to, message), (j, there, its_message)) if nodes[to] == there else None


class Quotient(Successors):
    """The configurations of `system` as ints, one for each orbit of a group of renamings.

    That one is the least of those in which the interchangeable nodes stand in the order of their inboxes.
    """

    def __init__(self, system, alive, group):
        super().__init__(system, alive)
        self.plain = False
        self._nodes = [renaming.nodes for renaming in group]
        self._images = [[Memo(partial(self._image, renaming, i)) for i in system.nodes] for renaming in group]
        self._moved = [i for i in system.nodes if any(nodes[i] != i for nodes in self._nodes)]
        self._ranks = [(i, Memo(partial(self._rank, i))) for i in self._moved]
        self._orbits = {}  # (node, inbox) -> the number of its orbit
        self._sorting, self._sorting_pattern = Memo(self._sort), Memo(self._sort_pattern)

    def _image(self, renaming, i, inbox):
        """What becomes of the inbox of node `i`."""
        j, local = renaming.image[i, self.local(i, inbox)]
        bits = self.code(j, local)
        for item in self.items(i, inbox):
            if len(item) == 2:
                bits |= self.bit((j, item[1]), j)
            else:
                bits |= self.bit((*renaming.image[item[:3]], item[3]), j)
        return bits

    def _rank(self, i, inbox):
        """The same number for an inbox of node `i` and all its images."""
        if (i, inbox) not in self._orbits:
            orbit = [(nodes[i], images[i][inbox]) for nodes, images in zip(self._nodes, self._images)]
            self._orbits.update(dict.fromkeys(orbit, len(self._orbits)))
        return self._orbits[i, inbox]

    def _sort(self, ranks):
        distinct = sorted(set(ranks))
        return self._sorting_pattern[tuple(map(distinct.index, ranks))]

    def _sort_pattern(self, ranks):
        """(whether the nodes are in the order of their ranks, the other renamings that would put them so)."""

        def after(nodes):
            return [rank for _, rank in sorted((nodes[i], rank) for i, rank in zip(self._moved, ranks))]

        least = min(map(after, self._nodes))
        sorting = [images for nodes, images in zip(self._nodes, self._images) if after(nodes) == least]
        in_order = sorting[0] is self._images[0]
        return in_order, sorting[in_order:]

    def _apply(self, images, key):
        image = key & self.budgets
        for inbox, memo in zip(self.inboxes, images):
            image |= memo[key & inbox]
        return image

    def canonical(self, key):
        inboxes = self.inboxes
        in_order, others = self._sorting[tuple([rank[key & inboxes[i]] for i, rank in self._ranks])]
        if in_order and not others:
            return key
        images = [self._apply(images, key) for images in others]
        return min(key, *images) if in_order else min(images)

    def canonical_pair(self, key, nodes):
        in_order, others = self._sorting[tuple([rank[key & self.inboxes[i]] for i, rank in self._ranks])]
        pairs = [(key, nodes)] if in_order else []
        for images in others:
            renaming = next(to for to, its in zip(self._nodes, self._images) if its is images)
            pairs.append((self._apply(images, key), frozenset(renaming[i] for i in nodes)))
        return min(pairs, key=lambda pair: (pair[0], sorted(pair[1])))

    def orbit(self, key):
        return tuple(dict.fromkeys(self._apply(images, key) for images in self._images))

    def unfold(self, keys, last=None):
        run = [keys[0]]
        for key in keys[1:]:
            run.append(next(there for there in self.successors(run[-1]) if self.canonical(there) == key))
        return run if last is None else self.renamed(run, last)

    def renamed(self, keys, last):
        if last == keys[-1]:
            return keys
        images = next(images for images in self._images if self._apply(images, keys[-1]) == last)
        return [self._apply(images, key) for key in keys]
