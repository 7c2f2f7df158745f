"""Django's requests and responses in the words of the endpoints, and back."""

from http.cookies import Morsel, SimpleCookie
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from ...identity import Identity
from ...web import asgi, wsgi
from ...web.messages import MAX_BODY, MAX_DROPPED, VOUCHED, WebRequest, WebResponse


def web_request(request: HttpRequest) -> WebRequest:
    """The request with its whole public path, and without its body."""
    # A prefix that Django alone knows of; before 5.0 an ASGI request does not say it.
    prefix = settings.FORCE_SCRIPT_NAME or request.META["SCRIPT_NAME"]
    path = prefix.rstrip("/") + request.path_info
    # The rest as the server has sent it: what Django repairs or refuses, other frameworks do not.
    if isinstance(request, ASGIRequest):
        query = request.META["QUERY_STRING"].encode()  # Django's test client scopes it as text
        asked = asgi.web_request({**request.scope, "query_string": query}, path)
    else:
        asked = wsgi.web_request(request.environ, path)
    asked.native = request
    return asked


def vouch(request: HttpRequest, identity: Identity | None) -> None:
    """Keeps for `web_request` whom the request's bearer stands for."""
    carrier = request.scope if isinstance(request, ASGIRequest) else request.environ
    carrier[VOUCHED] = identity


def body_of(request: HttpRequest) -> dict[str, Any]:
    """A `WebRequest`'s `fields`, or its `body` with no more than `MAX_BODY` + 1 bytes of it.

    The body is None where it ends before its length, or cannot be read.
    """
    state = vars(request)
    if "_post" in state and "_body" not in state:  # a middleware has read it, and kept the fields
        fields = [(name, str(v)) for name, values in request.POST.lists() for v in values]
        return {"fields": fields}
    body, received = bytearray(), 0
    try:
        while received < MAX_DROPPED and (piece := request.read(MAX_BODY)):
            body += piece[: MAX_BODY + 1 - len(body)]
            received += len(piece)
    except UnreadablePostError:
        return {"body": None}
    broke_off = received < (wsgi.length_of(request.META) or 0)
    return {"body": None if broke_off else bytes(body)}


def django_response(response: WebResponse) -> HttpResponse:
    """The response with these headers."""
    headers = dict(response.headers)
    answer = HttpResponse(response.body, status=response.status, headers=headers)
    if response.status == 304:
        del answer.headers["Content-Type"]  # which Django gives to every answer
    if "Set-Cookie" in headers:
        del answer.headers["Set-Cookie"]
        for name, value in response.headers:
            if name == "Set-Cookie":
                set_cookie(answer, value)
    # SecurityMiddleware's default, `same-origin`, would part a login in a popup from its opener.
    answer.headers.setdefault("Cross-Origin-Opener-Policy", "unsafe-none")
    return answer


def set_cookie(response: HttpResponse, header: str) -> None:
    """Adds a Set-Cookie header; of those, Django keeps several in `response.cookies` alone."""
    for name, parsed in SimpleCookie(header).items():
        response.cookies[name] = _Cookie(parsed, header)


class _Cookie(Morsel[str]):
    """A cookie that goes out as it was written: no `expires` beside `Max-Age`, no quotes."""

    def __init__(self, parsed: "Morsel[str]", header: str) -> None:
        super().__init__()
        self.set(parsed.key, parsed.value, parsed.coded_value)
        self.update(parsed)
        self._header = header

    def output(self, attrs: Any = None, header: str = "Set-Cookie:") -> str:
        return f"{header} {self._header}".lstrip()
