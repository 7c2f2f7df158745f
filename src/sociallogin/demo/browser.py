"""What the blog's own cookies say of a browser: that a form is from our page, which draft is its.

All are opaque; none says who somebody is, but the owner's, who is whoever has the link.
"""

import re
from collections.abc import Callable
from hmac import compare_digest

from flask import after_this_request, request
from werkzeug.wrappers import Response

from ..config import Config
from ..web.origin import is_same_origin
from .drafts import DRAFT_SECONDS
from .words import notice

#: The form field that repeats the visit cookie.
VISIT = "visit"

_TOKEN = re.compile(r"[0-9a-f]{32}")


class Browser:
    """The browser that sent the current request."""

    def __init__(self, config: Config, random: Callable[[int], bytes]) -> None:
        self._config = config
        self._random = random
        host = "__Host-" if config.is_https else ""
        self._draft = f"{host}demo_draft"
        self._visit = f"{host}demo_visit"
        self._owner = f"{host}demo_owner"
        self._notice = f"{host}demo_notice"

    def posts_our_form(self) -> bool:
        """Whether what it posts is from a page of ours: the rule of the login's own endpoints.

        The browser says where a form comes from. Where it does not, the form must repeat what
        its page told this browser by a cookie.
        """
        headers = {name.lower(): value for name, value in request.headers.items()}
        ours = is_same_origin(headers, self._config.base_url)
        if ours is not None:
            return ours
        told, repeated = request.cookies.get(self._visit, ""), request.form.get(VISIT, "")
        return bool(told) and compare_digest(told.encode(), repeated.encode())

    def visit(self) -> str:
        """What the forms of a page for this browser repeat."""
        told = request.cookies.get(self._visit, "")
        if not _TOKEN.fullmatch(told):
            told = self._random(16).hex()
            self._set(self._visit, told, None)
        return told

    @property
    def draft(self) -> str | None:
        """The token of its draft."""
        return request.cookies.get(self._draft)

    @draft.setter
    def draft(self, token: str | None) -> None:
        if token is not None:
            self._set(self._draft, token, DRAFT_SECONDS)
        elif self.draft is not None:
            self._set(self._draft, "", 0)

    @property
    def owner(self) -> str | None:
        """The secret of the owner's link, if this browser has followed it."""
        return request.cookies.get(self._owner)

    @owner.setter
    def owner(self, key: str) -> None:
        self._set(self._owner, key, None)

    def take_notice(self) -> str:
        """The sentence that the last request left for this page, once; empty if there is none."""
        left = request.cookies.get(self._notice, "")
        if left:
            self._set(self._notice, "", 0)
        return notice(left)

    def leave_notice(self, name: str) -> None:
        """Leaves the sentence `words.notice(name)` for the page that the browser is sent to."""
        self._set(self._notice, name, None)

    def _set(self, name: str, value: str, max_age: int | None) -> None:
        """Sets a cookie with whatever response this request gets; `max_age` 0 deletes it."""

        @after_this_request
        def set_cookie(response: Response) -> Response:
            response.set_cookie(
                name,
                value,
                max_age=max_age,
                secure=self._config.is_https,
                httponly=True,
                samesite="Lax",
            )
            return response
