"""The connections of a process to its peers: one for each direction, over TCP.

Whoever connects has to show the cluster's token in the first frame, which is short. Until then it is a stranger: it
has a moment's time, and there are never more than a few of them. Whatever else it sends ends that connection, and
nothing but that connection.
"""

import asyncio
import hmac
from collections import deque

from consensus_lab.cluster.frames import PEER, STRANGER, BadFrame, Frames, frame

PATIENCE = 2.0  # seconds that a stranger has to say who it is
STRANGERS = 32  # at a time; when one more comes, the first has to go
AGAIN = 0.05  # seconds between two attempts to reach a peer
MOST_WAITING = 64_000_000  # bytes that wait for one peer: if it is paused for long, later messages are lost


class Door:
    """Lets peers in. `hear(sender, data)` gets every frame of theirs."""

    def __init__(self, token, n, hear):
        self.token, self.n, self.hear = token, n, hear
        self.strangers = deque()

    def __call__(self):
        return _Visitor(self)


class _Visitor(asyncio.Protocol):
    def __init__(self, door):
        self._door, self._frames, self._sender = door, Frames(STRANGER), None

    def connection_made(self, transport):
        self._transport, door = transport, self._door
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, transport.abort)
        door.strangers.append(self)
        if len(door.strangers) > STRANGERS:
            door.strangers[0]._transport.abort()
            door.strangers.popleft()

    def data_received(self, data):
        try:
            for value in self._frames.feed(data):
                if self._sender is None:
                    self._sender = self._admitted(value)
                else:
                    self._door.hear(self._sender, value)
                if self._transport.is_closing():
                    break
        except BadFrame:
            self._transport.abort()

    def connection_lost(self, error):
        self._timer.cancel()
        self._no_stranger()

    def _admitted(self, hello):
        """The number of the peer that says hello so."""
        match hello:
            case {"token": str(token), "from": int(sender)} if sender in range(self._door.n):
                if hmac.compare_digest(token.encode(), self._door.token.encode()):
                    self._timer.cancel()
                    self._no_stranger()
                    self._frames.limit = PEER
                    return sender
        raise BadFrame("no hello of a peer")

    def _no_stranger(self):
        if self in self._door.strangers:
            self._door.strangers.remove(self)


class Link(asyncio.Protocol):
    """The way to one peer, at `address`: (host, port). What is sent before the peer has answered waits."""

    def __init__(self, address, token, me):
        self._address, self._hello = address, frame({"token": token, "from": me})
        self._transport, self._waiting = None, []
        self._task = asyncio.ensure_future(self._connect())

    def close(self):
        """Lose what has not left yet."""
        self._task.cancel()
        transport, self._transport = self._transport, None
        if transport:
            transport.abort()

    def send(self, frame):
        """Send the bytes of a frame; False if too many wait already."""
        waiting = self._transport.get_write_buffer_size() if self._transport else sum(map(len, self._waiting))
        if waiting + len(frame) > MOST_WAITING:
            return False
        if self._transport:
            self._transport.write(frame)
        else:
            self._waiting.append(frame)
        return True

    async def _connect(self):
        while True:
            try:
                await asyncio.get_running_loop().create_connection(lambda: self, *self._address)
                return
            except OSError:
                await asyncio.sleep(AGAIN)

    async def _connect_again(self):
        await asyncio.sleep(AGAIN)
        await self._connect()

    def connection_made(self, transport):
        self._transport = transport
        transport.write(b"".join([self._hello, *self._waiting]))
        self._waiting.clear()

    def connection_lost(self, error):
        if self._transport:  # the peer has ended it, and nobody has told that it is dead
            self._transport = None
            self._task = asyncio.ensure_future(self._connect_again())
