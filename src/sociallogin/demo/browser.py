"""What the blog's own cookies say of a browser: that a form is from our page, which draft is its.

Both are opaque and random; neither says who somebody is.
"""

import re
from collections.abc import Callable
from hmac import compare_digest

from flask import after_this_request, request
from werkzeug.wrappers import Response

from ..config import Config
from ..web.origin import is_same_origin
from .drafts import DRAFT_SECONDS

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
