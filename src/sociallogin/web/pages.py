"""The comment box and the whole pages, as HTML."""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from .. import cleaning
from ..errors import SocialLoginError, translatable
from ..identity import Identity
from ..site_login import SiteLogin
from ..transactions import Embedding
from . import assets, templating
from .languages import Language
from .messages import HTML, NO_OPENER_POLICY, NO_REFERRER, NO_SNIFF, NO_STORE, WebResponse
from .visitor import Visitor

if TYPE_CHECKING:
    from ..protocols.provider import Client

# No form-action: Chromium applies it to every redirect of a login, and a provider redirects
# where it likes; default-src does not stand in for it.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors {}"
)
_CONTENT_POLICY = "Content-Security-Policy"
_PLAIN_HEADERS = (
    HTML, NO_STORE, NO_SNIFF, NO_REFERRER, NO_OPENER_POLICY,
    ("X-Frame-Options", "DENY"),
    ("Vary", "Cookie, Accept-Language"),
)  # fmt: skip
_PAGE_HEADERS = (*_PLAIN_HEADERS, (_CONTENT_POLICY, _POLICY.format("'none'")))
#: The window of a login asks the box that opened it, and tells it how it ended.
_WINDOW_HEADERS = (
    *_PLAIN_HEADERS,
    (_CONTENT_POLICY, _POLICY.format("'none'; script-src 'self'")),
)
_FRAGMENT_HEADERS = (
    HTML, NO_STORE, NO_SNIFF,
    (_CONTENT_POLICY, _POLICY.format("'self'; script-src 'self'; connect-src 'self'")),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Vary", "Cookie, Accept-Language"),
)  # fmt: skip
#: What only the script says.
_WORDS = {
    "connecting": translatable("Connecting to %(provider)s…"),
    "cancel": translatable("Cancel"),
    "unsure": translatable(
        "Still waiting for %(provider)s. If you closed that window, choose again."
    ),
    "blocked": translatable("Your browser blocked the login window."),
    "onward": translatable("Continue in this window"),
    "kept": translatable("Your draft was kept."),
    "unreached": translatable("That did not work. Please check your connection and try again."),
    "ended": translatable("Your login has ended. What you typed is still here."),
}
_PROVIDER = "%(provider)s"
#: How many boxes are kept as HTML, of some 4 KB each.
BOXES_KEPT = 512
#: Characters of the page's address and the form's id in a box that is kept.
MAX_REPEATED = 200
#: Where visitors read how Akismet handles their data.
AKISMET_PRIVACY = "https://akismet.com/privacy/"
#: CDNs replace an origin's 502 and 504 pages by their own.
_PAGE_STATUS = {502: 503, 504: 503}


class View(NamedTuple):
    """What a box shows.

    Attributes:
        visitor: this browser.
        next_url: where everything in the box comes back to.
        language: what the visitor reads.
        locale: the same where the app chose it, for the script to keep to; else None.
        change: whether another account is being chosen.
        error: what went wrong before, or None.
        values: what stood in the guest fields.
        form: the id of the app's own form, which buttons and fields then belong to.
        csrf_token: for pages whose forms say `Origin: null`.
        popup: the nonce of the window that a box opened for this page, or empty.
        embedded: whether the box stands in a page of another site, whose script acts for it.
    """

    visitor: Visitor
    next_url: str
    language: Language
    locale: str | None = None
    change: bool = False
    error: SocialLoginError | None = None
    values: Mapping[str, str] | None = None
    form: str | None = None
    csrf_token: str | None = None
    popup: str = ""
    embedded: bool = False


class Pages:
    """The pages of one site.

    Raises:
        ConfigError: a template of the app's own has a fault.
    """

    def __init__(self, login: SiteLogin, *, debug: bool = False) -> None:
        self._login = login
        self._debug = debug
        self._mount = login.config.mount
        self._templates = login.config.templates
        templating.check(self._templates)
        # Most page views ask for a box: nobody's is the same for all of them, and somebody's is
        # the same on each view of a page.
        keeping = (lambda made: made) if debug else lru_cache(maxsize=BOXES_KEPT)
        self._known_box: Callable[[View], Markup] = keeping(self._box)
        self._known_fragment: Callable[[View], WebResponse] = keeping(self._fragment)

    def box(self, view: View) -> Markup:
        """The comment box: a `<section>` with its style sheet."""
        return self._known_box(view) if _is_lasting(view) else self._box(view)

    def _box(self, view: View) -> Markup:
        html = self._render("box.html", view, self._context(view))
        return Markup(html)  # noqa: S704  (rendered with every value escaped)

    def fragment(self, view: View) -> WebResponse:
        """The comment box as an answer of its own, for this site's pages only."""
        return self._known_fragment(view) if _is_lasting(view) else self._fragment(view)

    def _fragment(self, view: View) -> WebResponse:
        return WebResponse(200, _in(view, _FRAGMENT_HEADERS), self._box(view).encode())

    def choices(self, view: View) -> WebResponse:
        """A whole page with the login choices."""
        _ = view.language.gettext
        title = _("Change account") if view.change else _("Log in")
        return self._page("choices.html", 200, view, title=title)

    def confirm(self, client: "Client", view: View) -> WebResponse:
        """A page with the one button that begins a login."""
        _, label = view.language.gettext, view.language.isolate(client.label)
        title = _("Log in with %(provider)s") % {"provider": label}
        return self._page("confirm.html", 200, view, title=title, client=client)

    def finished(
        self, identity: Identity, next_url: str, popup: str, language: Language
    ) -> WebResponse:
        """What a login ends with in a window of its own: it tells the box, and closes."""
        view = View(visitor=Visitor(identity), next_url=next_url, language=language, popup=popup)
        title = language.gettext("You are logged in")
        return self._page("finished.html", 200, view, title=title, outcome="signin")

    def embed_login(self, client: "Client", view: View, embedding: Embedding) -> WebResponse:
        """The page on which a login for another site's page begins."""
        _, label = view.language.gettext, view.language.isolate(client.label)
        title = _("Log in with %(provider)s") % {"provider": label}
        return self._page("embed_login.html", 200, view, title=title, client=client,
                          embedding=embedding, scripted=not embedding.return_url)  # fmt: skip

    def embed_ended(
        self, view: View, embedding: Embedding, identity: Identity | None
    ) -> WebResponse:
        """What a login for another site's page ends with in a window, if not on that page."""
        _, error = view.language.gettext, view.error
        title = _("You are logged in")
        if error is not None:
            title = _("Error: %(message)s") % {"message": view.language.message(error)}
        view = view._replace(visitor=Visitor(identity))
        status = _PAGE_STATUS.get(error.status, error.status) if error else 200
        return self._page("embed_ended.html", status, view, title=title, embedding=embedding,
                          scripted=not embedding.return_url)  # fmt: skip

    def repost(self, action: str, fields: list[tuple[str, str]], language: Language) -> WebResponse:
        """A page with the one button that posts a provider's answer again, as from this site."""
        view = View(visitor=Visitor(), next_url="/", language=language)
        title = language.gettext("Continue")
        return self._page("repost.html", 200, view, title=title, action=action, fields=fields)

    def failure(self, error: SocialLoginError, view: View) -> WebResponse:
        """A whole page that says what went wrong, with a way back and the choices."""
        status = _PAGE_STATUS.get(error.status, error.status)
        title = view.language.gettext("Error: %(message)s") % {
            "message": view.language.message(error)
        }
        view = view._replace(error=error)
        return self._page("failure.html", status, view, title=title, outcome="error")

    def _page(
        self, template: str, status: int, view: View, *, scripted: bool = False, **more: Any
    ) -> WebResponse:
        context = self._context(view) | {"outcome": ""} | more | {"whole_page": True}
        html = self._render(template, view, context)
        headers = _WINDOW_HEADERS if view.popup or scripted else _PAGE_HEADERS
        return WebResponse(status, _in(view, headers), html.encode())

    def _render(self, template: str, view: View, context: Mapping[str, Any]) -> str:
        templates = templating.environment(view.language, self._templates, self._debug)
        return templates.get_template(template).render(context)

    def _context(self, view: View) -> dict[str, Any]:
        identity = view.visitor.identity
        failed = view.error.provider if view.error else None
        clients = sorted(self._login.providers, key=lambda client: client.label != failed)
        labels = {client.name: client.label for client in clients}
        language = view.language
        fields = getattr(view.error, "fields", {})
        state = _state(view)
        # In a page of another site only its own form reaches the app; none of ours may be posted.
        heard = bool(view.form) or not view.embedded
        lacks_email = heard and identity is not None and self._login.lacks_email(identity)
        # The form of an account that lacks an address holds no other field.
        email_alone = lacks_email and "email" in fields and "name" not in (view.values or {})
        base_url = self._login.config.base_url
        # In a page of another site, addresses name this one.
        here = base_url if view.embedded else ""
        return {
            "view": view,
            "language": language,
            "message": language.message(view.error) if view.error else "",
            "state": state,
            "identity": identity,
            "name": _name(identity, language),
            "clients": clients,
            "labels": labels,
            "guests": heard and self._login.config.policy != "login-required",
            "required": self._login.config.policy == "name-and-email",
            "shows_account": email_alone or state in {"signed-in", "guest"},
            "lacks_email": lacks_email,
            "asks_again": lacks_email and not view.embedded and self._can_ask_again(identity),
            "field_errors": {name: language.gettext(sentence) for name, sentence in fields.items()},
            "values": {name: _put_back(value) for name, value in (view.values or {}).items()},
            "mount": f"{here}{self._mount}",
            "prefix": f"sociallogin-{view.form}" if view.form else "sociallogin",
            "stylesheet": f"{here}{self._address_of('sociallogin.css')}",
            "words": _words(language),
            "script": self._address_of("sociallogin.js"),
            "embed_script": self._address_of("embed.js"),
            "whole_page": False,
            "debug": self._debug,
            "akismet": AKISMET_PRIVACY if self._login.config.akismet else None,
            "site": base_url.partition("://")[2],
            "avatar_url": partial(self._avatar_url, here),
        }

    def _can_ask_again(self, identity: Identity | None) -> bool:
        """Whether the provider can be asked once more for an e-mail address."""
        return any(
            client.record.ask_email
            for client in self._login.providers
            if identity is not None and client.name == identity.provider
        )

    def _avatar_url(self, here: str, identity: Identity) -> str | None:
        url = self._login.avatar_url(identity)
        return f"{here}{url}" if url else None

    def _address_of(self, asset: str) -> str:
        return f"{self._mount}/static/{assets.assets()[asset].hashed_name}"


def _is_lasting(view: View) -> bool:
    """Whether this box may be kept: what is said once is not, nor what somebody has typed.

    What it repeats many times is bounded, so that those that are kept are.
    """
    return (
        len(view.next_url) + len(view.form or "") <= MAX_REPEATED
        and view.error is None
        and view.values is None
        and view.csrf_token is None
        and view.visitor.remembered is None
    )


def _state(view: View) -> str:
    """The box's `data-state`."""
    identity = view.visitor.identity
    if view.error is not None:
        return "error"
    if identity is None:
        return "anonymous"
    if view.change:
        return "changing"
    return "guest" if identity.is_guest else "signed-in"


def _put_back(value: str) -> str:
    """What was typed, as far as it can be shown; the person may have to mend it."""
    return cleaning.text(value) or ""


def _name(identity: Identity | None, language: Language) -> str:
    """What to call who is logged in: `Identity.label`, whose neutral word is English."""
    known = identity and (identity.name or identity.username)
    return known or language.gettext("Someone")


@cache
def _words(language: Language) -> Markup:
    """The script's words as JSON for an attribute."""
    words = {
        name: language.gettext(sentence).replace(_PROVIDER, language.isolate(_PROVIDER))
        for name, sentence in _WORDS.items()
    }
    return htmlsafe_json_dumps(words, ensure_ascii=False)


def _in(view: View, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return (*headers, ("Content-Language", view.language.tag))
