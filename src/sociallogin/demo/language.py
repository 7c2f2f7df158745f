"""The blog in the language of its visitor. The box has catalogues of its own, with ours beside."""

from flask import current_app, g, request

from ..errors import SocialLoginError
from ..web import languages
from ..web.languages import Language


def current() -> Language:
    """What the visitor reads: the browser's choice, else the site's."""
    if "language" not in g:
        site = current_app.extensions["sociallogin"].login.config.locale
        tag = languages.accepted(request.headers.get("Accept-Language", ""), site)
        g.language = languages.language(tag, __package__)
    language: Language = g.language
    return language


def gettext(message: str) -> str:
    """The message, as the visitor reads it."""
    return current().gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form of the message that goes with the number `n`."""
    return current().ngettext(singular, plural, n)


def isolate(name: str) -> str:
    """A name whose direction leaves the text around it in order."""
    return current().isolate(name)


def message(error: SocialLoginError) -> str:
    """The login's own sentence, from its own catalogue."""
    return languages.language(current().tag).message(error)
