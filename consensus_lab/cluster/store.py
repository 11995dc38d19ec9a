"""What a process keeps on disk: the durable fields of its node, and a record of what has happened to it.

Both change in one SQLite transaction, so whoever reads the record after a kill -9 finds in it the very event that
left the durable fields as they are. A transaction that changes a durable field is on the disk before it returns
(`synchronous=FULL`). One that only adds to the record is safe with the operating system (`NORMAL`): it survives the
process, which is all that a record is asked to do, and spares the disk.

A node that forgets what it has promised is worse than one that is down. So a file is created once, by whoever starts
the cluster, with a marker that says whose it is and counts the transactions that changed a durable field; beside it
lies another, which only has that count. A process never creates a file, and takes none that is empty, of somebody else,
in use by another process, or older than what it has saved before.
"""

import json
import os
import sqlite3
from contextlib import closing, suppress
from typing import Any

from consensus_lab.cluster.files import COUNT, MEND, ROOM, connected, locked
from consensus_lab.cluster.frames import text_of
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.json_values import plain

WHOLE, LENGTH = -1, -2  # places: of a value in one piece, and of the length of a tuple that is kept item by item


class Store:
    """The file of one node, which only one process can have open.

    Parameters
    ----------
    path : path
        Where the file is.
    read : function of data
        Reads a value from its JSON form.
    owner : str
        As it was created.
    least : (int, int)
        What its `progress` has been: it is at least that.

    Raises
    ------
    ProtocolError
        Where the file is not what the node has left; it says what to do.
    """

    def __init__(self, path, read, owner, least=(0, 0)):
        self._path, self._count, self._db = path, None, connected(path)
        try:
            self._count: Any = locked(path)
            self._saves = self._checked(owner, least)
            self._saved = self._load(read)
        except BaseException as error:
            self.close()
            if isinstance(error, sqlite3.OperationalError):
                raise ProtocolError(f"{path} cannot be written or read ({error}); {ROOM}") from error
            if isinstance(error, (sqlite3.Error, ValueError)) and not isinstance(error, ProtocolError):
                raise ProtocolError(f"{path} is damaged ({error}); {MEND}") from error
            raise

    def close(self):
        """Let go of the file."""
        self._db.close()
        if self._count is not None:
            os.close(self._count)

    @property
    def fresh(self):
        """True when nothing has been saved yet: the node has never started."""
        return not self._saved

    @property
    def fields(self):
        """The durable fields by name, as they were saved last."""
        return dict(self._saved)

    @property
    def progress(self):
        """(how many transactions have changed a durable field, how many events there are)."""
        return self._saves, self.last()[0]

    def last(self):
        """(how many events there are, the vector clock of the last or None)."""
        row = self._db.execute("SELECT number, clock FROM record ORDER BY number DESC LIMIT 1").fetchone()
        return (row[0], json.loads(row[1])) if row else (0, None)

    def add_crash(self, node, moment, n):
        """The record ends with the crash of its node, one of `n`, at this moment."""
        rows = _rows(self._db)
        after = with_crash(rows, node, moment, n)
        self.save([(number, *row) for number, row in enumerate(after[len(rows) :], len(rows) + 1)])

    def save(self, events, fields=None):
        """One transaction: add to the record, and save the fields that have changed.

        Parameters
        ----------
        events : iterable of (number, clock, event)
            What has happened since the last transaction.
        fields : dict, optional
            All durable fields by name.

        Raises
        ------
        ProtocolError
            Where it cannot be written, as on a full disk. Nothing has changed then.
        """
        fields = self._saved if fields is None else fields
        changed = {name: value for name, value in fields.items() if self._differs(name, value)}
        try:
            self._commit(events, changed)
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise ProtocolError(
                f"{self._path} cannot be written ({error}), and what is not saved is not sent either; {ROOM}"
            ) from error
        self._saved |= changed

    def _commit(self, events, changed):
        db = self._db
        db.execute(f"PRAGMA synchronous = {'FULL' if changed else 'NORMAL'}")
        db.execute("BEGIN")
        rows = ((number, text_of(clock), text_of(event)) for number, clock, event in events)
        db.executemany("INSERT INTO record VALUES (?, ?, ?)", rows)
        for name, value in changed.items():
            self._write(name, value)
        if changed:
            db.execute("UPDATE marker SET saves = saves + 1")
        db.execute("COMMIT")
        if changed:
            self._saves += 1
            os.pwrite(self._count, self._saves.to_bytes(COUNT, "big"), 0)

    def _differs(self, name, value):
        if name not in self._saved:
            return True
        saved = self._saved[name]
        return value is not saved and (type(value) is not type(saved) or value != saved)

    def _write(self, name, value):
        """A tuple is kept item by item, so that a log which grows costs what is new of it."""
        if type(value) is tuple:
            same = _in_common(self._saved.get(name), value)
            rows = [(name, place, text_of(plain(item))) for place, item in enumerate(value[same:], same)]
            rows.append((name, LENGTH, str(len(value))))
            self._db.execute("DELETE FROM durable WHERE field = ? AND (place >= ? OR place < 0)", (name, same))
        else:
            rows = [(name, WHOLE, text_of(plain(value)))]
            self._db.execute("DELETE FROM durable WHERE field = ?", (name,))
        self._db.executemany("INSERT INTO durable VALUES (?, ?, ?)", rows)

    def _checked(self, owner, least):
        """How many saves there are, if this is the file that the node has left."""
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'marker'").fetchone():
            raise ProtocolError(f"{self._path} was emptied; {MEND}")
        rows = self._db.execute("SELECT owner, saves FROM marker").fetchall()
        if [named for named, _ in rows] != [owner]:
            raise ProtocolError(f"{self._path} is the file of another node, or of another cluster; {MEND}")
        counted = int.from_bytes(os.pread(self._count, COUNT, 0), "big")
        known, found = (max(least[0], counted), least[1]), (rows[0][1], self.last()[0])
        for what, known_count, count in zip(("saves of durable fields", "events"), known, found):
            if count < known_count:
                raise ProtocolError(f"{self._path} is an old copy, with {count} {what} of {known_count}; {MEND}")
        return rows[0][1]

    def _load(self, read):
        fields = {}
        for name, place, text in self._db.execute("SELECT * FROM durable ORDER BY field, place"):
            if place == LENGTH:
                fields[name] = []
            elif place == WHOLE:
                fields[name] = read(json.loads(text))
            else:
                fields[name].append(read(json.loads(text)))
        return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def _in_common(before, value):
    """How many items two values begin with in common, if both are tuples."""
    if type(before) is not tuple:
        return 0
    if before == value[: len(before)]:
        return len(before)
    return next((k for k, (old, new) in enumerate(zip(before, value)) if old != new), min(len(before), len(value)))


def record(path):
    """The (clock, event) pairs of a node's record, in their order; its process may be running.

    Raises
    ------
    ProtocolError
        Where the file is missing, was emptied or is damaged.
    """
    try:
        try:
            return _read_record(path, "NORMAL")
        except sqlite3.OperationalError:  # on a full disk there is no room for the index that processes share
            return _read_record(path, "EXCLUSIVE")
    except (sqlite3.Error, ValueError) as error:
        if isinstance(error, ProtocolError):
            raise
        raise ProtocolError(f"{path} has no record of its node ({error}); put the newest copy back") from error


def _read_record(path, mode):
    with closing(connected(path)) as db:
        db.execute(f"PRAGMA locking_mode = {mode}")
        return _rows(db)


def with_crash(rows, node, moment, n):
    """A record that ends with the crash of its node, one of `n`, as (clock, event) pairs."""
    if rows and rows[-1][1][0] == "crash":
        return rows  # it has not come to life since
    clock = list(rows[-1][0]) if rows else [0] * n
    clock[node] = len(rows) + 1
    return [*rows, (clock, ["crash", moment, node])]


def _rows(db):
    rows = db.execute("SELECT clock, event FROM record ORDER BY number").fetchall()
    return [(json.loads(clock), json.loads(event)) for clock, event in rows]
