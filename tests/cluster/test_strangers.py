"""What a stranger, or a peer that has lost its mind, sends to a process: it never takes the node down."""

import asyncio
import json
import random
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import ProtocolError
from consensus_lab.cluster import Cluster
from consensus_lab.cluster.code import Messages
from consensus_lab.cluster.frames import PEER, STRANGER, BadFrame, Frames, frame
from consensus_lab.cluster.handshake import CALLER, LISTENER, Call
from consensus_lab.cluster.host import Host
from consensus_lab.cluster.links import Door, Link
from consensus_lab.protocols import Synod
from tests.cluster.nodes import Touchy
from tests.cluster.test_cluster import SOON, until, value_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.lists(VALUES, max_size=5), st.randoms(use_true_random=False))
def test_frames_come_out_as_they_went_in_however_the_stream_is_cut(values, rng):
    stream, frames, found = b"".join(map(frame, values)), Frames(PEER), []
    while stream:
        size = rng.randint(1, len(stream))
        found += frames.feed(stream[:size])
        stream = stream[size:]
    assert found == values


@given(st.lists(st.binary(max_size=50), max_size=10))
def test_any_other_bytes_are_a_bad_frame_or_wait_for_more(chunks):
    frames = Frames(STRANGER)
    try:
        for chunk in chunks:
            list(frames.feed(chunk))
    except BadFrame:
        pass


def test_a_frame_that_is_too_long_is_refused_by_its_header_alone():
    with pytest.raises(BadFrame, match="the limit is 1,000"):
        list(Frames(STRANGER).feed((STRANGER + 1).to_bytes(4, "big")))


def test_a_frame_that_is_nested_too_deeply_is_refused():
    body = b"[" * 100_000
    with pytest.raises(BadFrame):
        list(Frames(PEER).feed(len(body).to_bytes(4, "big") + body))


class Sink:
    """Stands for a store, a loop, and the ways out of a host."""

    fresh, fields = True, {}

    def last(self):
        return 0, None

    def save(self, events, fields):
        pass

    def call_soon(self, call):
        pass

    call_later = call_soon


@settings(max_examples=300)
@given(VALUES | st.tuples(st.lists(st.integers() | st.text(), max_size=4), st.lists(VALUES, max_size=4)).map(list))
def test_a_peer_that_sends_no_message_of_these_nodes_is_not_heard(data):
    sink = Sink()
    host = Host(0, [Synod] * 3, Messages([Synod]), sink, 1.0, sink, None, None)
    host.begin()
    host.hear(1, data)
    assert host.state(["promised"]) == {"promised": {"tuple": [0, 0]}}


def test_a_message_class_that_the_nodes_do_not_know_is_not_heard():
    sink = Sink()
    host = Host(0, [Synod] * 3, Messages([Synod]), sink, 1.0, sink, lambda *_: None, None)
    host.begin()
    for letter in (["Put", "x", 1], ["Message"], ["Prepare"], ["Prepare", 1, 2], ["System", 1]):
        host.hear(1, [[0, 0, 0], letter])
    assert host.state(["promised"]) == {"promised": {"tuple": [0, 0]}}
    host.hear(1, [[0, 1, 0], ["Prepare", {"tuple": [1, 1]}]])
    assert host.state(["promised"]) == {"promised": {"tuple": [1, 1]}}


# -- real sockets -----------------------------------------------------------------------------------------------


def connected(cluster, node):
    return socket.create_connection(cluster.addresses[node], timeout=SOON)


def next_frame(connection):
    """The value of the frame that comes next."""
    frames = Frames(PEER)
    while True:
        for value in frames.feed(connection.recv(1)):
            return value


def is_closed(connection):
    """True once the other side has closed it."""
    connection.settimeout(SOON)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def rude(rng):
    """Bytes that a stranger may send."""
    hello = {"challenge": "0" * 32, "from": rng.randrange(-1, 4)}
    body = json.dumps(hello).encode()
    return rng.choice([
        rng.randbytes(rng.randrange(1, 2000)),
        frame(hello),
        frame(hello) + frame([[0, 0, 0], ["Decided", "evil"]]),
        frame(hello) + frame({"proof": "0" * 64}) + frame([[0, 0, 0], ["Decided", "evil"]]),
        frame(hello) * 2,
        (2**32 - 1).to_bytes(4, "big") + b"x" * 100,
        (STRANGER + 1).to_bytes(4, "big") + b"x" * (STRANGER + 1),
        len(body).to_bytes(4, "big") + body[: rng.randrange(len(body))],
        frame(rng.choice([None, [], {}, 1, "token", {"challenge": 1, "from": 0}, {"proof": None}, {"from": 1}])),
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x00\x00\x00",
        b"\x00",
    ])  # fmt: skip


def test_no_stranger_takes_a_node_down_or_is_heard():
    rng = random.Random(7)
    with Cluster(Synod, n=3) as cluster:
        before = cluster.processes
        half_open = []
        for _ in range(300):
            connection = connected(cluster, rng.randrange(3))
            try:
                connection.sendall(rude(rng))
            except ConnectionError:
                pass  # it has been thrown out already
            if rng.random() < 0.5:
                half_open.append(connection)
            else:
                connection.close()
        cluster.propose(0, "red")
        assert [value_of(cluster, node) for node in range(3)] == ["red"] * 3
        assert cluster.processes == before
        for connection in half_open:
            connection.close()


def test_whoever_says_nothing_is_shown_out():
    with Cluster(Synod, n=1) as cluster:
        with connected(cluster, 0) as connection:
            began = time.monotonic()
            assert is_closed(connection)
            assert time.monotonic() - began > 0.5


def test_a_crowd_of_strangers_does_not_keep_a_peer_out():
    with Cluster(Synod, n=3) as cluster:
        cluster.kill(1)
        crowd = [connected(cluster, 0) for _ in range(200)]
        cluster.restart(1)
        cluster.kill(2)
        cluster.propose(1, "red")
        assert value_of(cluster, 1) == "red"
        for connection in crowd:
            connection.close()


def test_whoever_has_the_token_is_heard():
    with Cluster(Synod, n=3) as cluster:
        token, call = cluster._supervisor._token, Call(caller=1, listener=0, port=cluster.addresses[0][1])
        with connected(cluster, 0) as connection:
            connection.sendall(frame({"from": 1, "challenge": "mine"}))
            answer = next_frame(connection)
            assert call.proves(answer["proof"], token, LISTENER, "mine", answer["challenge"])
            connection.sendall(frame({"proof": call.proof(token, CALLER, "mine", answer["challenge"])}))
            connection.sendall(frame([[0, 0, 0], ["Decided", "by hand"]]))
            assert until(lambda: cluster.decisions.get(0)) == "by hand"


@pytest.mark.parametrize("change", [
    {"caller": 2}, {"listener": 2}, {"port": 1}, {"role": LISTENER}, {"token": "0" * 32}, {"challenge": "old"},
    {"send": 7}, {"send": None}, {"send": "\ud800"}, {"send": ""},
], ids=str)  # fmt: skip
def test_a_proof_of_something_else_opens_no_door(change):
    with Cluster(Synod, n=3) as cluster:
        known = {"caller": 1, "listener": 0, "port": cluster.addresses[0][1], "token": cluster._supervisor._token,
                 "role": CALLER, "challenge": "mine", **change}  # fmt: skip
        with connected(cluster, 0) as connection:
            connection.sendall(frame({"from": 1, "challenge": "mine"}))
            call = Call(known["caller"], known["listener"], known["port"])
            theirs = next_frame(connection)["challenge"]
            proof = known.get("send", call.proof(known["token"], known["role"], known["challenge"], theirs))
            body = json.dumps({"proof": proof}).encode()
            connection.sendall(len(body).to_bytes(4, "big") + body)
            with suppress(ConnectionError):  # it may have been shown out by now
                connection.sendall(frame([[0, 0, 0], ["Decided", "evil"]]))
            assert is_closed(connection)
        assert cluster.state(0)["decided"] is None


class Stranger(threading.Thread):
    """Listens at a port and writes down all that it hears. `reply(connection, heard)` may answer each piece."""

    def __init__(self, port, reply):
        super().__init__(daemon=True)
        self.heard, self.calls, self._reply = bytearray(), 0, reply
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self.start()

    def run(self):
        with suppress(OSError):  # the end
            while True:
                connection, _ = self._socket.accept()
                self.calls += 1
                threading.Thread(target=self._listen, args=[connection], daemon=True).start()

    def _listen(self, connection):
        with connection, suppress(OSError):
            while data := connection.recv(65536):
                self.heard += data
                self._reply(connection, data)

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def says_nothing(cluster):
    return lambda connection, data: None


def says_it_back(cluster):
    return lambda connection, data: connection.sendall(data)


def says_that_it_is_the_node(cluster):
    def reply(connection, data):
        connection.sendall(frame({"challenge": "0" * 32, "proof": "0" * 64}))
        connection.sendall(frame([[0, 0, 0], ["Decided", "evil"]]))

    return reply


def passes_it_on_to_a_node_that_lives(cluster):
    return passing_on(cluster.addresses[2])


def passing_on(address):
    """A reply that another listener gives, in both directions."""
    further = {}

    def reply(connection, data):
        if connection not in further:
            further[connection] = socket.create_connection(address)
            threading.Thread(target=back, args=[connection, further[connection]], daemon=True).start()
        further[connection].sendall(data)

    def back(connection, other):
        with other, suppress(OSError):
            while data := other.recv(65536):
                connection.sendall(data)

    return reply


@pytest.mark.parametrize(
    "kind", [says_nothing, says_it_back, says_that_it_is_the_node, passes_it_on_to_a_node_that_lives]
)
def test_a_stranger_where_a_node_has_been_learns_nothing_and_decides_nothing(kind, monkeypatch):
    with Cluster(Synod, n=3, tick=0.02) as cluster:
        _, port = cluster.addresses[1]
        tell = cluster._supervisor._tell
        monkeypatch.setattr(cluster._supervisor, "_tell", lambda **_: None)  # nobody is told yet that it has died
        cluster.kill(1)
        stranger = Stranger(port, kind(cluster))
        until(lambda: stranger.calls >= 2)  # the two others have looked for the node there
        cluster.propose(0, "secret plan")
        assert value_of(cluster, 2) == "secret plan"
        cluster.propose(2, "secret plan")
        until(lambda: len(stranger.heard) >= 2 * 60)
        token, heard = cluster._supervisor._token, bytes(stranger.heard)
        assert token.encode() not in heard and b"secret" not in heard
        assert {tuple(value) for value in Frames(PEER).feed(heard)} == {("from", "challenge")}
        monkeypatch.setattr(cluster._supervisor, "_tell", tell)
        cluster.restart(1)
        cluster.propose(1, "another plan")
        assert value_of(cluster, 1) == "secret plan"
        assert not cluster.run().violations
        stranger.close()


def test_a_stranger_that_passes_all_on_to_where_the_node_is_now_hears_no_message():
    """Both sides are right, but the one that connects has another port in mind than the one that listens."""

    async def meet():
        loop, heard = asyncio.get_running_loop(), []
        server = await loop.create_server(Door("token", 1, 2, lambda *what: heard.append(what)), "127.0.0.1", 0)
        true = server.sockets[0].getsockname()
        stranger = Stranger(0, passing_on(true))
        link = Link(("127.0.0.1", stranger.port), "token", 0, 1)
        link.send(frame("secret"))
        while stranger.calls < 5:
            await asyncio.sleep(0.01)
        assert not heard and b"secret" not in stranger.heard
        link.close()
        stranger.close()
        straight = Link(true, "token", 0, 1)
        straight.send(frame("secret"))
        while not heard:
            await asyncio.sleep(0.01)
        straight.close()
        server.close()
        return heard

    assert asyncio.run(asyncio.wait_for(meet(), SOON)) == [(0, "secret")]


def test_the_token_is_in_no_log_no_file_and_no_list_of_processes(tmp_path):
    with Cluster(Touchy, n=2, directory=tmp_path) as cluster:
        with pytest.raises(ProtocolError, match="I am touchy"):
            cluster.propose(0, "boo")
        with connected(cluster, 1) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert is_closed(connection)
        token, pid = cluster._supervisor._token.encode(), cluster.processes[1]
        places = [*tmp_path.iterdir(), *(Path(f"/proc/{pid}/{name}") for name in ("cmdline", "environ"))]
        assert any(b"I am touchy" in place.read_bytes() for place in places)  # the log tells what has happened
        assert not [place for place in places if token in place.read_bytes()]


def test_a_node_listens_on_the_loopback_address_alone():
    with Cluster(Synod, n=2) as cluster:
        assert {host for host, _ in cluster.addresses.values()} == {"127.0.0.1"}
