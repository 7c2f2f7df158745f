"""One site, as all its endpoints know it: cookies, pages, hooks, and what they do alike."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode

from .. import guests, session
from ..errors import RequestError, SocialLoginError
from ..identity import Identity
from ..login import SignIn
from ..next_url import HOME, safe_next
from ..site_login import SiteLogin
from . import cookies, languages
from .cookies import Cookies
from .evidence import BegunElsewhere
from .forms import CSRF, first, next_of, readable
from .languages import Language
from .messages import WebRequest, WebResponse, json_response, see_other
from .origin import is_same_origin
from .pages import Pages, View
from .visitor import identity_of, remembered_guest, visitor_of

if TYPE_CHECKING:
    from ..protocols.provider import Client

OnLogin: TypeAlias = Callable[[SignIn], object]
OnBegin: TypeAlias = Callable[[str, Mapping[str, str]], object]
ChooseLocale: TypeAlias = Callable[[WebRequest, str], object]


class Site:
    """One site, its logins and its pages.

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
        self.elsewhere = BegunElsewhere()
        self.on_login = on_login
        self.on_begin = on_begin
        self.choose_locale = choose_locale

    def client(self, provider: str) -> "Client":
        """The enabled provider of that name. Raises `RequestError`: `unknown_provider`."""
        client = next((c for c in self.login.providers if c.name == provider), None)
        if client is None:
            raise RequestError("unknown_provider")
        return client

    def identity(self, request: WebRequest) -> Identity | None:
        """Who is logged in in this browser, or whom the request's bearer stands for."""
        return request.vouched or identity_of(self.login, self.cookies, request.cookies)

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

    def commenter(self, request: WebRequest, form: Mapping[str, str]) -> Identity:
        """Who comments with this form of the app's, in which the box stands.

        The guest whose details it holds; or who is logged in, with the e-mail address that the
        form adds where the account shared none and the policy wants one.

        Raises:
            RequestError: `guest_invalid`, with `fields`; `guest_not_allowed` by the policy;
                `login_required`: the form showed an account, whose session has ended since.
        """
        current = self.identity(request)
        asked = "name" in form  # of the guest's fields a form holds all or none
        typed = any(form.get(field, "").strip() for field in guests.FIELDS)
        if asked and (typed or current is None):
            return self.guest(request, form)
        if current is None:
            raise RequestError("login_required")
        return guests.with_email(current, form) if self.login.lacks_email(current) else current

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
            self.view(request, next_url, self._chosen(request, next_url), change=change,
                       error=error, form=form, values=values or None)
        )  # fmt: skip

    def language(self, request: WebRequest, next_url: str) -> Language:
        """What this visitor reads: the app's choice, the browser's, the site's."""
        return self._language(request, self._chosen(request, next_url))

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
            next_url = next_of(request)
        if request.wants_json:
            return self.error_json(request, error, next_url)
        return self.with_token(
            request, lambda view: self.pages.failure(error, view), next_url, **view
        )

    def error_json(
        self, request: WebRequest, error: SocialLoginError, next_url: str = HOME
    ) -> WebResponse:
        """The JSON that reports an error."""
        language = self._language(request, self.kept(request, next_url))
        body = {"error": {"code": error.code, "message": language.message(error)}}
        return json_response(body, error.status)

    def posted(self, request: WebRequest) -> dict[str, str]:
        """The fields of a form of ours. Raises `RequestError` when another site posted it."""
        form = first(request.form)
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

    def with_token(
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
        locale = self.kept(request, next_url)
        response = page(self.view(request, next_url, locale, csrf_token=token, **view))
        if browser == known:
            return response
        return response.adding([self.cookies.set(self.cookies.csrf, browser)])

    def view(self, request: WebRequest, next_url: str, locale: str | None, **more: Any) -> View:
        return View(
            visitor=visitor_of(self.login, self.cookies, request.cookies, request.vouched),
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

    def kept(self, request: WebRequest, next_url: str) -> str | None:
        """What the app chose for the page with the box, whose script says so; else as ever."""
        asked = first(readable(request, "parameters")).get("locale")
        return (asked and languages.known(asked)) or self._chosen(request, next_url)
