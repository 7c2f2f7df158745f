"""A request for a page of the app, as far as the login is concerned."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

from ..errors import SocialLoginError
from ..identity import Identity
from .endpoints import Endpoints
from .messages import WebRequest, WebResponse

_IN_PATHS = "/:@!$&'()*+,;=~"


class Visit:
    """One request for a page of the app: who asks, the box for the page, and what to answer.

    Attributes:
        request: the request, without its body.
        headers: what must go out with the app's answer; `sign_in` adds to it.
    """

    def __init__(self, endpoints: Endpoints, request: WebRequest) -> None:
        """`request` has the whole public path, the prefix of the app included."""
        self._endpoints = endpoints
        self.request = request
        self.headers: list[tuple[str, str]] = []

    @cached_property
    def identity(self) -> Identity | None:
        """Who is logged in in this browser, or whom the request's bearer stands for."""
        return self._endpoints.identity(self.request)

    @property
    def here(self) -> str:
        """The page to come back to: this one, or the one whose form was posted."""
        if self.request.method not in ("GET", "HEAD"):
            referrer = self.request.headers.get("referer", "")
            return referrer.removeprefix(self._endpoints.login.config.base_url)
        path = quote(self.request.path, safe=_IN_PATHS, errors="replace")
        return f"{path}?{self.request.query}" if self.request.query else path

    def box(
        self,
        next_url: str | None = None,
        change: bool = False,
        error: SocialLoginError | None = None,
        form: str | None = None,
        values: Mapping[str, str] | None = None,
    ) -> Any:
        """The comment box as markup.

        Args:
            next_url: the page that it stands in, where logins come back to; by default this one.
            change: whether to show the choices although somebody is logged in.
            error: a failure to report, `guest_invalid` with its fields.
            form: the id of the app's own form, which the buttons and fields then belong to.
            values: what stood in the guest fields.
        """
        return self._endpoints.box(
            self.request, self.here if next_url is None else next_url,
            change=change, error=error, form=form, values=values,
        )  # fmt: skip

    def commenter(self, form: Mapping[str, str]) -> Identity:
        """Who comments with the app's form in which the box stands; sign them in if they are new.

        The guest whose `name`, `email` and `website` it holds; or who is logged in, with the
        `email` that the form adds where the account shared none and the policy wants one.

        Raises:
            RequestError: `guest_invalid`, with `fields`; `guest_not_allowed` by the policy;
                `login_required`: the form showed an account, whose session has ended since.
        """
        return self._endpoints.commenter(self.request, form)

    def sign_in(self, identity: Identity, *, remember: bool | None = None) -> None:
        """Signs `identity` in; if not told to remember, a guest until the browser closes.

        What carries the visit adds the cookie to the answer.
        """
        self.headers.extend(self._endpoints.signing_in(identity, remember=remember))

    def login_required(self) -> WebResponse:
        """What to answer somebody who is not logged in: 303 to the choices, for JSON 401."""
        return self._endpoints.login_required(self.request, self.here)
