"""The search of every schedule by a compiled kernel: the same graph as that of `breadth_first`, several times faster.

What it is. `kernel.c` is the loop of the search, in C, compiled to WebAssembly, so that one small file runs in
wasmtime and in a browser. It knows keys, masks and lists of rows, and no protocol. Whatever a handler does, what is
vital, which nodes are interchangeable: it asks Python, once for each inbox (less than one question in a hundred
configurations), and is answered from the same `Successors` or `Quotient` that the Python search uses.

What it proves is what that search proves: every configuration was visited, nearest first, where the graph says
`complete`. The counts, lengths, violations, valencies and stuck runs are the same, and `tests/exploration/
test_engines.py` holds both engines to that on the book's protocols and on random ones. Of configurations at the same
distance another may come first, so a bound may leave out others. Two configurations are one only when all bits of
their keys are equal; no hash is trusted.

What it is not. It is no faster where handlers take the time, or where a search ends within some thousand
configurations. Its memory ends at 4 GiB, about 100 million configurations of 128 bits, and the search then ends as at
any bound. It keeps no edges: whoever asks what comes next has it worked out again.
"""

from struct import Struct

from consensus_lab.exploration.kernel_memos import MOST_MOVED, Memos
from consensus_lab.exploration.wasm_host import Unavailable, new_host
from consensus_lab.model.errors import ProtocolError

DONE, MISSES, BOUND, FULL, MORE = range(5)
STEP = 20_000  # configurations that are expanded between two chances to interrupt
EXCHANGE = 1 << 18  # bytes handed over at once, at first
PAGES = 65_535  # of 64 KiB: as much memory as there are addresses for
NOWHERE = 0xFFFFFFFF  # the number of no configuration
NUMBER = Struct("<Q")


class MemoryFull(ProtocolError):
    """The memory of the kernel is used up."""

    def __init__(self):
        super().__init__('the memory of the compiled engine is full; engine="python" has no such bound')


class Kernel:
    """The compiled kernel with one search in it.

    Parameters
    ----------
    space : Successors
        What a key means, and what comes next of it.

    Raises
    ------
    Unavailable
        Where it cannot run; see `wasm_host`.
    """

    def __init__(self, space):
        self.space, self._host, self._memos = space, new_host(), Memos(space)
        self._width, self._bits = max(1, -(-space.size // 64)), -1
        counts = self._memos
        if len(counts.moved) > MOST_MOVED:
            raise Unavailable(f"{len(counts.moved)} interchangeable nodes; the compiled engine takes {MOST_MOVED}")
        numbers = space.system.n, counts.tables, counts.vital, len(counts.moved), counts.renamings, space.network.keeps
        self._must("begin", self._width, *map(int, numbers), PAGES)
        for place, node in enumerate(counts.moved):
            self.call("set_moved", place, node)
        self._exchange = self._size = 0
        self._make_room(max(EXCHANGE, 16 * self._width + 16))
        self._hand_over_masks()

    def call(self, name, *numbers):
        """Call a function of the kernel."""
        return self._host.call(name, *numbers)

    def __len__(self):
        return self.call("count")

    @property
    def expanded(self):
        """How many configurations, the first ones, have all their successors in the graph."""
        return self.call("expanded_count")

    def load(self, parents, expanded, most):
        """Begin where a search in Python has come to; there may be `most` configurations in all."""
        step, numbers, content = self._size // (8 * self._width + 8), {None: NOWHERE}, []
        for number, (key, parent) in enumerate(parents.items()):
            numbers[key] = number
            content.append(NUMBER.pack(numbers[parent]) + self._bytes(key))
            if len(content) == step or number == len(parents) - 1:
                self._host.write(self._exchange, b"".join(content))
                self._must("load", len(content), expanded, min(most, NOWHERE - 1))
                content.clear()

    def ask(self, name, *numbers):
        """Call a function of the kernel, and again with what it misses; anything but MISSES is returned."""
        while (status := self.call(name, *numbers)) == MISSES:
            self._answer()
        return status

    def walk(self, name):
        """Go on with a walk of the kernel; the keys that it finds."""
        status, each = MORE, 8 * self._width
        while status == MORE:
            status = self.ask(name)
            if status == FULL:
                raise MemoryFull
            (count,) = NUMBER.unpack(self._host.read(self._exchange, 8))
            content = bytes(self._host.read(self._exchange + 8, each * count))
            for at in range(0, len(content), each):
                yield int.from_bytes(content[at : at + each], "little")

    def reached(self, first, last):
        """What `seed_reach` and `spread_reach` have found of the configurations from one number to another."""
        step = self._size // 8
        for low in range(first, last, step):
            count = min(step, last - low)
            self.call("read_reach", low, count)
            yield from [number for (number,) in NUMBER.iter_unpack(self._host.read(self._exchange, 8 * count))]

    def find(self, key):
        """The number of a configuration, or None."""
        if key >> 64 * self._width:
            return None
        self._host.write(self._exchange, self._bytes(key))
        number = self.call("number_of")
        return None if number == NOWHERE else number

    def read(self, first, last):
        """The keys of the configurations from one number to another, each after the number of its parent."""
        each = 8 * self._width + 8
        step = self._size // each
        for low in range(first, last, step):
            count = min(step, last - low)
            self.call("read", low, count)
            content = bytes(self._host.read(self._exchange, each * count))
            for at in range(0, len(content), each):
                parent = NUMBER.unpack_from(content, at)[0]
                yield (None if parent == NOWHERE else parent), int.from_bytes(content[at + 8 : at + each], "little")

    def record(self, number):
        """The number of a configuration's parent, or None, and its key."""
        ((parent, key),) = self.read(number, number + 1)
        return parent, key

    def select(self, bits):
        """Of which bits `next_distinct` is to look at."""
        bits &= (1 << 64 * self._width) - 1
        self._host.write(self.call("masks_at") + 8 * self._width * len(self._memos.masks()), self._bytes(bits))

    # -- answers --------------------------------------------------------------------------------------------

    def _answer(self):
        """Answer all that the kernel has missed."""
        try:
            answers = [self._memos.functions[function](part) for function, part in self._missed()]
        except BaseException:  # of a handler, or an interruption
            self.call("drop_misses")
            raise
        grown = self.space.size != self._bits
        if grown:
            self._hand_over_masks()
        content, total, each = [], 0, 8 * self._width
        for rows in answers:
            size = 8 + each * len(rows)
            if total + size > self._size:
                self._send(content)
                content, total = [], 0
                self._make_room(size)
            total += size
            content.append(NUMBER.pack(len(rows)) + b"".join([bits.to_bytes(each, "little") for bits in rows]))
        self._send(content)
        if grown:
            self.call("forget_vital")

    def _missed(self):
        count, each = self.call("ask"), 8 * self._width + 8
        content = bytes(self._host.read(self._exchange, each * count))
        for at in range(0, len(content), each):
            yield NUMBER.unpack_from(content, at)[0], int.from_bytes(content[at + 8 : at + each], "little")

    def _send(self, content):
        self._host.write(self._exchange, b"".join(content))
        self._must("answer", len(content))

    def _hand_over_masks(self):
        """Tell the kernel of the bits that were handed out, with wider keys where they need them."""
        space = self.space
        if space.size > 64 * self._width:
            width = -(-space.size // 64)
            self._must("widen", width)
            self._width = width
        self._host.write(self.call("masks_at"), b"".join(map(self._bytes, self._memos.masks())))
        if not space.network.keeps:
            self._host.write(self.call("lines_at"), b"".join(map(self._bytes, space._lines)))
            places = bytearray(8 * space.size)
            for bit, (line, number) in space._places.items():
                NUMBER.pack_into(places, 8 * (bit.bit_length() - 1), number << 32 | line)
            self._host.write(self.call("places_at"), bytes(places))
        self._bits = space.size

    def _make_room(self, size):
        if size > self._size:
            self._exchange, self._size = self.call("exchange_at", size), size
            if not self._exchange:
                raise MemoryFull

    def _must(self, name, *numbers):
        if self.call(name, *numbers) == FULL:
            raise MemoryFull

    def _bytes(self, bits):
        return bits.to_bytes(8 * self._width, "little")
