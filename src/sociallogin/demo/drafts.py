"""Drafts: what somebody typed, kept while the browser is away at a provider.

Kept on the server for ten minutes, found by an opaque random cookie, so that a draft survives a
login, a cancelled login and a failed one without any script.
"""

import json
import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping

from .database import writing

DRAFT_SECONDS = 600
FIELDS = ("text", "reply_to", "name", "email", "website", "remember")

_TOKEN_BYTES = 18


class Drafts:
    """The drafts of all browsers, read and written through one connection."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._random = random

    def keep(self, form: Mapping[str, str], token: str | None) -> str | None:
        """Keeps the fields of a comment form and gives the token that finds them.

        None when nothing was typed. A new draft takes the place of the one that `token` finds.
        """
        typed = {name: form[name] for name in FIELDS if form.get(name, "").strip()}
        now = int(self._clock())
        with writing(self._connection):
            self._connection.execute(
                "DELETE FROM drafts WHERE token = ? OR kept_at <= ?",
                (token, now - DRAFT_SECONDS),
            )
            if not typed:
                return None
            # Always a token of our own making: a planted cookie must not name a stranger's draft.
            token = urlsafe_b64encode(self._random(_TOKEN_BYTES)).decode()
            self._connection.execute(
                "INSERT INTO drafts (token, form, kept_at) VALUES (?, ?, ?)",
                (token, json.dumps(typed), now),
            )
        return token

    def find(self, token: str | None) -> dict[str, str]:
        """The fields kept under this token; empty when there are none, or their time is over."""
        row = self._connection.execute(
            "SELECT form FROM drafts WHERE token = ? AND kept_at > ?",
            (token, int(self._clock()) - DRAFT_SECONDS),
        ).fetchone()
        return dict(json.loads(row["form"])) if row else {}
