"""One node as a process of its own: `python -m consensus_lab.cluster.process`, as `Cluster` starts it.

It takes orders from its standard input and reports on its standard output, in frames. When the input ends, so does the
process: nobody is left who could want it.
"""

import asyncio
import os
import select
import socket
import sys
import threading
import time
from typing import Any

from consensus_lab.cluster.code import Messages, from_spec
from consensus_lab.cluster.frames import PEER, Frames, frame
from consensus_lab.cluster.host import Host
from consensus_lab.cluster.links import Door, Link
from consensus_lab.cluster.store import Store
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.json_values import read_value

GRACE = 1.0  # seconds in which a process whose input has ended ends by itself


class Process(asyncio.Protocol):
    """The node's process. The first order is its configuration; each later one is answered under its number."""

    def __init__(self, loop, reports):
        self._loop, self._reports = loop, reports
        self._host: Any = None
        self._orders, self._links, self._reach = Frames(PEER), {}, frozenset()
        self._configured = False

    # -- orders ---------------------------------------------------------------------------------------------

    def data_received(self, data):
        for order in self._orders.feed(data):
            if self._configured:
                self._obey(**order)
            else:
                self._configured = True
                self._open_task = self._loop.create_task(self._open(**order))
                self._open_task.add_done_callback(lambda task: task.result())

    def connection_lost(self, exc):
        self._loop.stop()

    async def _open(self, number, spec, path, owner, least, host, token, tick):
        classes = from_spec(spec)
        messages = self._messages = Messages(classes)
        store = Store(path, lambda data: read_value(data, messages), owner, least)
        self._number, self._token = number, token
        door = Door(token, number, len(classes), self._hear)
        listening = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._server = await self._loop.create_server(door, sock=listening, start_serving=False)
        self._host = Host(number, classes, messages, store, tick, self._loop, self._send, self._report)
        self._report("address", listening.getsockname()[:2])

    def _obey(self, number, do, **details):
        if do == "world":
            self._world(**details)
            self._report("done", number)
        elif do == "begin":
            self._host.begin()
            serving = self._loop.create_task(self._server.start_serving())
            serving.add_done_callback(lambda _: self._report("done", number))
        elif do == "propose":
            serial = self._host.propose(read_value(details["value"], self._messages))
            self._host.after_saving(lambda: self._report("done", number, serial))
        elif do == "state":
            state = self._host.state(details["names"])
            self._host.after_saving(lambda: self._report("done", number, state))

    def _world(self, addresses, reach):
        """Where the living peers are, and with which of all nodes this one is in touch."""
        self._reach = frozenset(reach)
        for peer, address in enumerate(addresses):
            old, new = self._links.get(peer), address and tuple(address)
            if peer == self._number or (old and old[0] == new):
                continue
            if old:
                self._links.pop(peer)[1].close()
            if new:
                self._links[peer] = new, Link(new, self._token, self._number, peer)

    # -- the node's way out and in --------------------------------------------------------------------------

    def _send(self, to, data):
        return to in self._links and to in self._reach and self._links[to][1].send(data)

    def _hear(self, sender, data):
        if sender in self._reach:
            self._host.hear(sender, data)

    def _report(self, *what):
        self._reports.write(frame(list(what)))
        self._reports.flush()


def end_with_parent():
    """End soon after the input has, also while a handler does not end. A stopped process is ended by the system."""
    watched = select.poll()
    watched.register(0, 0)  # only its end is waited for, not what comes
    watched.poll()
    time.sleep(GRACE)
    os._exit(1)


def main():
    """Run until the orders end, or a handler of the node breaks a rule."""
    reports = open(os.dup(1), "wb")
    os.dup2(2, 1)  # what a handler prints is no report
    threading.Thread(target=end_with_parent, daemon=True).start()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    def fail(loop, context):
        loop.stop()
        loop.default_exception_handler(context)
        error = context.get("exception")
        text = str(error) if isinstance(error, ProtocolError) else f"{type(error).__name__}: {error}"
        reports.write(frame(["failed", text if error else context["message"]]))
        reports.flush()

    loop.set_exception_handler(fail)
    loop.run_until_complete(loop.connect_read_pipe(lambda: Process(loop, reports), sys.stdin.buffer))
    loop.run_forever()
    os._exit(0)  # nothing is left to save


if __name__ == "__main__":
    main()
