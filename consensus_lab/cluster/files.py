"""The files of one node: a database that only one process can have open, and beside it a count of what was saved."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from consensus_lab.model.errors import ProtocolError

SCHEMA = """
CREATE TABLE marker (owner TEXT, saves INTEGER);
CREATE TABLE record (number INTEGER PRIMARY KEY, clock TEXT, event TEXT);
CREATE TABLE durable (field TEXT, place INTEGER, value TEXT, PRIMARY KEY (field, place)) WITHOUT ROWID;
"""
ROOM = "make room on the disk, and restart the node"
COUNT = 8  # bytes of the file that counts
IN_USE = 2.0  # seconds until whoever else has the file must have closed it
MEND = (
    "a node that starts from it would forget what it has promised. Put the newest copy back, with its -wal file, or "
    "leave the node down, and start a new cluster in an empty directory"
)


def create(path, owner):
    """Make the file of a node that has never run.

    Parameters
    ----------
    path : path
        Where the file goes.
    owner : str
        Names the node and its cluster, like no other.

    Raises
    ------
    ProtocolError
        Where there is a file already.
    """
    try:
        with open(path, "xb"), open(_count_of(path), "xb") as count:
            count.write(bytes(COUNT))
    except FileExistsError as error:
        raise ProtocolError(f"{error.filename} is there already; use an empty directory") from None
    with closing(connected(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(SCHEMA)
        db.execute("INSERT INTO marker VALUES (?, 0)", (owner,))


def connected(path):
    """The database in a file, which has to be there."""
    try:
        return sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise ProtocolError(f"{path} is missing, or cannot be opened ({error}); {MEND}") from error


def _count_of(path):
    return Path(path).with_suffix(".count")


class Saves:
    """The file in which a process counts its saves, held open, so that it can be read though another took its place."""

    def __init__(self, path):
        self._file = open(_count_of(path), "rb", buffering=0)
        self.close = self._file.close

    def read(self):
        """How many transactions have changed a durable field."""
        return int.from_bytes(os.pread(self._file.fileno(), COUNT, 0), "big")


def locked(path):
    """The file that counts, open and locked until it is closed or the process ends."""
    import fcntl  # which the Python of a page does not have

    try:
        count = os.open(_count_of(path), os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise ProtocolError(f"{_count_of(path)} is missing, or cannot be opened ({error}); {MEND}") from error
    deadline = time.monotonic() + IN_USE
    while True:
        try:
            fcntl.lockf(count, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return count
        except OSError:
            if time.monotonic() > deadline:
                os.close(count)
                raise ProtocolError(f"{path} is in use by another process; end that one first") from None
            time.sleep(0.02)
