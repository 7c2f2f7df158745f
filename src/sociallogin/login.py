"""Begin a login, complete a login: the text of both, without I/O."""

import hmac
import logging
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from . import transactions
from .config import Config
from .errors import RequestError, SocialLoginError, StateError
from .flows import Call, Flow
from .identity import Identity
from .next_url import safe_next
from .sealing import Sealer
from .stores import Store, first_use
from .stores.alone import CountingAlone, this_process
from .stores.memory import MemoryStore
from .transactions import Embedding, Pending, Transaction

if TYPE_CHECKING:
    from .protocols.provider import Client, Parameters, Speaker, Token

T = TypeVar("T")

#: Where outcomes are told: one line a login, nothing personal.
logger = logging.getLogger("sociallogin")

#: A callback's parameters, as a mapping or as the pairs of its query.
Params: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]

_KEYS = ("state", "oauth_token", "denied")


@dataclass(frozen=True, slots=True)
class Start:
    """A begun login.

    Attributes:
        url: where to send the browser.
        transaction: a sealed text to keep in this browser's cookie until the callback.
        key: what the callback will bring back; it tells pending logins apart.
    """

    url: str = field(repr=False)
    transaction: str = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A completed login: who it is, the provider's token, and where to go next.

    `embed_origin` is the origin of another site's page where the login was for one, or None.
    """

    identity: Identity
    token: "Token"
    next_url: str
    embed_origin: str | None = None


class LoginFlows:
    """Logins with the providers of one configuration, as flows. Holds no state of any login."""

    def __init__(
        self,
        config: Config,
        sealer: Sealer,
        store: Store,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
    ) -> None:
        self.config = config
        self._sealer = sealer
        self._store = store
        counts_alone = isinstance(store, MemoryStore)
        embedded = bool(config.embed_origins)
        self._alone = CountingAlone(clock(), os.environ, embedded) if counts_alone else None
        self._clock = clock
        self._random = random
        self._clients = {client.name: client for client in config.providers}
        self._speakers: dict[str, Speaker] = {}

    def begin(
        self,
        provider: str,
        next_url: object = None,
        *,
        change: bool = False,
        ask_email: bool = False,
        popup: str = "",
        embedding: Embedding | None = None,
    ) -> Flow[Start]:
        """Prepares the authorization request of a new transaction.

        Args:
            provider: the name of an enabled provider.
            next_url: where the browser goes when the login is complete.
            change: whether the provider is to ask which account to use.
            ask_email: whether it is to ask once more for an e-mail address that it did not share.
            popup: the nonce of the window that it goes on in, kept for the callback.
            embedding: the page of another site that it is for, kept too.
        """
        client = self._clients.get(provider)
        if client is None:
            raise self._unknown()
        record = client.record
        extra = record.change if change else record.ask_email if ask_email else {}
        return self._told("begin", client, self._begin(client, next_url, extra, popup, embedding))

    def complete(
        self,
        provider: str,
        params: Params,
        transaction: str | None,
        *,
        others_pending: bool = False,
        evidence: str = "",
        approve: Callable[[SignIn], object] | None = None,
    ) -> Flow[SignIn]:
        """Judges a callback and, if it is this browser's, exchanges it.

        Args:
            provider: the name that the callback's path says.
            params: the callback's parameters.
            transaction: the sealed text kept for this callback's key, if there is one.
            others_pending: whether this browser keeps other transactions.
            evidence: what else may explain a lost state, for the hint.
            approve: the app's hook; it may raise `LoginRefused`.
        """
        client = self._clients.get(provider)
        flow = self._complete(provider, params, transaction, others_pending, evidence, approve)
        return self._told("login", client, flow)

    def pending(self, sealed: str | None) -> Pending | None:
        """The transaction of a sealed text, used or ended though it be; None for anything else."""
        try:
            return transactions.open_(self._sealer, sealed or "")
        except StateError:
            return None

    def callback_keys(self, provider: str, parameters: "Parameters") -> list[str]:
        """What in a callback may name its transaction: by the provider's protocol, then by any.

        The others count too, so that a callback at the wrong door is told from a lost one.
        """
        own = self._own_key(self._clients.get(provider), parameters)
        others = [parameters[name] for name in _KEYS if parameters.get(name)]
        return [own, *others] if own is not None else others

    def _own_key(self, client: "Client | None", parameters: "Parameters") -> str | None:
        return self._speaker(client).callback_key(parameters) if client is not None else None

    def _begin(
        self,
        client: "Client",
        next_url: object,
        extra: Mapping[str, str],
        popup: str,
        embedding: Embedding | None,
    ) -> Flow[Start]:
        authorization = yield from self._speaker(client).begin(extra)
        transaction = Transaction(
            id=urlsafe_b64encode(self._random(16)).rstrip(b"=").decode(),
            provider=client.name,
            protocol=client.record.protocol,
            client_id=client.client_id,
            key=authorization.key,
            secret=authorization.secret,
            next_url=safe_next(next_url),
            begun_at=int(self._clock()),
            popup=popup,
            begun_in=this_process() if self._alone else "",
            embedding=embedding,
        )
        sealed = transactions.seal(self._sealer, transaction)
        return Start(authorization.url, sealed, authorization.key)

    def _complete(
        self,
        provider: str,
        params: Params,
        sealed: str | None,
        others_pending: bool,
        evidence: str,
        approve: Callable[[SignIn], object] | None,
    ) -> Flow[SignIn]:
        parameters = single(params)
        client = self._clients.get(provider)
        key = self._own_key(client, parameters)
        if client is None or key is None:
            raise self._stateless(provider, client, parameters, sealed, evidence)
        transaction = self._transaction(key, sealed, others_pending, evidence)
        yield from self._take(transaction, client)
        speaker = self._speaker(client)
        speaker.check_callback(parameters)
        claims, token = yield from speaker.complete(transaction.secret, key, parameters)
        identity = client.record.identity(claims, int(self._clock()), provider=client.name)
        embedding = transaction.embedding
        embed_origin = embedding.origin if embedding else None
        signin = SignIn(identity, token, transaction.next_url, embed_origin)
        if approve is not None:
            yield Call(approve, (signin,))
        return signin

    def _stateless(
        self,
        provider: str,
        client: "Client | None",
        parameters: "Parameters",
        sealed: str | None,
        evidence: str,
    ) -> SocialLoginError:
        """The error of a callback that names no transaction, or no provider of ours."""
        from .protocols import callbacks

        pending = self.pending(sealed)
        transaction = None if pending is None or pending.ended else pending.transaction
        if transaction and transaction.key in self.callback_keys(provider, parameters):
            return StateError(
                "state_foreign_provider",
                f"begun with {transaction.provider} ({transaction.protocol}), answered where that "
                "is not spoken: mixed up, or the configuration changed meanwhile",
            )
        if client is None:
            return self._unknown()
        try:
            if callbacks.is_report(parameters):
                self._speaker(client).check_callback(parameters)
        except SocialLoginError as reported:
            return reported
        return StateError(
            "state_missing",
            f"the callback has no state: someone opened its address by hand, or a proxy cuts "
            f"queries{evidence}",
        )

    def _transaction(
        self, key: str, sealed: str | None, others_pending: bool, evidence: str
    ) -> Transaction:
        """This callback's transaction, or the `StateError` that tells why there is none."""
        if not sealed and not others_pending:
            raise StateError(
                "state_missing",
                "this browser sent no transaction cookie: it was begun in another browser or an "
                f"in-app browser, cookies are refused, or an hour has passed{evidence}",
            )
        if not sealed:
            raise StateError(
                "state_mismatch",
                "the callback's state is of none of this browser's pending logins: its "
                f"transaction was completed, replaced by newer ones, or begun elsewhere{evidence}",
            )
        pending = transactions.open_(self._sealer, sealed)
        transaction = pending.transaction
        if not hmac.compare_digest(_bytes(transaction.key), _bytes(key)):
            raise StateError(
                "state_mismatch", "the callback's state is not the one of this transaction"
            )
        if pending.ended:
            raise StateError(
                "state_expired",
                f"the login took longer than {transactions.LIFETIME // 60} minutes",
            )
        return transaction

    def _take(self, transaction: Transaction, client: "Client") -> Flow[None]:
        """Uses the transaction for this client, once."""
        begun_with = (transaction.provider, transaction.protocol, transaction.client_id)
        if begun_with != (client.name, client.record.protocol, client.client_id):
            raise StateError(
                "state_foreign_provider",
                f"begun with {transaction.provider} ({transaction.protocol}), answered at "
                f"{client.name} ({client.record.protocol}): mixed up, or the configuration "
                "changed meanwhile; the code was sent nowhere",
            )
        if self._alone:
            self._alone.came_back(transaction.begun_in, transaction.begun_at)
        name = f"{self.config.base_url}:login:{transaction.id}"
        if not (yield from first_use(self._store, name, transactions.REMEMBERED)):
            raise StateError(
                "state_replayed",
                "this callback came before: a reload, the back button, or a prefetching browser",
            )

    def _speaker(self, client: "Client") -> "Speaker":
        """Made with the first login that needs it; two threads may make one each, to no harm."""
        speaker = self._speakers.get(client.name)
        if speaker is None:
            speaker = client.record.speak(client, self._clock, self._random)
            self._speakers[client.name] = speaker
        return speaker

    def _unknown(self) -> RequestError:
        enabled = ", ".join(self._clients) or "none"
        return RequestError("unknown_provider", f"enabled providers: {enabled}")

    def _told(self, act: str, client: "Client | None", flow: Flow[T]) -> Flow[T]:
        """Carries a flow and writes the one line about its outcome."""
        started, outcome, hint = self._clock(), "error", ""
        try:
            result = yield from flow
            outcome = "ok"
            return result
        except SocialLoginError as error:
            if client is not None and error.provider is None:
                error.provider = client.label
            outcome, hint = error.code, f" ({error.hint})"
            raise
        except GeneratorExit:
            outcome = "cancelled"
            raise
        finally:
            # A begun login's outcome is told by its callback, unless it ends here.
            if act != "begin" or outcome != "ok":
                logger.info(
                    "%s provider=%s outcome=%s duration=%.3f%s",
                    act, client.name if client else "unknown", outcome,
                    max(0.0, self._clock() - started), hint,
                )  # fmt: skip


def single(params: Params) -> dict[str, str]:
    """The parameters of a callback, each given once (RFC 6749 section 3.1).

    A framework's own mapping may hold several values under a name and show one of them: it is
    asked for all (`getlist` in Django, Werkzeug and Starlette, `getall` in most others).

    Raises:
        StateError: `state_mismatch`: one was given twice, or is not text.
    """
    every = getattr(params, "getlist", None) or getattr(params, "getall", None)
    if isinstance(params, Mapping):
        pairs = (
            [(n, v) for n in dict.fromkeys(params) for v in every(n)]
            if every
            else list(params.items())
        )
    else:
        pairs = list(params)
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise StateError("state_mismatch", "a parameter of the callback is given twice")
    if not all(isinstance(value, str) for value in parameters.values()):
        raise StateError("state_mismatch", "a parameter of the callback is given as a list")
    try:
        "".join(parameters.values()).encode()
    except UnicodeEncodeError:  # half a character; the provider could not be sent it
        raise StateError("state_mismatch", "a parameter of the callback is not text") from None
    return parameters


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
