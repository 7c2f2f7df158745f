"""What Flask users get beyond the endpoints."""

import sys

import flask
import pytest

from sites import Site
from sociallogin import Identity
from sociallogin.integrations.flask import SocialLoginFlask


@pytest.fixture
def site() -> Site:
    return Site(base_url="http://127.0.0.1:8000")


@pytest.fixture
def app(site: Site) -> flask.Flask:
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

    @app.get("/enter")
    def enter() -> flask.Response:
        ada = Identity(
            provider="facebook", issuer="https://www.facebook.com", subject="1", name="Ada"
        )
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


def test_a_body_that_the_app_has_read_already_is_read_again(app: flask.Flask) -> None:
    app.before_request(lambda: flask.request.form and None)
    reply = app.test_client().post(
        "/auth/guest",
        data={"name": "Ada", "next": "/who"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert (reply.status_code, reply.headers["Location"]) == (303, "/who")


def test_the_apps_other_routes_are_its_own(app: flask.Flask) -> None:
    assert app.test_client().get("/nowhere").status_code == 404
    assert "sociallogin" not in app.test_client().get("/nowhere").text


def test_without_flask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flask", None)
    monkeypatch.delitem(sys.modules, "sociallogin.integrations.flask")
    with pytest.raises(ImportError, match=r"pip install \"sociallogin\[flask\]\""):
        __import__("sociallogin.integrations.flask")
