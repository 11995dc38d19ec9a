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
from urllib.parse import urlsplit

from consensus_lab.write_once.write_once import WriteOnce

ATTEMPT = 1.5  # seconds that one member has for an answer
PATIENCE = 20  # seconds until somebody has answered; an election takes one or two
READ = 5  # the same for a look at the value, which can be repeated
PAUSE = 0.1


class EtcdWriteOnce(WriteOnce):
    """A variable, named by a key, in the etcd cluster with these endpoints. Its values are text.

    Parameters
    ----------
    endpoints : iterable of str
        Where members serve their clients: "127.0.0.1:2379", or "https://…". Any that answers will do.
    key : str
    options
        For `etcd3gw.client`, such as ca_cert, cert_cert and cert_key.
    """

    def __init__(self, endpoints, key, **options):
        if not (isinstance(key, str) and key):
            raise ValueError(f"key={key!r}: name the variable with a string")
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

        Raises TimeoutError where no majority of the cluster is there to say so; it may have taken effect all the same.
        """
        if not isinstance(value, str):
            raise ValueError(f"try_initialize({value!r}): the values of this variable are text; pass a string")
        self._ask(lambda client: client.create(self._key, value), PATIENCE)

    def final_value(self):
        """A future of the value. It is done if the variable was initialized before this call; else a watch does it."""
        if not self._future.done():
            try:
                self._resolve(self._ask(lambda client: client.get(self._key), READ))
            except TimeoutError:
                pass  # nobody can tell now; the watch goes on asking
        with self._lock:
            if not (self._future.done() or self._watcher):
                self._watcher = threading.Thread(target=self._watch, name=f"watch {self._key}", daemon=True)
                self._watcher.start()
        return self._future

    def close(self):
        """Stop watching. A future that is not done by now stays so."""
        self._closed.set()

    def _resolve(self, values):
        with self._lock:
            if values and not self._future.done():
                self._future.set_result(values[0].decode())

    def _watch(self):
        """Wait at one member after another, so that none that has died or lags behind is waited for for long.

        The watch begins with the first revision, so that it ends at once where the variable was initialized before.
        In any case it only says when to look: one may break off unnoticed.
        """
        from etcd3gw.exceptions import WatchTimedOut

        clients, failures, at = self._connect(), passing(), 0
        while not (self._closed.is_set() or self._future.done()):
            client = clients[at]
            try:
                with suppress(WatchTimedOut):
                    client.watch_once(self._key, timeout=ATTEMPT, start_revision=1, filters=["NODELETE"])
                self._resolve(client.get(self._key))
            except failures:
                self._closed.wait(PAUSE)
            at = (at + 1) % len(clients)

    def _ask(self, request, patience):
        """What the request gives at the first member that answers."""
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


def client_of(endpoint, **options):
    """A client of one member."""
    import etcd3gw

    address = urlsplit(endpoint if "://" in endpoint else f"http://{endpoint}")
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError(f"the endpoint {endpoint!r} is no address; write 127.0.0.1:2379, or https://… with a host")
    where = {"host": address.hostname, "port": address.port or 2379, "protocol": address.scheme}
    client = etcd3gw.client(**{**where, "timeout": ATTEMPT, **options})
    client.session.request = partial(client.session.request, timeout=ATTEMPT)  # a watch has no limit of its own
    client.session.trust_env = False
    return client


def passing():
    """The errors that another member, or another moment, may not have."""
    from etcd3gw import exceptions
    from requests import RequestException

    unwell = exceptions.ConnectionFailedError, exceptions.ConnectionTimeoutError, exceptions.InternalServerError
    return (*unwell, RequestException)
