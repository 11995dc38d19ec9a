"""What a search has visited, in Python's memory or in that of the compiled kernel, and walks over all of it.

The two answer alike.
"""

from collections.abc import Mapping
from itertools import islice

from consensus_lab.exploration.compiled import FULL, MORE, STEP, MemoryFull

MOST_VALUES = 31  # as many as have a bit beside another one in 32


class Walks:
    """Walks over what a search in Python has found.

    Parameters
    ----------
    space : Successors
        What a key means.
    parents : mapping of int to int
        Every configuration found, in order of its distance, with the one that it was first reached from.
    expanded : int
        How many of these, the first ones, have all their successors among them.

    Attributes
    ----------
    engine : str
        "python" or "compiled".
    """

    engine = "python"

    def __init__(self, space, parents, expanded):
        self._space, self._parents, self._expanded = space, parents, expanded

    def quiet(self):
        """Those, of the expanded ones, in which nothing can happen but faults."""
        return filter(self._space.quiet, islice(self._parents, self._expanded))

    def distinct(self, mask):
        """At least the first of all that have the same bits under a mask."""
        return iter(self._parents)

    def depth(self, number):
        """How many events lead to a configuration."""
        key, depth = next(islice(self._parents, number, None)), 0
        while (key := self._parents[key]) is not None:
            depth += 1
        return depth

    def reach(self):
        """{key: a bit that says whether the bound is still ahead, and above it those of the values that are}."""
        space = self._space
        reach = {key: space.decided(key) << 1 for key in self._parents}
        before = {key: [] for key in reach}
        for number, key in enumerate(reach):
            if number >= self._expanded:
                reach[key] |= 1
            else:
                for there in space.successors(key):
                    before[there if there in before else space.canonical(there)].append(key)
        work = [key for key, bits in reach.items() if bits]
        while work:
            there = work.pop()
            bits = reach[there]
            for key in before[there]:
                if bits & ~reach[key]:
                    reach[key] |= bits
                    work.append(key)
        return reach


class Visited(Mapping):
    """What a kernel has found, as a mapping of a key to the key that it was first reached from, with its walks."""

    engine = "compiled"

    def __init__(self, kernel):
        self._kernel = kernel

    def __len__(self):
        return len(self._kernel)

    def __iter__(self):
        return (key for _, key in self._kernel.read(0, len(self)))

    def __contains__(self, key):
        return key is not None and self._kernel.find(key) is not None

    def __getitem__(self, key):
        number = self._kernel.find(key)
        if number is None:
            raise KeyError(key)
        parent, _ = self._kernel.record(number)
        return None if parent is None else self._kernel.record(parent)[1]

    def items(self):  # pyright: ignore[reportIncompatibleMethodOverride]  # one pass over the kernel's memory, no view
        keys = []
        for parent, key in self._kernel.read(0, len(self)):
            keys.append(key)
            yield key, None if parent is None else keys[parent]

    @property
    def memory(self):
        """How many bytes the kernel has taken."""
        return self._kernel.call("pages") << 16

    # -- walks, as those of Walks ---------------------------------------------------------------------------

    def quiet(self):
        """Those, of the expanded ones, in which nothing can happen but faults."""
        return self._walk("next_quiet")

    def distinct(self, mask):
        """The first of all that have the same bits under a mask."""
        self._kernel.select(mask)
        return self._walk("next_distinct")

    def depth(self, number):
        """How many events lead to a configuration."""
        return self._kernel.call("depth", number)

    def reach(self):
        """What Walks.reach says, as a mapping that stays in the kernel."""
        kernel = self._kernel
        self._finish("seed_reach")
        if len(kernel.space.values) > MOST_VALUES:
            return Walks(kernel.space, self, kernel.expanded).reach()
        kernel.call("begin_spread")
        self._finish("spread_reach", STEP)
        while kernel.call("begin_spread"):
            self._finish("spread_reach", STEP)
        return _Reach(self, kernel)

    def _walk(self, name):
        self._kernel.call("rewind")
        return iter(list(self._kernel.walk(name)))  # at once: another walk may begin between two keys

    def _finish(self, name, *numbers):
        while (status := self._kernel.ask(name, *numbers)) == MORE:
            pass
        if status == FULL:
            raise MemoryFull


class _Reach(Mapping):
    """The reach of every configuration, in the memory of the kernel."""

    def __init__(self, visited, kernel):
        self._visited, self._kernel = visited, kernel

    def __len__(self):
        return len(self._visited)

    def __iter__(self):
        return iter(self._visited)

    def __contains__(self, key):
        return key in self._visited

    def __getitem__(self, key):
        number = self._kernel.find(key)
        if number is None:
            raise KeyError(key)
        return next(self._kernel.reached(number, number + 1))

    def items(self):  # pyright: ignore[reportIncompatibleMethodOverride]  # one pass over the kernel's memory, no view
        return zip(self._visited, self._kernel.reached(0, len(self)))
