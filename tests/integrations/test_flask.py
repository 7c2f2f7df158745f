"""What Flask users get beyond the endpoints."""

import asyncio
from collections.abc import Callable

import flask
import pytest

from carrying import by_wsgi
from sites import Site
from sociallogin import Identity, LoginRefused, SignIn
from sociallogin.integrations.flask import SocialLoginFlask


@pytest.fixture
def app(site: Site, ada: Identity) -> flask.Flask:
    app = flask.Flask("app")
    social = SocialLoginFlask(app, site.login)

    @app.get("/who")
    def who() -> str:
        return flask.g.identity.label if flask.g.identity else "nobody"

    @app.get("/page")
    def page() -> str:
        return flask.render_template_string(
            "{{ identity.label if identity }}{{ sociallogin_box('/page') }}"
        )

    @app.get("/mine")
    @social.login_required
    def mine() -> str:
        return f"of {flask.g.identity.label}"

    @app.get("/later")
    @social.login_required
    async def later() -> str:
        await asyncio.sleep(0)
        return f"of {flask.g.identity.label}, later"

    @app.get("/enter")
    def enter() -> flask.Response:
        return social.sign_in(flask.redirect("/who"), ada)

    return app


def test_the_identity_stands_in_g_and_in_templates(app: flask.Flask) -> None:
    client = app.test_client()
    assert client.get("/who").text == "nobody"
    client.get("/enter")
    assert client.get("/who").text == "Ada"
    assert client.get("/page").text.startswith("Ada<link")


def test_a_guarded_view_leads_to_the_choices_and_back(app: flask.Flask) -> None:
    client = app.test_client()
    reply = client.get("/mine?a=1")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/auth/?next=%2Fmine%3Fa%3D1")
    reply = client.get("/mine", headers={"Accept": "application/json"})
    assert (reply.status_code, reply.json["error"]["code"]) == (401, "login_required")
    client.get("/enter")
    assert client.get("/mine").text == "of Ada"


def read_as_a_form() -> None:
    assert flask.request.form["name"] == "Ada"


def read_as_it_is() -> None:
    assert flask.request.get_data().startswith(b"name=Ada")


@pytest.mark.parametrize("read", [read_as_a_form, read_as_it_is])
def test_a_body_that_the_app_has_read_already_is_read_again(
    app: flask.Flask, read: Callable[[], None]
) -> None:
    app.before_request(read)
    reply = app.test_client().post(
        "/auth/guest",
        data={"name": "Ada", "next": "/who"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert (reply.status_code, reply.headers["Location"]) == (303, "/who")


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"name": "a\0b"}, 400, "bad_request"),
        ({"name": "a" * 262_144}, 413, "too_large"),
        ({f"field{number}": "1" for number in range(201)}, 413, "too_large"),
    ],
    ids=["NUL", "256 KiB", "201 fields"],
)
def test_a_form_that_the_app_has_read_is_judged_like_any_other(
    app: flask.Flask, form: dict[str, str], status: int, code: str
) -> None:
    app.before_request(lambda: flask.request.form and None)
    reply = app.test_client().post(
        "/auth/guest", data=form,
        headers={"Sec-Fetch-Site": "same-origin", "Accept": "application/json"},
    )  # fmt: skip
    assert (reply.status_code, reply.json["error"]["code"]) == (status, code)


def test_the_apps_other_routes_are_its_own(app: flask.Flask) -> None:
    assert app.test_client().get("/nowhere").status_code == 404
    assert "sociallogin" not in app.test_client().get("/nowhere").text


def test_a_second_login_in_the_app_is_refused(site: Site, app: flask.Flask) -> None:
    with pytest.raises(RuntimeError, match="the app app has a SocialLoginFlask already"):
        SocialLoginFlask(app, site.login)


def test_an_asynchronous_view_is_guarded(app: flask.Flask) -> None:
    client = app.test_client()
    assert client.get("/later").headers["Location"] == "/auth/?next=%2Flater"
    client.get("/enter")
    assert client.get("/later").text == "of Ada, later"


def test_asynchronous_hooks_are_awaited(site: Site, app: flask.Flask) -> None:
    social: SocialLoginFlask = app.extensions["sociallogin"]
    drafts: list[object] = []

    @social.on_begin
    async def keep(provider: str, form: object) -> None:
        await asyncio.sleep(0)
        drafts.append((provider, form))

    @social.on_login
    async def refuse(signin: SignIn) -> None:
        await asyncio.sleep(0)
        raise LoginRefused("Not you.")

    site.app = by_wsgi(app)
    browser = site.browser()
    reply = browser.get(browser.consent(browser.begin("facebook", draft="Well said")))
    assert (reply.status, "Not you." in reply.text) == (403, True)
    assert browser.identity() is None
    assert drafts == [("facebook", {"draft": "Well said"})]


def test_hooks_find_what_the_apps_own_hooks_have_prepared(site: Site, app: flask.Flask) -> None:
    social: SocialLoginFlask = app.extensions["sociallogin"]
    found = []

    @social.on_login
    def remember(signin: SignIn) -> None:
        found.append((flask.g.database, signin.identity.provider))

    @app.before_request
    def connect() -> None:  # registered after ours, and still before a login
        flask.g.database = "open"

    site.app = by_wsgi(app)
    site.browser().log_in("wordpress")
    assert found == [("open", "wordpress")]
