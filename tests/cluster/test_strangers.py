"""What a stranger, or a peer that has lost its mind, sends to a process: it never takes the node down."""

import json
import random
import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.cluster import Cluster
from consensus_lab.cluster.code import Messages
from consensus_lab.cluster.frames import PEER, STRANGER, BadFrame, Frames, frame
from consensus_lab.cluster.host import Host
from consensus_lab.protocols import Synod
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


def is_closed(connection):
    """True once the other side has closed it."""
    connection.settimeout(SOON)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def rude(rng):
    """Bytes that a stranger may send."""
    hello = {"token": "0" * 32, "from": rng.randrange(-1, 4)}
    body = json.dumps(hello).encode()
    return rng.choice([
        rng.randbytes(rng.randrange(1, 2000)),
        frame(hello),
        frame(hello) + frame([[0, 0, 0], ["Decided", "evil"]]),
        (2**32 - 1).to_bytes(4, "big") + b"x" * 100,
        (STRANGER + 1).to_bytes(4, "big") + b"x" * (STRANGER + 1),
        len(body).to_bytes(4, "big") + body[: rng.randrange(len(body))],
        frame(rng.choice([None, [], {}, 1, "token", {"token": 1, "from": 0}, {"token": None}, {"from": 1}])),
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
        with connected(cluster, 0) as connection:
            connection.sendall(frame({"token": cluster._fleet._token, "from": 1}))
            connection.sendall(frame([[0, 0, 0], ["Decided", "by hand"]]))
            assert until(lambda: cluster.decisions.get(0)) == "by hand"


def test_a_node_listens_on_the_loopback_address_alone():
    with Cluster(Synod, n=2) as cluster:
        assert {host for host, _ in cluster.addresses.values()} == {"127.0.0.1"}
