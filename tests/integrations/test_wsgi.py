"""What the WSGI middleware makes of a server's requests, and gives an app; shown in Bottle."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import bottle
import pytest

from carrying import by_wsgi
from sites import Browser, Site
from sociallogin import Identity
from sociallogin.integrations.wsgi import SocialLoginMiddleware, login_required
from sociallogin.web.messages import MAX_DROPPED

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def ask(site: Site) -> Callable[..., Answer]:
    """Asks the middleware with an environ; whatever is not ours is echoed."""

    def echo(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [environ["sociallogin"].here.encode()]

    middleware = SocialLoginMiddleware(echo, site.login)

    def asked(**environ: Any) -> Answer:
        setup_testing_defaults(environ)
        started: list[Any] = []
        body = middleware(environ, lambda *given: started.extend(given) or (lambda _: None))
        return int(started[0][:3]), dict(started[1]), b"".join(body)

    return asked


class Input(BytesIO):
    """A body that arrives in pieces, and knows how much of it was read."""

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size >= 0, "whoever reads to the end may wait for it forever"
        return super().read(min(size, 1000))


POST = {
    "REQUEST_METHOD": "POST",
    "PATH_INFO": "/auth/guest",
    "HTTP_SEC_FETCH_SITE": "same-origin",
    "HTTP_ACCEPT": "application/json",
    "CONTENT_TYPE": "application/x-www-form-urlencoded",
}


def test_a_body_that_arrives_in_pieces_is_read_whole(ask: Callable[..., Answer]) -> None:
    body = b"name=Ada&next=/" + b"a" * 900 + b"&x=" + b"b" * 5000
    status, headers, _ = ask(**POST, CONTENT_LENGTH=str(len(body)), **{"wsgi.input": Input(body)})
    assert (status, headers["Location"]) == (303, "/" + "a" * 900)


def test_what_is_too_long_is_dropped_up_to_a_bound(ask: Callable[..., Answer]) -> None:
    body = Input(b"a" * (2 * MAX_DROPPED))
    status, _, _ = ask(**POST, CONTENT_LENGTH=str(2 * MAX_DROPPED), **{"wsgi.input": body})
    assert status == 413
    assert body.tell() == MAX_DROPPED


@pytest.mark.parametrize("length", ["17", "9" * 40])
def test_a_body_that_ends_early_counts_for_nothing(ask: Callable[..., Answer], length: str) -> None:
    body = Input(b"name=Ada&next=/a")
    status, headers, content = ask(**POST, CONTENT_LENGTH=length, **{"wsgi.input": body})
    assert (status, json.loads(content)["error"]["code"]) == (400, "bad_request")
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("length", [{}, {"CONTENT_LENGTH": ""}, {"CONTENT_LENGTH": "-1"}])
def test_without_a_length_a_body_is_read_where_the_server_ends_it(
    ask: Callable[..., Answer], length: dict[str, str]
) -> None:
    chunked = {"wsgi.input": Input(b"name=Ada&next=/a"), "wsgi.input_terminated": True}
    assert ask(**POST, **length, **chunked)[1]["Location"] == "/a"
    endless = Input(b"name=Ada&next=/a")
    assert ask(**POST, **length, **{"wsgi.input": endless})[1]["Location"] == "/"
    assert endless.tell() == 0


def test_head_has_the_headers_of_get_and_no_body(ask: Callable[..., Answer]) -> None:
    status, headers, body = ask(REQUEST_METHOD="HEAD", PATH_INFO="/auth/identity")
    assert (status, headers["Content-Length"], body) == (200, "18", b"")


def test_a_path_is_utf_8_in_the_guise_of_latin_1(ask: Callable[..., Answer]) -> None:
    path = "/café/☕".encode().decode("latin-1")
    assert ask(PATH_INFO=path, QUERY_STRING="a=%C3")[2] == b"/caf%C3%A9/%E2%98%95?a=%C3"
    assert ask(PATH_INFO="/\xff")[2] == b"/%EF%BF%BD"


@pytest.fixture
def browser(site: Site, ada: Identity) -> Browser:
    """Visits a Bottle app."""
    app = bottle.Bottle()

    @app.get("/")
    def page() -> str:
        identity: Identity | None = bottle.request.environ["sociallogin.identity"]
        box: str = bottle.request.environ["sociallogin"].box("/")
        return f"{identity.label if identity else 'nobody'} {box}"

    @app.get("/enter")
    def enter() -> None:
        bottle.request.environ["sociallogin"].sign_in(ada)
        bottle.redirect("/", 303)

    @login_required
    def mine(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["sociallogin.identity"].label.encode()]

    app.mount("/mine", mine)
    site.app = by_wsgi(SocialLoginMiddleware(app, site.login))
    return site.browser()


def test_a_login_in_bottle(browser: Browser) -> None:
    assert browser.get("/").text.startswith("nobody <link")
    assert browser.log_in("facebook").location == "/#"
    assert browser.get("/").text.startswith("Nora Lind <link")
    assert "You are commenting using your Facebook account." in browser.get("/").text


def test_bottle_signs_somebody_in(browser: Browser) -> None:
    browser.get("/enter")
    assert browser.get("/").text.startswith("Ada <link")


def test_a_guarded_app_leads_to_the_choices_and_back(browser: Browser) -> None:
    assert browser.get("/mine/?a=1").location == "/auth/?next=%2Fmine%2F%3Fa%3D1"
    reply = browser.get("/mine/", accept="application/json")
    assert (reply.status, reply.json["error"]["code"]) == (401, "login_required")
    browser.get("/enter")
    assert browser.get("/mine/").text == "Ada"


def test_an_app_may_start_its_answer_anew(site: Site, ada: Identity) -> None:
    def failing(environ: Any, start_response: Any) -> list[bytes]:
        environ["sociallogin"].sign_in(ada)
        start_response("200 OK", [("Content-Type", "text/plain")])
        try:
            raise ValueError
        except ValueError as error:
            start_response("500 Oops", [("Content-Type", "text/plain")], (type(error), error, None))
        return [b"oops"]

    site.app = by_wsgi(SocialLoginMiddleware(failing, site.login))
    reply = site.browser().get("/")
    assert reply.status == 500
    assert list(reply.set_cookies) == ["sociallogin_identity"]
