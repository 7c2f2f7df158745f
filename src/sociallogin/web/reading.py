"""What the script and the pages of the app read: the choices, the box, who is signed in."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ..errors import FAILURES, SocialLoginError
from ..identity import Identity
from ..next_url import safe_next
from ..session import KEPT
from .cors import listed_origin
from .forms import first, is_yes
from .messages import WebRequest, WebResponse, json_response
from .site import Site

_SECONDS = re.compile(r"[0-9]{1,5}")
#: The id of an element. The box repeats it many times and is kept, so it is bounded.
_FORM_ID = re.compile(r"\S{1,100}")


def choices(site: Site, request: WebRequest) -> WebResponse:
    """A whole page with the login choices."""
    asked = first(request.parameters)
    change = is_yes(asked.get("change"))
    return site.with_token(request, site.pages.choices, asked.get("next"), change=change)


def box(site: Site, request: WebRequest) -> WebResponse:
    """The comment box as a fragment, for the script."""
    asked = first(request.parameters)
    next_url = safe_next(asked.get("next"))
    view = site.view(
        request,
        next_url,
        site.kept(request, next_url),
        change=is_yes(asked.get("change")),
        error=_told(site, asked),
        form=_form_id(asked),
        embedded=listed_origin(site.login.config, request) is not None,
    )
    # Another site's script says what a cookie says here: where one has just logged out.
    left = asked.get("left") if view.embedded and view.visitor.identity is None else None
    if left and left in {client.name for client in site.login.providers}:
        view = view._replace(visitor=view.visitor._replace(left=left))
    return site.pages.fragment(view)


def identity(site: Site, request: WebRequest) -> WebResponse:
    """Who is signed in, as JSON."""
    current = site.identity(request)
    return _answer(current and _shown(site, current))


def told(site: Site, identity: Identity) -> dict[str, Any]:
    """An identity as JSON tells it."""
    return _shown(site, identity).to_dict()


@lru_cache(maxsize=KEPT)
def _answer(identity: Identity | None) -> WebResponse:
    return json_response({"identity": identity and identity.to_dict()})


def _shown(site: Site, identity: Identity) -> Identity:
    """The identity with a picture that stands on this site.

    The provider's own address would lead the browsers of a page's readers there.
    """
    if site.login.avatars is None:
        return identity
    url = site.login.avatar_url(identity)
    return replace(identity, picture_url=f"{site.login.config.base_url}{url}" if url else None)


def _form_id(asked: Mapping[str, str]) -> str | None:
    """The app's own form that the box belongs to."""
    form = asked.get("form")
    return form if form and _FORM_ID.fullmatch(form) else None


def _told(site: Site, asked: Mapping[str, str]) -> SocialLoginError | None:
    """The error that a login's window told the box, which asks for its sentence."""
    code = asked.get("error", "")
    if code not in FAILURES:
        return None
    label = next((c.label for c in site.login.providers if c.name == asked.get("provider")), None)
    wait = asked.get("wait", "")
    seconds = int(wait) if _SECONDS.fullmatch(wait) else None
    return SocialLoginError(code, provider=label, retry_after=seconds)
