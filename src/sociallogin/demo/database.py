"""The demo's SQLite file: its tables, connections and transactions.

Every request opens its own connection. Writers take the write lock at the start of their
transaction and wait for one another, so several workers may share the file.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUSY_SECONDS = 10.0
_VERSION = 2

# AUTOINCREMENT: the number of a deleted comment is never given to another, or an old link or a
# reply under way would land on a stranger's words. A comment without a person was removed, by its
# author or by the owner, and stands only for the replies below it.
_TABLES = """
CREATE TABLE comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reply_to INTEGER REFERENCES comments,
    person TEXT,
    name TEXT NOT NULL,
    provider TEXT NOT NULL,
    url TEXT,
    text TEXT NOT NULL,
    written_at INTEGER NOT NULL
);
CREATE INDEX replies ON comments (reply_to);
CREATE TABLE likes (
    person TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    liked_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE drafts (
    token TEXT PRIMARY KEY,
    form TEXT NOT NULL,
    kept_at INTEGER NOT NULL
) WITHOUT ROWID;
"""
# Version 2. `asked` is what Akismet was asked about the comment, as JSON.
_CHECKS = """
CREATE TABLE checks (
    comment INTEGER PRIMARY KEY REFERENCES comments ON DELETE CASCADE,
    waits INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    asked TEXT NOT NULL
)
"""

# Beside the numbered tables: whoever has a file already gets it too.
_PICTURES = """
CREATE TABLE IF NOT EXISTS pictures (
    person TEXT PRIMARY KEY,
    url TEXT NOT NULL
) WITHOUT ROWID
"""


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode; `writing` makes transactions."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that holds the write lock from its start; all of it counts, or nothing.

    Inside another one it is part of that.
    """
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def create_tables(connection: sqlite3.Connection) -> bool:
    """Makes the tables that the file lacks; whether it had none. To be called inside `writing`."""
    connection.execute(_PICTURES)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version < 1:
        # Not executescript(): that would commit the transaction first.
        for statement in _TABLES.split(";\n"):
            connection.execute(statement)
    if version < 2:
        connection.execute(_CHECKS)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    return bool(version < 1)
