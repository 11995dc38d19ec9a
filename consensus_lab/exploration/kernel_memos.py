"""What the compiled kernel asks for: each function of `kernel.c`, by its number, answered from a space.

An answer is a list of ints, the rows that the kernel keeps.
"""

from functools import partial

from consensus_lab.exploration.symmetry import Quotient

MOST_MOVED = 16  # interchangeable nodes whose order fits into a word, 4 bits each


class Memos:
    """The functions of a space, in the order of their numbers.

    Attributes
    ----------
    tables, vital, moved, renamings : int
        How many functions there are of a kind, or what they are multiples of; `begin` of the kernel wants to know.
    """

    def __init__(self, space):
        self.space, nodes = space, space.system.nodes
        symmetric = isinstance(space, Quotient)
        self.moved = space._moved if symmetric else []
        self.renamings = len(space._images) if symmetric else 0
        self.tables, self.vital = len(space.tables), len(nodes) if space.alive else 0
        self.functions = [partial(self._events, table) for table in range(self.tables)]
        self.functions += [partial(self._vital, i) for i in range(self.vital)]
        self.functions += [partial(self._decides, i) for i in nodes]
        self.functions += [partial(self._idle, i) for i in nodes]
        self.functions += [partial(self._rank, place) for place in range(len(self.moved))]
        self.functions += [
            partial(self._image, images[i]) for images in (space._images if symmetric else ()) for i in nodes
        ]
        self.functions += [self._sort, self._renumber]

    def masks(self):
        """The masks of the tables, of the inboxes, of the local states and of the budgets."""
        space = self.space
        return [*(mask for mask, _ in space.tables), *space.inboxes, *space.states, space.budgets]

    def _events(self, table, inbox):
        memo = self.space.tables[table][1]
        pairs = memo[inbox] if inbox in memo else memo.function(inbox)  # the kernel keeps it: once is enough
        return [bits for pair in pairs for bits in pair]

    def _vital(self, i, state):
        return [self.space.vital[i][state]]

    def _decides(self, i, state):
        return [self.space._decides[i][state]]

    def _idle(self, i, inbox):
        return [int(self.space._idle[i][inbox])]

    def _rank(self, place, inbox):
        return [self.space._ranks[place][1][inbox]]

    def _image(self, memo, inbox):
        return [memo[inbox]]

    def _sort(self, pattern):
        ranks = tuple(pattern >> 4 * place & 15 for place in range(len(self.moved)))
        in_order, others = self.space._sorting[ranks]
        numbers = {id(images): number for number, images in enumerate(self.space._images)}
        return [int(in_order), *(numbers[id(images)] for images in others)]

    def _renumber(self, question):
        bit, number = question & 0xFFFFFFFF, question >> 32
        return [self.space.renumbered(1 << bit, number).bit_length() - 1]
