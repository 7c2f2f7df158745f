"""What an app sent to a provider, read for assertions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import parse_http_list, parse_keqv_list

from ..flows import Request

if TYPE_CHECKING:
    from ..emulators.faults import Step

#: The parameters whose values a `repr` may show. All others may be a secret, or lead to one.
_SHOWN = {
    "response_type", "grant_type", "client_id", "redirect_uri", "scope", "code_challenge_method",
    "auth_type", "force_login", "fields", "include_email", "user.fields", "oauth_callback",
    "oauth_consumer_key", "oauth_signature_method", "oauth_version",
}  # fmt: skip


class Parameters(dict[str, str]):
    """Parameters by their name. Its `repr` hides what may be secret."""

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        shown = (f"{name}={value if name in _SHOWN else '…'}" for name, value in self.items())
        return " ".join(shown)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that a provider got.

    Attributes:
        step: what it is for: `request_token`, `authorize` (a browser was sent there), `token` or
            `userinfo`.
        method: in capitals.
        url: without its query.
        parameters: of the query, of the form, and OAuth 1.0a's of the Authorization header.
        headers: as they were sent; not in the `repr`.
    """

    step: "Step"
    method: str
    url: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)


def read(step: "Step", request: Request) -> Sent:
    """The request as assertions need it."""
    from ..emulators.reading import header, is_form

    parts = urlsplit(request.url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if is_form(request):
        pairs += parse_qsl((request.body or b"").decode(), keep_blank_values=True)
    scheme, _, value = header(request, "authorization").partition(" ")
    if scheme.lower() == "oauth":
        oauth = parse_keqv_list(parse_http_list(value))
        pairs += [(name, unquote(text)) for name, text in oauth.items()]
    bare = parts._replace(query="", fragment="").geturl()
    return Sent(step, request.method, bare, Parameters(pairs), request.headers)
