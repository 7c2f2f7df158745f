"""The test clients of the frameworks, as browsers that visit pages and keep cookies.

A client is known by its class, so that none of the frameworks is imported here.
"""

import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar
from typing import Any, ClassVar, Protocol, TypeVar, cast
from urllib.parse import urlencode

R_co = TypeVar("R_co", covariant=True)

_FORM = "application/x-www-form-urlencoded"
#: What a browser says when one of our own pages posts a form.
_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


class Client(Protocol[R_co]):
    """Any of the test clients; what its `get` gives, the functions of this package give too."""

    def get(self, *args: Any, **kwargs: Any) -> R_co: ...


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a browser to the app's site: a GET, or the POST of a form.

    `target` is path and query as a browser sees them, with any prefix of the whole app.
    """

    target: str
    form: Mapping[str, str] | None = None

    @property
    def body(self) -> str:
        return urlencode(self.form or {})


class Browser:
    """A test client. Responses have `status_code` and `headers` in every framework.

    Attributes:
        secure: whether the site is on https. It is visited there then, whatever address the
            client has by itself, and its cookies are sent back to that address too.
    """

    waits: ClassVar[bool] = False

    def __init__(self, client: Any) -> None:
        self._client = client
        self.secure = False

    @property
    def app(self) -> object:
        """The app under test, where the client knows it."""
        raise NotImplementedError

    @property
    def prefix(self) -> str:
        """The prefix of the whole app, which the client adds to every path by itself."""
        return ""

    def visit(self, visit: Visit) -> Any:
        """The response, redirects not followed; awaitable where `waits` says so."""
        raise NotImplementedError

    def keep(self, set_cookie: str) -> None:
        """Keeps a cookie as if the app had set it by this header."""
        raise NotImplementedError

    def release(self) -> None:
        """Has the client send Secure cookies on plain http too, if that is where it visits.

        Most clients do so by themselves.
        """

    def _path(self, visit: Visit) -> str:
        inside = visit.target.removeprefix(self.prefix.rstrip("/"))
        return inside if inside.startswith("/") else visit.target


class _Werkzeug(Browser):
    """Werkzeug's client. It sends Secure cookies on http too."""

    @property
    def app(self) -> object:
        return self._client.application

    @property
    def _scheme(self) -> dict[str, str]:
        return {"base_url": "https://localhost"} if self.secure else {}

    def visit(self, visit: Visit) -> Any:
        path = self._path(visit)
        if visit.form is None:
            return self._client.get(path, **self._scheme)
        return self._client.post(
            path, data=visit.body, content_type=_FORM, headers=_OUR_PAGE, **self._scheme
        )

    def keep(self, set_cookie: str) -> None:
        name, _, value = set_cookie.partition(";")[0].partition("=")
        config = getattr(self.app, "config", {})
        host = (config.get("SERVER_NAME") or "localhost").partition(":")[0]
        self._client.set_cookie(name, value, domain=host)


class _Flask(_Werkzeug):
    """Flask's client."""

    @property
    def prefix(self) -> str:
        return str(self._client.application.config["APPLICATION_ROOT"])

    @property
    def _scheme(self) -> dict[str, str]:
        return {"url_scheme": "https"} if self.secure else {}


class _Django(Browser):
    """Django's client. It sends Secure cookies on http too."""

    @property
    def app(self) -> object:
        from ..integrations.django.site import site

        return site()

    @property
    def prefix(self) -> str:
        from django.conf import settings

        return settings.FORCE_SCRIPT_NAME or ""

    def visit(self, visit: Visit) -> Any:
        path = self._path(visit)
        if visit.form is None:
            return self._client.get(path, secure=self.secure)
        return self._client.post(
            path, data=visit.body, content_type=_FORM, headers=_OUR_PAGE, secure=self.secure
        )

    def keep(self, set_cookie: str) -> None:
        self._client.cookies.load(set_cookie)


class _AsyncDjango(_Django):
    waits = True


class _Httpx(Browser):
    """httpx's client, and Starlette's and FastAPI's, which is one."""

    @property
    def app(self) -> object:
        return getattr(self._client, "app", None) or getattr(self._client._transport, "app", None)  # noqa: SLF001  (httpx shows its transport nowhere else)

    @property
    def prefix(self) -> str:
        return str(getattr(self._client._transport, "script_name", ""))  # noqa: SLF001  (the same)

    def visit(self, visit: Visit) -> Any:
        url = self._url(self._path(visit))
        if visit.form is None:
            return self._client.get(url, follow_redirects=False)
        headers = {**_OUR_PAGE, "Content-Type": _FORM}
        return self._client.post(url, content=visit.body, headers=headers, follow_redirects=False)

    def keep(self, set_cookie: str) -> None:
        _extract(self._client.cookies.jar, set_cookie, self._url("/"))

    def release(self) -> None:
        if self._client.base_url.scheme == "http":
            _release(self._client.cookies.jar)

    def _url(self, target: str) -> str:
        base = self._client.base_url
        if not base.host:
            raise ValueError(
                "the client has no address, so it can keep no cookies: make it with "
                "base_url='http://testserver'"
            )
        return f"{'https' if self.secure else base.scheme}://{base.netloc.decode()}{target}"


class _AsyncHttpx(_Httpx):
    waits = True


class _WebTest(Browser):
    """WebTest's TestApp."""

    @property
    def app(self) -> object:
        return self._client.app

    @property
    def prefix(self) -> str:
        return str(self._client.extra_environ.get("SCRIPT_NAME", ""))

    def visit(self, visit: Visit) -> Any:
        path = self._path(visit)
        environ = {"wsgi.url_scheme": "https"} if self.secure else {}
        if visit.form is None:
            return self._client.get(path, extra_environ=environ, expect_errors=True)
        return self._client.post(
            path, params=visit.body, headers=_OUR_PAGE, extra_environ=environ, expect_errors=True
        )

    def keep(self, set_cookie: str) -> None:
        host = self._client.extra_environ.get("HTTP_HOST", "localhost")
        _extract(self._client.cookiejar, set_cookie, f"http://{host}/")

    def release(self) -> None:
        if self._client.extra_environ.get("wsgi.url_scheme", "http") == "http":
            _release(self._client.cookiejar)


#: By the package and the name of the client's class, or of one that it derives from.
_KINDS: Mapping[tuple[str, str], type[Browser]] = {
    ("flask", "FlaskClient"): _Flask,
    ("werkzeug", "Client"): _Werkzeug,
    ("django", "Client"): _Django,
    ("django", "AsyncClient"): _AsyncDjango,
    ("httpx", "Client"): _Httpx,
    ("httpx", "AsyncClient"): _AsyncHttpx,
    ("httpx2", "Client"): _Httpx,  # its successor, which newer Starlettes use
    ("httpx2", "AsyncClient"): _AsyncHttpx,
    ("webtest", "TestApp"): _WebTest,
}


def browser_of(client: object) -> Browser:
    """The browser that a test client is.

    Raises:
        TypeError: it is no known test client.
    """
    for kind in type(client).__mro__:
        browser = _KINDS.get((kind.__module__.partition(".")[0], kind.__qualname__))
        if browser is not None:
            return browser(client)
    raise TypeError(
        f"{type(client).__module__}.{type(client).__qualname__} is no known test client; known "
        "are those of Flask, Django, Starlette and FastAPI, httpx, and WebTest"
    )


class _Answer:
    """As much of a response as a cookie jar looks at."""

    def __init__(self, set_cookie: str) -> None:
        self._headers = Message()
        self._headers["Set-Cookie"] = set_cookie

    def info(self) -> Message:
        return self._headers


def _extract(jar: CookieJar, set_cookie: str, url: str) -> None:
    """Lets the jar take a cookie from a response, so that it is as the app would have set it."""
    request = urllib.request.Request(url)  # noqa: S310  (it is sent nowhere)
    jar.extract_cookies(cast(Any, _Answer(set_cookie)), request)


def _release(jar: CookieJar) -> None:
    for cookie in jar:
        cookie.secure = False
