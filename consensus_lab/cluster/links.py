"""The connections of a process to its peers: one for each direction, over TCP.

Before anything else both sides prove that they know the cluster's token; see `consensus_lab.cluster.handshake`. Until
then the other is a stranger: it is sent no message and heard by nobody, its frames are short, who connects has a
moment's time, and there are never more than a few of them. Whatever else a stranger sends ends that connection, and
nothing but that connection.
"""

import asyncio
from collections import deque
from typing import Any

from consensus_lab.cluster.frames import PEER, STRANGER, BadFrame, Frames, frame
from consensus_lab.cluster.handshake import CALLER, LISTENER, Call, new_challenge

PATIENCE = 2.0  # seconds that a stranger has to prove who it is
STRANGERS = 32  # at a time; when one more comes, the first has to go
AGAIN = 0.05  # seconds between two attempts to reach a peer
MOST_WAITING = 64_000_000  # bytes that wait for one peer: if it is paused for long, later messages are lost


class Door:
    """Lets peers in.

    Parameters
    ----------
    token : str
        What the processes of the cluster have in common, and nobody else knows.
    number : int
        Which node's door it is.
    n : int
        How many nodes there are.
    hear : function of (sender, data)
        Gets every frame of theirs.
    """

    def __init__(self, token, number, n, hear):
        self.token, self.number, self.n, self.hear = token, number, n, hear
        self.strangers = deque()

    def __call__(self):
        return _Visitor(self)


class _Visitor(asyncio.Protocol):
    def __init__(self, door):
        self._door, self._frames = door, Frames(STRANGER)
        self._sender: int | None = None
        self._call: Any = None

    def connection_made(self, transport: Any):
        self._transport, door = transport, self._door
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, transport.abort)
        door.strangers.append(self)
        if len(door.strangers) > STRANGERS:
            door.strangers[0]._transport.abort()
            door.strangers.popleft()

    def data_received(self, data):
        try:
            for value in self._frames.feed(data):
                if self._sender is not None:
                    self._door.hear(self._sender, value)
                elif self._call:
                    self._admit(value)
                else:
                    self._answer(value)
                if self._transport.is_closing():
                    break
        except BadFrame:
            self._transport.abort()

    def connection_lost(self, exc):
        self._timer.cancel()
        self._no_stranger()

    def _answer(self, hello):
        """Whoever it is, prove to it that this is the node that it wants."""
        match hello:
            case {"from": int(sender), "challenge": str(theirs)} if sender in range(self._door.n):
                port = self._transport.get_extra_info("sockname")[1]
                self._call = Call(sender, self._door.number, port)
                self._challenges = theirs, new_challenge()
                code = self._call.proof(self._door.token, LISTENER, *self._challenges)
                self._transport.write(frame({"challenge": self._challenges[1], "proof": code}))
            case _:
                raise BadFrame("no hello of a peer")

    def _admit(self, answer):
        """It is the peer, if this proves so."""
        code = answer.get("proof") if isinstance(answer, dict) else None
        if not self._call.proves(code, self._door.token, CALLER, *self._challenges):
            raise BadFrame("no proof of a peer")
        self._timer.cancel()
        self._no_stranger()
        self._frames.limit = PEER
        self._sender = self._call.caller

    def _no_stranger(self):
        if self in self._door.strangers:
            self._door.strangers.remove(self)


class Link(asyncio.Protocol):
    """The way to one peer. What is sent before the peer has proved that it is one waits.

    Parameters
    ----------
    address : (str, int)
        Host and port.
    token : str
        What the processes of the cluster have in common, and nobody else knows.
    me, peer : int
        The numbers of this node and of that one.
    """

    def __init__(self, address, token, me, peer):
        self._address, self._token, self._call = address, token, Call(me, peer, address[1])
        self._transport: Any = None
        self._proved, self._closed, self._waiting = False, False, bytearray()
        self._task = asyncio.ensure_future(self._connect())

    def close(self):
        """Lose what has not left yet."""
        self._closed = True
        self._task.cancel()
        if self._transport:
            self._transport.abort()

    def send(self, frame):
        """Send the bytes of a frame; False if too many wait already."""
        waiting = self._transport.get_write_buffer_size() if self._proved else len(self._waiting)
        if waiting + len(frame) > MOST_WAITING:
            return False
        if self._proved:
            self._transport.write(frame)
        else:
            self._waiting += frame
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

    def connection_made(self, transport: Any):
        if self._closed:
            return transport.abort()
        self._transport, self._frames, self._challenge = transport, Frames(STRANGER), new_challenge()
        transport.write(frame({"from": self._call.caller, "challenge": self._challenge}))

    def data_received(self, data):
        try:
            for answer in self._frames.feed(data):
                self._prove(answer)
        except BadFrame:
            self._transport.abort()

    def _prove(self, answer):
        """Prove to the peer who this is, if it has proved that it is the peer; then all that waits may go."""
        match answer:
            case {"challenge": str(theirs), "proof": str(code)} if not self._proved:
                challenges = self._challenge, theirs
                if self._call.proves(code, self._token, LISTENER, *challenges):
                    proof = frame({"proof": self._call.proof(self._token, CALLER, *challenges)})
                    self._transport.write(proof + self._waiting)
                    self._waiting.clear()
                    self._proved = True
                    return
        raise BadFrame("no answer of the peer")

    def connection_lost(self, exc):
        self._transport, self._proved = None, False
        if not self._closed:  # the other side has ended it, and nobody has told that the peer is dead
            self._task = asyncio.ensure_future(self._connect_again())
