"""The write-once variable on etcd, https://etcd.io: an engine for production that runs Raft.

The variable is a key that nothing writes but a transaction that creates it: *if the key has no revision yet, put this
value*. The cluster puts all transactions in one order, so exactly one of them creates the key. One of which nobody
knows whether it has taken effect can be sent again, to any member: it does no harm the second time.
"""

import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from consensus_lab.write_once.write_once import WriteOnce

ATTEMPT = 1.5  # seconds that one member has for an answer
PATIENCE = 20  # seconds until somebody has answered; an election takes one or two
READ = 5  # the same for a look at the value, which can be repeated
PAUSE = 0.1
LARGEST = 1_572_864  # bytes of a request that an etcd takes, unless it was started with another --max-request-bytes
AROUND = 512  # bytes that are kept free of them for what surrounds the key, which is sent twice, and the value


class EtcdWriteOnce(WriteOnce):
    """A variable, named by a key, in the etcd cluster with these endpoints.

    Key and value are text, and in etcd they are that text in UTF-8. Twice the key and once the value make at most
    about 1.5 MiB, which is what an etcd takes in one request.

    Parameters
    ----------
    endpoints : iterable of str
        Where members serve their clients: "127.0.0.1:2379", or "https://…". Any that answers will do.
    key : str
        The name of the variable, of one character at least.
    **options
        For `etcd3gw.client`, such as ca_cert, cert_cert and cert_key.

    Raises
    ------
    ValueError
        Where there is no endpoint, one is no address, or the key is no text, empty, or too long.
    """

    def __init__(self, endpoints, key, **options):
        if not (isinstance(key, str) and key):
            raise ValueError(f"key={key!r}: name the variable with a string")
        self._name = _bytes_of("the key", key)
        _check_size(self._name, b"")
        self._members = [(endpoint, options) for endpoint in endpoints]
        if not self._members:
            raise ValueError("endpoints is empty; name one member of the cluster at least")
        self._clients, self._asked = self._connect(), 0
        self._key, self._future, self._lock = key, Future(), threading.Lock()
        self._watcher, self._closed = None, threading.Event()

    def _connect(self):
        return [client_of(endpoint, **options) for endpoint, options in self._members]

    def try_initialize(self, value):
        """Initialize the variable to `value`, unless it has one.

        Parameters
        ----------
        value : str
            What it is to be for good.

        Raises
        ------
        ValueError
            Where the value is no text, or too long for etcd. Nothing has been sent then.
        TimeoutError
            Where no majority of the cluster is there to say so; it may have taken effect all the same.
        RuntimeError
            Where etcd refuses the request, as it does from somebody who may not write.
        """
        if not isinstance(value, str):
            raise ValueError(f"try_initialize({value!r}): the values of this variable are text; pass a string")
        data = _bytes_of("the value", value)
        _check_size(self._name, data)
        self._ask(lambda client: client.create(self._name, data), PATIENCE)

    def final_value(self):
        """Ask for the value.

        Returns
        -------
        Future of str
            It is done if the variable was initialized before this call; else a watch does it. It fails with a
            ValueError where somebody else has written under this key what is no text, and with a RuntimeError where
            etcd refuses the question. Later calls ask anew then.
        """
        with self._lock:
            if self._future.done() and self._future.exception():
                self._future, self._watcher = Future(), None
            future = self._future
        if not future.done():
            try:
                self._resolve(future, self._ask(lambda client: client.get(self._name), READ))
            except TimeoutError:
                pass  # nobody can tell now; the watch goes on asking
            except RuntimeError as error:
                self._fail(future, error)
        with self._lock:
            if not (future.done() or self._watcher):
                name = f"watch {self._key}"
                self._watcher = threading.Thread(target=self._watch, args=[future], name=name, daemon=True)
                self._watcher.start()
        return future

    def close(self):
        """Stop watching. A future that is not done by now stays so."""
        self._closed.set()

    def _resolve(self, future, values):
        """Settle the future, if there is a value."""
        if not values:
            return
        try:
            text = values[0].decode("utf-8")
        except UnicodeDecodeError:
            self._fail(future, ValueError(
                f"under the key {self._key!r} etcd has {_begin(values[0])}, which is no text in UTF-8: somebody else "
                "has written there; use a key of your own, or delete this one (etcdctl del)"
            ))  # fmt: skip
            return
        with self._lock:
            if not future.done():
                future.set_result(text)

    def _fail(self, future, error):
        with self._lock:
            if not future.done():
                future.set_exception(error)

    def _watch(self, future):
        """Look until the future is settled. It is in every case, unless the variable is closed or has no value."""
        try:
            self._look_often(future)
        except Exception as error:
            words = getattr(error, "detail_text", None) or repr(error)
            self._fail(future, RuntimeError(f"the watch of the key {self._key!r} has ended: {words}"))

    def _look_often(self, future):
        """Wait at one member after another, so that none that has died or lags behind is waited for for long.

        The watch begins with the first revision, so that it ends at once where the variable was initialized before.
        In any case it only says when to look: one may break off unnoticed.
        """
        from etcd3gw.exceptions import WatchTimedOut

        clients, failures, at = self._connect(), passing(), 0
        while not (self._closed.is_set() or future.done()):
            client = clients[at]
            try:
                with suppress(WatchTimedOut):
                    client.watch_once(self._name, timeout=ATTEMPT, start_revision=1, filters=["NODELETE"])
                self._resolve(future, client.get(self._name))
            except failures:
                self._closed.wait(PAUSE)
            at = (at + 1) % len(clients)

    def _ask(self, request, patience):
        """What the request gives at the first member that answers."""
        from etcd3gw.exceptions import Etcd3Exception

        deadline, failures = time.monotonic() + patience, passing()
        while True:
            client = self._clients[self._asked % len(self._clients)]
            try:
                return request(client)
            except failures as error:
                self._asked += 1
                if time.monotonic() > deadline:
                    raise TimeoutError(
                        f"no member of the etcd cluster has had a majority behind it for {patience} s; are enough of "
                        f"them up? The last one: {getattr(error, 'detail_text', None) or error!r}"
                    ) from error
                time.sleep(PAUSE)
            except Etcd3Exception as error:
                raise RuntimeError(f"etcd refuses this: {error.detail_text or error!r}") from error


def _bytes_of(what, text):
    """The text in UTF-8."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{what} {_begin(text)} is no text that UTF-8 can carry: half of a surrogate pair at character "
            f"{error.start}; leave it out, or write the character that the pair stands for"
        ) from None


def _check_size(key, value):
    size, most = 2 * len(key) + len(value), LARGEST - AROUND
    if size > most:
        raise ValueError(
            f"a key of {len(key):,} bytes and a value of {len(value):,} bytes in UTF-8 are too long for etcd: twice "
            f"the key and once the value may have {most:,} bytes; keep the text elsewhere, and its address here"
        )


def _begin(data):
    """How it begins, for a message."""
    return repr(data) if len(data) <= 40 else f"{data[:40]!r}… ({len(data):,} in all)"


def client_of(endpoint, **options):
    """A client of one member.

    Parameters
    ----------
    endpoint : str
        "127.0.0.1:2379", or "https://…".
    **options
        For `etcd3gw.client`.

    Returns
    -------
    etcd3gw.Etcd3Client
        Each of its requests takes at most `ATTEMPT` seconds.

    Raises
    ------
    ValueError
        Where the endpoint is no address.
    """
    import etcd3gw

    address = urlsplit(endpoint if "://" in endpoint else f"http://{endpoint}")
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError(f"the endpoint {endpoint!r} is no address; write 127.0.0.1:2379, or https://… with a host")
    where = {"host": address.hostname, "port": address.port or 2379, "protocol": address.scheme}
    client = etcd3gw.client(**{**where, "timeout": ATTEMPT, **options})
    session: Any = client.session
    session.request = partial(session.request, timeout=ATTEMPT)  # a watch has no limit of its own
    session.trust_env = False
    return client


def passing():
    """The errors that another member, or another moment, may not have: a tuple of classes."""
    from etcd3gw import exceptions
    from requests import RequestException

    unwell = exceptions.ConnectionFailedError, exceptions.ConnectionTimeoutError, exceptions.InternalServerError
    return (*unwell, RequestException)
