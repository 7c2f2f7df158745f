"""A pending login: what must be remembered between its beginning and its callback.

It is sealed into a cookie, so the server keeps nothing; only the ids of used ones are kept, until
they end.
"""

from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

from .errors import StateError
from .sealing import SealBroken, SealEnded, Sealer, UnknownKey

PURPOSE = "transaction"
LIFETIME = 600  # seconds in which a login must be completed
REMEMBERED = LIFETIME + 60  # seconds; workers' clocks may differ by a minute


class Embedding(NamedTuple):
    """What a login for a page of another site remembers of that page.

    Attributes:
        origin: the page's origin.
        challenge: the S256 challenge (RFC 7636 section 4.2) of the verifier that the page keeps.
        return_url: where the browser goes back to, or empty: it goes on in a window of its own.
    """

    origin: str
    challenge: str
    return_url: str = ""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One pending login.

    Attributes:
        id: its own random name, by which its use is counted.
        provider, protocol, client_id: with whom it was begun.
        key: what the callback must bring back: the state, or OAuth 1.0a's request token.
        secret: the code verifier, or the request token's secret.
        next_url: where the browser goes when the login is complete.
        begun_at: seconds since the epoch.
        popup: the nonce of the window that it goes on in, or empty: it is the box's own window.
        begun_in: the process, where each counts uses alone; empty where they share a store.
        embedding: the page of another site that it is for, or None.
    """

    id: str
    provider: str
    protocol: str
    client_id: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    next_url: str
    begun_at: int
    popup: str = ""
    begun_in: str = ""
    embedding: Embedding | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Pending:
    """A transaction that opened, and whether its time is over."""

    transaction: Transaction
    ended: bool


def seal(sealer: Sealer, transaction: Transaction) -> str:
    """The transaction as text for a cookie."""
    t = transaction
    values = [t.id, t.provider, t.protocol, t.client_id, t.key, t.secret, t.next_url, t.begun_at]
    optional: list[Any] = [t.popup, t.begun_in, t.embedding]
    while optional and not optional[-1]:
        optional.pop()
    return sealer.seal(PURPOSE, values + optional, LIFETIME)


def open_(sealer: Sealer, sealed: str) -> Pending:
    """The transaction that `seal` wrote, even when its time is over.

    Raises:
        StateError: `state_mismatch`, the hint naming why it does not open.
    """
    try:
        opened, ended = sealer.open(PURPOSE, sealed), False
    except SealEnded as error:
        opened, ended = error.opened, True
    except UnknownKey as error:
        raise StateError(
            "state_mismatch",
            "the transaction cookie was sealed under an unknown key: was a key taken out of "
            "secret_keys, or do several servers have different ones?",
        ) from error
    except SealBroken as error:
        raise StateError(
            "state_mismatch",
            "the transaction cookie was altered, or belongs to a site with another base_url",
        ) from error
    if len(opened.value) > len(fields(Transaction)):  # what it says cannot be left out unread
        raise StateError(
            "state_mismatch",
            "the transaction cookie was sealed by a newer version of sociallogin: is an update "
            "under way, or was one taken back?",
        )
    transaction = Transaction(*opened.value)
    if transaction.embedding is not None:
        embedding = Embedding(*transaction.embedding)  # JSON knows lists only
        transaction = replace(transaction, embedding=embedding)
    return Pending(transaction, ended)
