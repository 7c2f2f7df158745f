"""A body that breaks off, or is badly framed, counts for nothing in any WSGI framework."""

import json
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import bottle
import pytest
from flask import Flask

import django_site
from sites import Site
from sociallogin import SocialLogin
from sociallogin.integrations.flask import SocialLoginFlask
from sociallogin.integrations.wsgi import SocialLoginMiddleware


def flask(login: SocialLogin) -> Any:
    app = Flask("site")
    SocialLoginFlask(app, login)
    return app


APPS: Mapping[str, Callable[[SocialLogin], Any]] = {
    "flask": flask,
    "wsgi": lambda login: SocialLoginMiddleware(bottle.Bottle(), login),
    "django": lambda login: django_site.serve(login, {}),
}


class BadChunkError(Exception):
    """What gunicorn raises for a chunk's size that is no number is no `OSError` either."""


class Breaking(BytesIO):
    """A body whose reading fails once, and then gives what had come, as gunicorn's does."""

    def __init__(self, error: Exception) -> None:
        super().__init__(b"name=Ada&next=/a")
        self._errors = [error]

    def read(self, size: int | None = -1, /) -> bytes:
        if self._errors:
            raise self._errors.pop()
        return super().read(size)


def posted(app: Any, **more: Any) -> tuple[int, Mapping[str, str], Any]:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/auth/guest",
        "HTTP_SEC_FETCH_SITE": "same-origin",
        "HTTP_ACCEPT": "application/json",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        **more,
    }
    setup_testing_defaults(environ)
    started: list[Any] = []
    answer = app(environ, lambda *given: started.extend(given) or (lambda _: None))
    content = b"".join(answer)
    return int(started[0][:3]), dict(started[1]), content


@pytest.mark.parametrize("name", APPS)
@pytest.mark.parametrize("terminated", [False, True])
@pytest.mark.parametrize("gone", [False, True], ids=["it ends early", "the browser is gone"])
def test_what_has_come_of_a_body_counts_for_nothing(
    site: Site, name: str, terminated: bool, gone: bool
) -> None:
    error = ConnectionResetError("by the peer")
    body = Breaking(error) if gone else BytesIO(b"name=Ada&next=/a")
    more = {"wsgi.input": body, "wsgi.input_terminated": terminated}
    status, headers, content = posted(APPS[name](site.login), CONTENT_LENGTH="100", **more)
    assert (status, json.loads(content)["error"]["code"]) == (400, "bad_request")
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("name", ["flask", "wsgi"])  # Django reads no body without a length
@pytest.mark.parametrize(
    "error", [OSError("Invalid chunk header"), BadChunkError("zz")], ids=["werkzeug", "gunicorn"]
)
def test_badly_framed_chunks_are_a_bad_request(site: Site, name: str, error: Exception) -> None:
    status, headers, content = posted(
        APPS[name](site.login),
        **{"wsgi.input": Breaking(error), "wsgi.input_terminated": True},
    )
    assert (status, json.loads(content)["error"]["code"]) == (400, "bad_request")
    assert "Set-Cookie" not in headers
