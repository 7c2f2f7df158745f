"""Guests on a page of another site: the app's own form brings what they typed."""

from typing import Any

from flask import Flask, request

from carrying import by_wsgi
from embedding import BLOG, Page
from sites import Site, shown_error
from sociallogin.errors import SocialLoginError
from sociallogin.integrations.flask import SocialLoginFlask
from sociallogin.integrations.wsgi import EmbedCORSMiddleware


def page_of(**config: Any) -> Page:
    site = Site(embed_origins=[BLOG], **config)
    app = Flask("comments")
    social = SocialLoginFlask(app, site.login)
    app.wsgi_app = EmbedCORSMiddleware(  # type: ignore[method-assign]
        app.wsgi_app, site.login, ["/comments"]
    )

    @app.post("/comments")
    def comment() -> Any:
        try:
            return social.commenter(request.form).to_dict()
        except SocialLoginError as error:
            return {"error": {"code": error.code, "message": error.message}}, error.status

    site.app = by_wsgi(app)
    return Page(site)


def test_a_guest_comments_by_the_fields_that_the_pages_form_sends() -> None:
    page = page_of()
    reply = page.ask("POST", "/comments", {"name": "Ada", "email": "", "website": ""})
    assert (reply.json["provider"], reply.json["name"]) == ("guest", "Ada")
    assert reply.header("Access-Control-Allow-Origin") == BLOG
    assert not reply.set_cookies
    page.log_in()
    account = page.ask("POST", "/comments", {})
    assert account.json["provider"] == "facebook"


def test_a_guest_is_held_to_the_policy() -> None:
    details = {"name": "Ada", "email": "", "website": ""}
    page = page_of(policy="login-required")
    assert shown_error(page.ask("POST", "/comments", details)) == "guest_not_allowed"
    assert 'name="email"' not in page.ask("GET", "/auth/box?form=reply").text
    page = page_of(policy="name-and-email")
    assert shown_error(page.ask("POST", "/comments", details)) == "guest_invalid"
