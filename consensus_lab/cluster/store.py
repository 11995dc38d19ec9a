"""What a process keeps on disk: the durable fields of its node, and a record of what has happened to it.

Both change in one SQLite transaction, so whoever reads the record after a kill -9 finds in it the very event that
left the durable fields as they are. A transaction that changes a durable field is on the disk before it returns
(`synchronous=FULL`). One that only adds to the record is safe with the operating system (`NORMAL`): it survives the
process, which is all that a record is asked to do, and spares the disk.
"""

import json
import sqlite3
from contextlib import closing

from consensus_lab.cluster.frames import text_of
from consensus_lab.model.json_values import plain

SCHEMA = """
CREATE TABLE IF NOT EXISTS record (number INTEGER PRIMARY KEY, clock TEXT, event TEXT);
CREATE TABLE IF NOT EXISTS durable (field TEXT, place INTEGER, value TEXT, PRIMARY KEY (field, place)) WITHOUT ROWID;
"""
WHOLE, LENGTH = -1, -2  # places: of a value in one piece, and of the length of a tuple that is kept item by item


class Store:
    """The file of one node. The values of durable fields are read with `read(data)`, from their JSON form."""

    def __init__(self, path, read):
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(SCHEMA)
        self._saved = self._load(read)

    def close(self):
        self._db.close()

    @property
    def fresh(self):
        """True when nothing has been saved yet: the node has never started."""
        return not self._saved

    @property
    def fields(self):
        """The durable fields by name, as they were saved last."""
        return dict(self._saved)

    def last(self):
        """(how many events there are, the vector clock of the last or None)."""
        row = self._db.execute("SELECT number, clock FROM record ORDER BY number DESC LIMIT 1").fetchone()
        return (row[0], json.loads(row[1])) if row else (0, None)

    def save(self, events, fields=None):
        """One transaction: add (number, clock, event) rows to the record, and save the fields that have changed."""
        fields = self._saved if fields is None else fields
        changed = {name: value for name, value in fields.items() if self._differs(name, value)}
        db = self._db
        db.execute(f"PRAGMA synchronous = {'FULL' if changed else 'NORMAL'}")
        db.execute("BEGIN")
        rows = ((number, text_of(clock), text_of(event)) for number, clock, event in events)
        db.executemany("INSERT INTO record VALUES (?, ?, ?)", rows)
        for name, value in changed.items():
            self._write(name, value)
        db.execute("COMMIT")
        self._saved |= changed

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
    """The (clock, event) pairs of a node's record, in their order; its process may be running."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT clock, event FROM record ORDER BY number").fetchall()
    return [(json.loads(clock), json.loads(event)) for clock, event in rows]
