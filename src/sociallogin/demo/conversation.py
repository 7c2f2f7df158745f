"""Comments, replies and likes: each belongs to the key of an identity."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..identity import Identity
from .database import writing

#: The same words from the same person to the same place within this time are one comment: a
#: button pressed twice, a page sent again.
REPEAT_SECONDS = 60

_PUBLISHED = "id NOT IN (SELECT comment FROM checks WHERE waits)"


class CommentGone(Exception):
    """The comment that was to be answered has been deleted."""


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment. Deleted ones have neither person nor text; they hold their replies together."""

    id: int
    reply_to: int | None
    person: str | None
    name: str
    provider: str
    url: str | None
    text: str
    written_at: int

    @property
    def deleted(self) -> bool:
        return self.person is None


@dataclass(frozen=True, slots=True)
class Like:
    person: str
    name: str


class Conversation:
    """What people said below the post, read and written through one connection."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float]) -> None:
        self._connection = connection
        self._clock = clock

    def comments(self) -> list[Comment]:
        """All published comments, oldest first."""
        rows = self._connection.execute(
            f"SELECT * FROM comments WHERE {_PUBLISHED} ORDER BY id"  # noqa: S608  (a constant)
        )
        return [Comment(**row) for row in rows]

    def likes(self) -> list[Like]:
        """All likes, oldest first."""
        rows = self._connection.execute("SELECT person, name FROM likes ORDER BY liked_at, person")
        return [Like(**row) for row in rows]

    def pictures(self) -> dict[str, str]:
        """Where the pictures of people are, by their keys."""
        return dict(map(tuple, self._connection.execute("SELECT person, url FROM pictures")))

    def show_picture(self, person: str, url: str | None) -> None:
        """Keeps where a person's picture is; None: they are shown without one."""
        with writing(self._connection):
            if url is None:
                self._connection.execute("DELETE FROM pictures WHERE person = ?", (person,))
            else:
                self._connection.execute(
                    "INSERT INTO pictures (person, url) VALUES (?, ?)"
                    " ON CONFLICT (person) DO UPDATE SET url = excluded.url",
                    (person, url),
                )

    def add(self, author: Identity, text: str, reply_to: int | None = None) -> int:
        """Adds a comment and gives its number.

        Raises:
            CommentGone: `reply_to` is no comment that can be answered.
        """
        execute, now = self._connection.execute, int(self._clock())
        with writing(self._connection):
            if reply_to is not None:
                answerable = execute(
                    f"SELECT 1 FROM comments WHERE id = ? AND person IS NOT NULL AND {_PUBLISHED}",  # noqa: S608
                    (reply_to,),
                ).fetchone()
                if answerable is None:
                    raise CommentGone
            repeated = execute(
                "SELECT id FROM comments"
                " WHERE person = ? AND text = ? AND reply_to IS ? AND written_at > ?",
                (author.key, text, reply_to, now - REPEAT_SECONDS),
            ).fetchone()
            if repeated is not None:
                return int(repeated["id"])
            added = execute(
                "INSERT INTO comments (reply_to, person, name, provider, url, text, written_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    reply_to,
                    author.key,
                    author.label,
                    author.provider,
                    author.website_url or author.profile_url,
                    text,
                    now,
                ),
            ).fetchone()
        return int(added["id"])

    def delete(self, comment: int, person: str) -> bool:
        """Deletes a comment if `person` wrote it; whether they did."""
        with writing(self._connection):
            found = self._connection.execute(
                "SELECT 1 FROM comments WHERE id = ? AND person = ?", (comment, person)
            ).fetchone()
            if found is None:
                return False
            remove(self._connection, comment)
        return True

    def like(self, identity: Identity, liked: bool) -> None:
        """Sets whether this identity likes the post; saying it twice changes nothing."""
        with writing(self._connection):
            if liked:
                self._connection.execute(
                    "INSERT INTO likes (person, name, liked_at) VALUES (?, ?, ?)"
                    " ON CONFLICT (person) DO UPDATE SET name = excluded.name",
                    (identity.key, identity.label, int(self._clock())),
                )
            else:
                self._connection.execute("DELETE FROM likes WHERE person = ?", (identity.key,))
                _forget_picture(self._connection, identity.key)


def remove(connection: sqlite3.Connection, comment: int) -> None:
    """Removes a comment, whoever wrote it. To be called inside `writing`.

    With replies below it, only its words and its author go. Once the last reply is gone, so is
    the empty place.
    """
    wrote = connection.execute("SELECT person FROM comments WHERE id = ?", (comment,)).fetchone()
    connection.execute(
        "UPDATE comments SET person = NULL, name = '', provider = '', url = NULL, text = ''"
        " WHERE id = ?",
        (comment,),
    )
    connection.execute("DELETE FROM checks WHERE comment = ?", (comment,))
    place: int | None = comment
    while place is not None:
        removed = connection.execute(
            "DELETE FROM comments WHERE id = ?1 AND person IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM comments WHERE reply_to = ?1)"
            " RETURNING reply_to",
            (place,),
        ).fetchone()
        place = removed and removed["reply_to"]
    if wrote is not None:
        _forget_picture(connection, wrote["person"])


def _forget_picture(connection: sqlite3.Connection, person: str) -> None:
    """Forgets where the picture of somebody is of whom nothing is left."""
    connection.execute(
        "DELETE FROM pictures WHERE person = ?1"
        " AND NOT EXISTS (SELECT 1 FROM comments WHERE person = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM likes WHERE person = ?1)",
        (person,),
    )


def threads(comments: Iterable[Comment]) -> list[tuple[Comment, int]]:
    """Comments in reading order, each with its depth: newest thread first, replies as they came.

    A flat list, for a chain of a thousand replies must not become a thousand nested calls.
    """
    answers: dict[int | None, list[Comment]] = defaultdict(list)
    for comment in comments:
        answers[comment.reply_to].append(comment)
    ordered: list[tuple[Comment, int]] = []
    ahead = [(comment, 0) for comment in answers[None]]
    while ahead:
        comment, depth = ahead.pop()
        ordered.append((comment, depth))
        ahead.extend((reply, depth + 1) for reply in reversed(answers[comment.id]))
    return ordered
