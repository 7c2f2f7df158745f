"""A login begins here, and ends here when the provider sends the browser back."""

import re
from collections.abc import Mapping

from ..errors import COOKIES_REFUSED, COOKIES_REFUSED_NO_GUESTS, SocialLoginError, StateError
from ..flows import Call, Flow
from ..identity import Identity
from ..login import Start
from ..next_url import HOME
from ..transactions import Transaction
from . import cookies
from .embed_results import ended
from .evidence import mismatch
from .forms import OURS, first, is_yes, without
from .messages import Pairs, WebRequest, WebResponse, see_other
from .site import Site

#: What a provider may say in a callback by POST; nothing else is posted again.
_FIELDS = {
    "code", "state", "iss", "error", "error_code", "error_reason", "error_message",
    "oauth_token", "oauth_verifier", "denied",
}  # fmt: skip
_REPOSTED = "sociallogin_reposted"
#: What names the window of a login: our script's nonce, or "1" where a link opened it.
_WINDOW = re.compile(r"[A-Za-z0-9_-]{1,64}")


def confirm(site: Site, request: WebRequest, provider: str) -> WebResponse:
    """A page that asks first: a login never begins on a GET, which any page can cause."""
    asked = first(request.parameters)
    client = site.client(provider)
    change = is_yes(asked.get("change"))
    return site.with_token(
        request, lambda view: site.pages.confirm(client, view), asked.get("next"),
        change=change, popup=_window(asked),
    )  # fmt: skip


def begin(site: Site, request: WebRequest, provider: str) -> Flow[WebResponse]:
    """Hands the app what else stood in the form, and sends the browser to the provider."""
    form = site.posted(request)
    client = site.client(provider)
    if site.on_begin is not None:
        yield Call(site.on_begin, (client.name, without(form, OURS)))
    chooser = bool(cookies.values(request.cookies, site.cookies.chooser))
    change = is_yes(form.get("change"))
    current = site.identity(request)
    # Whoever logs in again where no e-mail address was shared is asked once more.
    same = current is not None and current.provider == client.name
    ask_email = current is not None and same and site.login.lacks_email(current)
    popup = _window(form)
    try:
        start = yield from site.login.flows.begin(
            client.name, form.get("next"), change=change or chooser, ask_email=ask_email,
            popup=popup,
        )  # fmt: skip
    except SocialLoginError as error:  # told to the box that opened the window, too
        return site.failure(request, error, popup=popup, change=change)
    return to_provider(site, request, start)


def to_provider(site: Site, request: WebRequest, start: Start) -> WebResponse:
    """Sends the browser there with the cookie of the login that begins."""
    site.elsewhere.begun(start.key, mismatch(request, site.login.config.base_url))
    new = (site.cookies.login(start.key), start.transaction)
    gone = cookies.evicted(new, _oldest_first(site, request))
    return see_other(start.url).adding(
        [site.cookies.set(*new, cookies.PENDING_SECONDS), *map(site.cookies.delete, gone)]
    )


def callback(site: Site, request: WebRequest, provider: str) -> Flow[WebResponse]:
    """Signs in whom the provider vouches for; the transaction found here is over in any case."""
    pairs = request.parameters
    pending = site.cookies.pending(request.cookies)
    if request.method == "POST":
        form = request.form
        known = provider in {client.name for client in site.login.providers}
        reposted = (_REPOSTED, "1") in form
        if known and not pending and not reposted and not request.wants_json:
            # A cross-site POST brings no Lax cookies; one from our own page does.
            action = f"{site.login.config.mount}/callback/{provider}"
            again = [pair for pair in form if pair[0] in _FIELDS]
            language = site.language(request, HOME)
            return site.pages.repost(action, [*again, (_REPOSTED, "1")], language)
        pairs = [*pairs, *(pair for pair in form if pair[0] != _REPOSTED)]
    keys = _keys(site, provider, pairs)
    name = next((name for name in map(site.cookies.login, keys) if name in pending), None)
    sealed = pending[name] if name else None
    spent = [site.cookies.delete(name)] if name else []
    opened = site.login.flows.pending(sealed)
    transaction = opened.transaction if opened else None
    popup = transaction.popup if transaction else ""
    try:
        signin = yield from site.login.flows.complete(
            provider,
            pairs,
            sealed,
            others_pending=bool(pending),
            evidence=mismatch(request, site.login.config.base_url) or site.elsewhere.evidence(keys),
            approve=site.on_login,
        )
    except SocialLoginError as error:
        if error.code == "state_missing" and not request.cookies:
            guests = site.login.config.policy != "login-required"
            error.sentence = COOKIES_REFUSED if guests else COOKIES_REFUSED_NO_GUESTS
        if transaction is not None and transaction.embedding is not None:
            return (yield from ended(site, request, transaction.embedding, error)).adding(spent)
        if transaction is not None:
            identity = _calm(site, request, provider, transaction, error)
            if identity is not None:
                onward = _onward(site, request, identity, transaction.next_url, popup)
                return onward.adding(spent)
        next_url = transaction.next_url if transaction else HOME
        changes = site.identity(request) is not None  # who is logged in logs in by Change alone
        return site.failure(request, error, next_url=next_url, popup=popup, change=changes).adding(
            spent
        )
    asked = site.cookies.forget(request.cookies, site.cookies.chooser)
    if transaction is not None and transaction.embedding is not None:
        # The page of another site gets a bearer; here nobody is signed in by its login.
        done = yield from ended(site, request, transaction.embedding, signin.identity)
        return done.adding([*spent, *asked])
    return _onward(site, request, signin.identity, signin.next_url, popup).adding(
        [*spent, *site.signing_in(signin.identity), *asked]
    )


def _keys(site: Site, provider: str, pairs: Pairs) -> list[str]:
    """What may name the login that a callback belongs to, if nothing in it is said twice."""
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        return []
    return site.login.flows.callback_keys(provider, parameters)


def _calm(
    site: Site,
    request: WebRequest,
    provider: str,
    transaction: Transaction,
    error: SocialLoginError,
) -> Identity | None:
    """Whom this very login has signed in here, where its callback merely comes again."""
    if not isinstance(error, StateError) or error.code != "state_replayed":
        return None
    identity = site.identity(request)
    if identity is None or identity.provider != provider:
        return None
    return identity if identity.authenticated_at >= transaction.begun_at else None


def _onward(
    site: Site, request: WebRequest, identity: Identity, next_url: str, popup: str
) -> WebResponse:
    """The way to `next`; a fragment of its own keeps the provider's from the site."""
    page = next_url
    if site.client(identity.provider).record.clear_fragment and "#" not in next_url:
        next_url += "#"
    if not popup:
        return see_other(next_url)
    return site.pages.finished(identity, next_url, popup, site.language(request, page))


def _oldest_first(site: Site, request: WebRequest) -> list[tuple[str, str]]:
    """The pending logins by age; what does not open any more counts as oldest."""

    def begun_at(pair: tuple[str, str]) -> int:
        opened = site.login.flows.pending(pair[1])
        return opened.transaction.begun_at if opened else 0

    return sorted(site.cookies.pending(request.cookies).items(), key=begun_at)


def _window(asked: Mapping[str, str]) -> str:
    """The window that a login goes on in; empty where it is the page's own."""
    window = asked.get("popup", "")
    return window if _WINDOW.fullmatch(window) and window != "0" else ""
