"""Django's requests and responses in the words of the endpoints, and back."""

from django.http import HttpRequest, HttpResponse

from ...web.messages import MAX_BODY, WebRequest, WebResponse


def web_request(request: HttpRequest) -> WebRequest:
    """The request with its whole public path, and without its body."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    query: str = request.META.get("QUERY_STRING", "")
    if hasattr(request, "scope"):  # under ASGI, Django has decoded it as UTF-8
        query = query.encode().decode("latin-1")
    return WebRequest(str(request.method), request.path, query, headers)


def body(request: HttpRequest) -> bytes:
    """No more than `MAX_BODY` + 1 bytes."""
    read: bytes = request.read(MAX_BODY + 1)
    return read


def django_response(response: WebResponse) -> HttpResponse:
    """The response with these headers."""
    answer = HttpResponse(response.body, status=response.status)
    for name, value in response.headers:
        if name == "Set-Cookie":
            add_cookie(answer, value)
        else:
            answer.headers[name] = value
    # SecurityMiddleware's default, `same-origin`, would part a login in a popup from its opener.
    answer.headers.setdefault("Cross-Origin-Opener-Policy", "unsafe-none")
    return answer


def add_cookie(response: HttpResponse, header: str) -> None:
    """Adds a Set-Cookie header: of those, Django keeps several in `response.cookies` alone."""
    response.cookies.load(header)
