"""The endpoints below the mount point, as flows: a `WebRequest` in, a `WebResponse` out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlencode

from .. import session
from ..errors import (
    COOKIES_REFUSED,
    COOKIES_REFUSED_NO_GUESTS,
    FAILURES,
    RequestError,
    SocialLoginError,
    StateError,
)
from ..flows import Call, Flow
from ..identity import GUEST, Identity
from ..login import SignIn
from ..next_url import HOME, safe_next
from ..site_login import SiteLogin
from ..transactions import Transaction
from . import assets, avatars, cookies, languages
from .cookies import Cookies
from .evidence import mismatch
from .languages import Language
from .messages import NO_SNIFF, Pairs, WebRequest, WebResponse, json_response, see_other
from .origin import is_same_origin
from .pages import Pages, View
from .visitor import identity_of, left_now, remembered_guest, visitor_of

OnLogin: TypeAlias = Callable[[SignIn], object]
OnBegin: TypeAlias = Callable[[str, Mapping[str, str]], object]
ChooseLocale: TypeAlias = Callable[[WebRequest, str], object]

CSRF = "csrf_token"
_OURS = {"next", "change", "popup", CSRF}
_GUEST_FIELDS = {"name", "email", "website", "remember"}
_YES = {"1", "true", "on", "yes"}

#: What a provider may say in a callback by POST; nothing else is posted again.
_CALLBACK_FIELDS = {
    "code", "state", "iss", "error", "error_code", "error_reason", "error_message",
    "oauth_token", "oauth_verifier", "denied",
}  # fmt: skip
_REPOSTED = "sociallogin_reposted"
#: What names the window of a login: our script's nonce, or "1" where a link opened it.
_WINDOW = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class _Route:
    methods: frozenset[str]
    path: re.Pattern[str]
    answer: Callable[..., Flow[WebResponse]]
    safe: bool


class Endpoints:
    """The endpoints of one site.

    Args:
        login: the site's logins.
        on_login: called with the `SignIn` before it counts; may raise `LoginRefused`.
        on_begin: called with the provider's name and the other fields of the form that began a
            login, or left an account, before the browser goes.
        choose_locale: called with the request and the page that the visitor is on or comes back
            to; gives a language tag (`de`, `pt_BR`), or None to leave it to the browser.
        debug: whether error pages show code and hint.

    Attributes:
        on_login, on_begin, choose_locale: the hooks, which may be set later too.
    """

    def __init__(
        self,
        login: SiteLogin,
        *,
        on_login: OnLogin | None = None,
        on_begin: OnBegin | None = None,
        choose_locale: ChooseLocale | None = None,
        debug: bool = False,
    ) -> None:
        self.login = login
        self.cookies = Cookies(login.config)
        self.pages = Pages(login, debug=debug)
        self.on_login = on_login
        self.on_begin = on_begin
        self.choose_locale = choose_locale
        one = r"([^/]+)"
        self._routes = [
            _route("GET", "/", self._choices),
            _route("GET", f"/login/{one}", self._confirm),
            _route("POST", f"/login/{one}", self._begin),
            _route("GET POST", f"/callback/{one}", self._callback, safe=False),
            _route("POST", "/change", self._change),
            _route("POST", "/guest", self._guest),
            _route("POST", "/logout", self._logout),
            _route("GET", "/identity", self._identity),
            _route("GET", "/box", self._box),
            _route("GET", f"/static/{one}", self._static),
            _route("GET", f"/avatar/{one}", self._avatar),
        ]

    def below(self, path: str) -> str | None:
        """Where below the mount point a public path leads; None for every other path."""
        mount = self.login.config.mount
        if path == mount:
            return "/"
        return path.removeprefix(mount) if path.startswith(f"{mount}/") else None

    def below_or_fault(self, path: str) -> str:
        """The same for a path that a framework's routes have led here.

        Raises:
            RuntimeError: the endpoints are not mounted where the configuration says.
        """
        below = self.below(path)
        if below is None:
            raise RuntimeError(
                f"{path} led to the endpoints of the login, but the configuration says mount = "
                f'"{self.login.config.mount}": `mount` is the whole path that browsers see, with '
                "the prefix under which the app is served"
            )
        return below

    def handle(self, request: WebRequest) -> Flow[WebResponse]:
        """Answers a request; every failure of ours becomes a page or JSON, never an exception."""
        try:
            return (yield from self._routed(request))
        except SocialLoginError as error:
            return self.failure(request, error, values=_first(_readable(request, "form")))

    def box(
        self,
        request: WebRequest,
        next_url: str,
        *,
        change: bool = False,
        error: SocialLoginError | None = None,
        form: str | None = None,
        values: Mapping[str, str] | None = None,
    ) -> Any:
        """The comment box for a page of the app, as markup."""
        next_url = safe_next(next_url)
        return self.pages.box(
            self._view(request, next_url, self._chosen(request, next_url), change=change,
                       error=error, form=form, values=values)
        )  # fmt: skip

    def language(self, request: WebRequest, next_url: str) -> Language:
        """What this visitor reads: the app's choice, the browser's, the site's."""
        return self._language(request, self._chosen(request, next_url))

    def identity(self, request: WebRequest) -> Identity | None:
        """Who is logged in in this browser."""
        return identity_of(self.login, self.cookies, request.cookies)

    def signing_in(
        self, identity: Identity, *, remember: bool | None = None
    ) -> list[tuple[str, str]]:
        """The headers that sign `identity` in, until its end or until the browser closes.

        By default an account is remembered and a guest is not. A guest who is, is so for longer
        than a session lasts; one who is not is forgotten.
        """
        remember = not identity.is_guest if remember is None else remember
        sealed = self.login.seal_identity(identity)
        max_age = self.login.config.session_max_age if remember else None
        headers = [self.cookies.set(self.cookies.identity, sealed, max_age)]
        if identity.is_guest and remember:
            seconds = session.REMEMBERED_SECONDS
            kept = session.seal(self.login.sealer, identity, seconds, session.REMEMBERED)
            headers.append(self.cookies.set(self.cookies.guest, kept, seconds))
        elif identity.is_guest:
            headers.append(self.cookies.delete(self.cookies.guest))
        return headers

    def guest(self, request: WebRequest, form: Mapping[str, str]) -> Identity:
        """The guest who filled in a form; the one this browser is, or was, stays the same.

        Raises:
            RequestError: `guest_invalid`, with `fields`; `guest_not_allowed` by the policy.
        """
        current = self.identity(request)
        if current is None or not current.is_guest:
            current = remembered_guest(self.login, self.cookies, request.cookies)
        return self.login.guest(form, current=current)

    def login_required(self, request: WebRequest, next_url: str) -> WebResponse:
        """The answer of a view that needs a login to somebody without one."""
        if request.wants_json:
            return self.failure(request, RequestError("login_required"))
        query = urlencode({"next": safe_next(next_url)})
        return see_other(f"{self.login.config.mount}/?{query}")

    def failure(
        self,
        request: WebRequest,
        error: SocialLoginError,
        *,
        next_url: str | None = None,
        **view: Any,
    ) -> WebResponse:
        """The page, or the JSON, that reports an error; `view` are further fields of `View`."""
        if next_url is None:
            next_url = _next(request)
        if request.wants_json:
            language = self._language(request, self._kept(request, next_url))
            body = {"error": {"code": error.code, "message": language.message(error)}}
            return json_response(body, error.status)
        return self._with_token(
            request, lambda view: self.pages.failure(error, view), next_url, **view
        )

    def _routed(self, request: WebRequest) -> Flow[WebResponse]:
        _ = request.parameters  # refused alike everywhere, whether they are read or not
        method = "GET" if request.method == "HEAD" else request.method
        matching = [
            (route, match)
            for route in self._routes
            if (match := route.path.fullmatch(request.path)) is not None
        ]
        if not matching:
            raise RequestError("not_found")
        for route, match in matching:
            if method in route.methods and (route.safe or request.method != "HEAD"):
                return (yield from route.answer(request, *match.groups()))
        allowed = ", ".join(sorted(set[str]().union(*(route.methods for route, _ in matching))))
        error = RequestError("method_not_allowed", f"only {allowed} is answered here")
        return self.failure(request, error).adding([("Allow", allowed)])

    def _choices(self, request: WebRequest) -> Flow[WebResponse]:
        yield from ()
        asked = _first(request.parameters)
        change = asked.get("change") in _YES
        return self._with_token(request, self.pages.choices, asked.get("next"), change=change)

    def _confirm(self, request: WebRequest, provider: str) -> Flow[WebResponse]:
        """A login never begins on a GET, which any page can cause."""
        yield from ()
        asked = _first(request.parameters)
        client = next((c for c in self.login.providers if c.name == provider), None)
        if client is None:
            raise RequestError("unknown_provider")
        change = asked.get("change") in _YES
        return self._with_token(
            request, lambda view: self.pages.confirm(client, view), asked.get("next"),
            change=change, popup=_window(asked),
        )  # fmt: skip

    def _begin(self, request: WebRequest, provider: str) -> Flow[WebResponse]:
        form = self._posted(request)
        if provider not in {client.name for client in self.login.providers}:
            raise RequestError("unknown_provider")
        if self.on_begin is not None:
            yield Call(self.on_begin, (provider, _without(form, _OURS)))
        chooser = bool(cookies.values(request.cookies, self.cookies.chooser))
        change = form.get("change") in _YES or chooser
        start = yield from self.login.flows.begin(
            provider, form.get("next"), change=change, popup=_window(form)
        )
        new = (self.cookies.login(start.key), start.transaction)
        gone = cookies.evicted(new, self._oldest_first(request))
        return see_other(start.url).adding(
            [self.cookies.set(*new, cookies.PENDING_SECONDS), *map(self.cookies.delete, gone)]
        )

    def _callback(self, request: WebRequest, provider: str) -> Flow[WebResponse]:
        pairs = request.parameters
        pending = self.cookies.pending(request.cookies)
        if request.method == "POST":
            form = request.form
            known = provider in {client.name for client in self.login.providers}
            reposted = (_REPOSTED, "1") in form
            if known and not pending and not reposted and not request.wants_json:
                # A cross-site POST brings no Lax cookies; one from our own page does.
                action = f"{self.login.config.mount}/callback/{provider}"
                again = [pair for pair in form if pair[0] in _CALLBACK_FIELDS]
                language = self.language(request, HOME)
                return self.pages.repost(action, [*again, (_REPOSTED, "1")], language)
            pairs = [*pairs, *(pair for pair in form if pair[0] != _REPOSTED)]
        name = self._transaction_cookie(provider, pairs, pending)
        sealed = pending[name] if name else None
        spent = [self.cookies.delete(name)] if name else []
        opened = self.login.flows.pending(sealed)
        transaction = opened.transaction if opened else None
        popup = transaction.popup if transaction else ""
        try:
            signin = yield from self.login.flows.complete(
                provider,
                pairs,
                sealed,
                others_pending=bool(pending),
                evidence=mismatch(request, self.login.config.base_url),
                approve=self.on_login,
            )
        except SocialLoginError as error:
            if error.code == "state_missing" and not request.cookies:
                guests = self.login.config.policy != "login-required"
                error.sentence = COOKIES_REFUSED if guests else COOKIES_REFUSED_NO_GUESTS
            if transaction is not None:
                identity = self._calm(request, provider, transaction, error)
                if identity is not None:
                    onward = self._onward(request, identity, transaction.next_url, popup)
                    return onward.adding(spent)
            next_url = transaction.next_url if transaction else HOME
            return self.failure(request, error, next_url=next_url, popup=popup).adding(spent)
        return self._onward(request, signin.identity, signin.next_url, popup).adding(
            [
                *spent,
                *self.signing_in(signin.identity),
                *self._forget(request, self.cookies.chooser),
            ]
        )

    def _transaction_cookie(
        self, provider: str, pairs: Pairs, pending: Mapping[str, str]
    ) -> str | None:
        """The name of the cookie that a callback belongs to, if nothing in it is said twice."""
        parameters = dict(pairs)
        if len(parameters) != len(pairs):
            return None
        names = map(self.cookies.login, self.login.flows.callback_keys(provider, parameters))
        return next((name for name in names if name in pending), None)

    def _guest(self, request: WebRequest) -> Flow[WebResponse]:
        yield from ()
        form = self._posted(request)
        try:
            identity = self.guest(request, form)
        except RequestError as error:
            return self.failure(request, error, values=form)
        if self.on_begin is not None:
            yield Call(self.on_begin, (GUEST, _without(form, _OURS | _GUEST_FIELDS)))
        remember = form.get("remember") in _YES
        return see_other(safe_next(form.get("next"))).adding(
            self.signing_in(identity, remember=remember)
        )

    def _change(self, request: WebRequest) -> Flow[WebResponse]:
        """Leads to the choices from a box in the app's own form, whose fields must not be lost."""
        form = self._posted(request)
        yield from self._leaving(request, form)
        query = urlencode({"next": safe_next(form.get("next")), "change": 1})
        return see_other(f"{self.login.config.mount}/?{query}")

    def _leaving(self, request: WebRequest, form: Mapping[str, str]) -> Flow[None]:
        """Hands the app what else stood in its form, when one leaves an account."""
        identity, others = self.identity(request), _without(form, _OURS)
        if self.on_begin is not None and identity is not None and others:
            yield Call(self.on_begin, (identity.provider, others))

    def _logout(self, request: WebRequest) -> Flow[WebResponse]:
        """Ends this site's session; the next login of this browser asks for an account."""
        form = self._posted(request)
        yield from self._leaving(request, form)
        identity = self.identity(request)
        left = left_now(self.login, identity)
        headers = [
            self.cookies.delete(self.cookies.identity),
            self.cookies.set(self.cookies.chooser, left),
        ]
        if identity is not None and identity.is_guest:
            headers += self._forget(request, self.cookies.guest)
        return see_other(safe_next(form.get("next"))).adding(headers)

    def _identity(self, request: WebRequest) -> Flow[WebResponse]:
        yield from ()
        identity = self.identity(request)
        told = identity.to_dict() if identity else None
        if told is not None and identity is not None and self.login.avatars is not None:
            # Not the provider's own address, which a page would lead its readers' browsers to.
            url = self.login.avatar_url(identity)
            told["picture_url"] = f"{self.login.config.base_url}{url}" if url else None
        return json_response({"identity": told})

    def _box(self, request: WebRequest) -> Flow[WebResponse]:
        yield from ()
        asked = _first(request.parameters)
        next_url = safe_next(asked.get("next"))
        view = self._view(
            request, next_url, self._kept(request, next_url), change=asked.get("change") in _YES,
            error=self._told(asked), form=asked.get("form"),
        )  # fmt: skip
        return self.pages.fragment(view)

    def _static(self, request: WebRequest, name: str) -> Flow[WebResponse]:
        yield from ()
        asset, age = assets.by_hashed_name().get(name), "public, max-age=31536000, immutable"
        if asset is None:
            asset, age = assets.assets().get(name), "no-cache"
        if asset is None:
            raise RequestError("not_found")
        headers = (("Content-Type", asset.content_type), ("Cache-Control", age), NO_SNIFF)
        return WebResponse(200, headers, asset.content)

    def _avatar(self, request: WebRequest, opaque: str) -> Flow[WebResponse]:
        if self.login.avatars is None:
            raise RequestError("not_found", "pictures are off in the configuration")
        side = avatars.side(request)
        found = yield from self.login.avatars.serve(opaque, side, self.login.pause)
        return avatars.answer(request, found, embedded=bool(self.login.config.embed_origins))

    def _told(self, asked: Mapping[str, str]) -> SocialLoginError | None:
        """The error that a login's window told the box, which asks for its sentence."""
        code = asked.get("error", "")
        if code not in FAILURES:
            return None
        label = next(
            (c.label for c in self.login.providers if c.name == asked.get("provider")), None
        )
        wait = asked.get("wait", "")
        seconds = int(wait) if _SECONDS.fullmatch(wait) else None
        return SocialLoginError(code, provider=label, retry_after=seconds)

    def _posted(self, request: WebRequest) -> dict[str, str]:
        """The fields of a form of ours. Raises `RequestError` when another site posted it."""
        form = _first(request.form)
        ours = is_same_origin(request.headers, self.login.config.base_url)
        if ours is None:
            ours = self._token_fits(request, form.get(CSRF, ""))
        if not ours:
            raise RequestError(
                "cross_site_request",
                "Sec-Fetch-Site or Origin names another site, or both are absent and the CSRF "
                "token is missing or of another browser",
            )
        return form

    def _token_fits(self, request: WebRequest, token: str) -> bool:
        bound_to = self.login.sealer.verify(CSRF, token)
        return bound_to is not None and bound_to in cookies.values(
            request.cookies, self.cookies.csrf
        )

    def _with_token(
        self,
        request: WebRequest,
        page: Callable[[View], WebResponse],
        next_url: object,
        **view: Any,
    ) -> WebResponse:
        """A page whose forms carry a CSRF token, which is bound to this browser by a cookie."""
        known = next(iter(cookies.values(request.cookies, self.cookies.csrf)), "")
        browser = known if re.fullmatch(r"[0-9a-f]{32}", known) else self.login.random(16).hex()
        next_url = safe_next(next_url)
        token = self.login.sealer.sign(CSRF, browser)
        locale = self._kept(request, next_url)
        response = page(self._view(request, next_url, locale, csrf_token=token, **view))
        if browser == known:
            return response
        return response.adding([self.cookies.set(self.cookies.csrf, browser)])

    def _view(self, request: WebRequest, next_url: str, locale: str | None, **more: Any) -> View:
        return View(
            visitor=visitor_of(self.login, self.cookies, request.cookies),
            next_url=next_url,
            language=self._language(request, locale),
            locale=locale,
            **more,
        )

    def _language(self, request: WebRequest, locale: str | None) -> Language:
        """The app's choice, else the browser's, else the site's."""
        header = request.headers.get("accept-language", "")
        return languages.language(locale or languages.accepted(header, self.login.config.locale))

    def _chosen(self, request: WebRequest, next_url: str) -> str | None:
        """What the app chooses for this page, as far as it is a language of ours."""
        if self.choose_locale is None:
            return None
        return languages.known(self.choose_locale(request, next_url))

    def _kept(self, request: WebRequest, next_url: str) -> str | None:
        """What the app chose for the page with the box, whose script says so; else as ever."""
        asked = _first(_readable(request, "parameters")).get("locale", "")
        return languages.known(asked) or self._chosen(request, next_url)

    def _oldest_first(self, request: WebRequest) -> list[tuple[str, str]]:
        """The pending logins by age; what does not open any more counts as oldest."""

        def begun_at(pair: tuple[str, str]) -> int:
            opened = self.login.flows.pending(pair[1])
            return opened.transaction.begun_at if opened else 0

        return sorted(self.cookies.pending(request.cookies).items(), key=begun_at)

    def _calm(
        self, request: WebRequest, provider: str, transaction: Transaction, error: SocialLoginError
    ) -> Identity | None:
        """Whom this very login has signed in here, where its callback merely comes again."""
        if not isinstance(error, StateError) or error.code != "state_replayed":
            return None
        identity = self.identity(request)
        if identity is None or identity.provider != provider:
            return None
        return identity if identity.authenticated_at >= transaction.begun_at else None

    def _onward(
        self, request: WebRequest, identity: Identity, next_url: str, popup: str
    ) -> WebResponse:
        """The way to `next`; a fragment of its own keeps the provider's from the site."""
        client = next(c for c in self.login.providers if c.name == identity.provider)
        page = next_url
        if client.record.clear_fragment and "#" not in next_url:
            next_url += "#"
        if not popup:
            return see_other(next_url)
        return self.pages.finished(identity, next_url, popup, self.language(request, page))

    def _forget(self, request: WebRequest, name: str) -> list[tuple[str, str]]:
        return [self.cookies.delete(name)] if cookies.values(request.cookies, name) else []


def _route(
    methods: str, path: str, answer: Callable[..., Flow[WebResponse]], *, safe: bool = True
) -> _Route:
    """`safe` (RFC 9110 section 9.2.1): whether a GET changes nothing, so that HEAD may ask too."""
    return _Route(frozenset(methods.split()), re.compile(path), answer, safe)


def _window(asked: Mapping[str, str]) -> str:
    """The window that a login goes on in; empty where it is the page's own."""
    window = asked.get("popup", "")
    return window if _WINDOW.fullmatch(window) and window != "0" else ""


def _without(form: Mapping[str, str], names: set[str]) -> dict[str, str]:
    return {name: value for name, value in form.items() if name not in names}


def _next(request: WebRequest) -> str:
    """The way back that a failed request itself names, as far as it can be read."""
    for part in ("form", "parameters"):
        asked = _first(_readable(request, part))
        if "next" in asked:
            return safe_next(asked["next"])
    return safe_next(None)


def _first(pairs: Pairs) -> dict[str, str]:
    """Of a field given twice the first counts."""
    return dict(reversed(pairs))


def _readable(request: WebRequest, part: str) -> Pairs:
    try:
        pairs: Pairs = getattr(request, part)
    except RequestError:
        return []
    return pairs
