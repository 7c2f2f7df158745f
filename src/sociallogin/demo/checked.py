"""Comments that Akismet was asked about: which of them wait for the owner, and what was asked.

A comment waits from the moment it is written until Akismet or the owner lets it pass: a process
that dies in between loses nothing and publishes nothing.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..akismet import Comment as Asked
from ..akismet import Outcome
from .conversation import Comment, remove
from .database import writing

#: How long it is kept what was asked about a published comment, in case that it is spam after all.
KEEP_SECONDS = 15 * 86400
#: How many published comments the owner is shown.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Checked:
    """A comment, what Akismet said of it, and what it was asked."""

    comment: Comment
    outcome: Outcome
    asked: Asked


class CheckedComments:
    """The comments that Akismet was asked about, read and written through one connection."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float]) -> None:
        self._connection = connection
        self._clock = clock

    def hold(self, number: int, asked: Asked) -> None:
        """Lets a comment wait; one that was asked about before stays as it is."""
        with writing(self._connection):
            self._connection.execute(
                "INSERT INTO checks (comment, waits, outcome, asked) VALUES (?, 1, 'unknown', ?)"
                " ON CONFLICT (comment) DO NOTHING",
                (number, json.dumps(asked.to_dict())),
            )
            self._connection.execute(
                "DELETE FROM checks WHERE NOT waits AND comment IN"
                " (SELECT id FROM comments WHERE written_at < ?)",
                (int(self._clock()) - KEEP_SECONDS,),
            )

    def waits(self, number: int) -> bool:
        """Whether a comment waits for approval."""
        found = self._connection.execute(
            "SELECT 1 FROM checks WHERE comment = ? AND waits", (number,)
        ).fetchone()
        return found is not None

    def settle(self, number: int, outcome: Outcome) -> bool:
        """Does with a comment that waits what Akismet said; whether it is published now."""
        with writing(self._connection):
            if not self.waits(number):  # the owner was quicker
                return self._is_there(number)
            if outcome == "discard":
                remove(self._connection, number)
            else:
                self._connection.execute(
                    "UPDATE checks SET outcome = ?, waits = ? WHERE comment = ?",
                    (outcome, outcome != "ham", number),
                )
        return outcome == "ham"

    def _is_there(self, number: int) -> bool:
        found = self._connection.execute(
            "SELECT 1 FROM comments WHERE id = ? AND person IS NOT NULL", (number,)
        ).fetchone()
        return found is not None

    def waiting(self) -> list[Checked]:
        """The comments that wait, oldest first."""
        return self._select("WHERE waits ORDER BY id")

    def published(self) -> list[Checked]:
        """Published comments that may still turn out to be spam, newest first."""
        return self._select(f"WHERE NOT waits ORDER BY id DESC LIMIT {SHOWN}")

    def approve(self, number: int) -> Checked | None:
        """Publishes a comment that waits; what Akismet said of it, or None if it does not wait."""
        with writing(self._connection):
            found = self._select("WHERE id = ? AND waits", number)
            self._connection.execute(
                "UPDATE checks SET waits = 0, outcome = 'ham' WHERE comment = ?", (number,)
            )
        return found[0] if found else None

    def remove(self, number: int) -> Checked | None:
        """Removes a comment as spam; what Akismet said of it, or None if there is none."""
        with writing(self._connection):
            found = self._select("WHERE id = ?", number)
            if not found:
                return None
            remove(self._connection, number)
        return found[0]

    def _select(self, which: str, *values: object) -> list[Checked]:
        rows = self._connection.execute(
            f"SELECT comments.*, outcome, asked FROM comments JOIN checks ON comment = id {which}",  # noqa: S608  (one of the texts above)
            values,
        )
        return [_checked(dict(row)) for row in rows]


def _checked(row: dict[str, Any]) -> Checked:
    outcome, asked = row.pop("outcome"), row.pop("asked")
    return Checked(Comment(**row), outcome, Asked.from_dict(json.loads(asked)))
