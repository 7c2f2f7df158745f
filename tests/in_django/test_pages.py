"""The pages of a Django project with a login."""

from collections.abc import Callable
from typing import Any

import django
import pytest
from asgiref.sync import iscoroutinefunction
from django.http import HttpResponse
from django.template import RequestContext, Template
from django.urls import set_script_prefix
from django.views import View

import django_site
from sociallogin import Identity, LoginRefused
from sociallogin.integrations.django import LoginRequiredMixin, box, login_required, sign_in

Make = Callable[..., Any]
ADA = Identity(
    provider="facebook", issuer="https://www.facebook.com", subject="1", name="Ada",
    authenticated_at=1_800_000_000,
)  # fmt: skip


def plain(_request: Any) -> HttpResponse:
    return HttpResponse("the same for all")


def who(request: Any) -> HttpResponse:
    return HttpResponse("nobody" if request.identity is None else request.identity.label)


async def who_async(request: Any) -> HttpResponse:
    return who(request)


def template(source: str) -> Callable[[Any], HttpResponse]:
    def view(request: Any) -> HttpResponse:
        context = RequestContext(request, {"request": request})
        return HttpResponse(Template("{% load sociallogin %}" + source).render(context))

    return view


def either(view: Any, other: Any, kind: str) -> Any:
    return view if kind == "blocking" else other


def test_identity_is_none_and_then_who_logged_in(make_project: Make, kind: str) -> None:
    project = make_project({"": either(who, who_async, kind)})
    assert project.get("/").content == b"nobody"
    assert project.log_in()["Location"] == "/#"
    assert project.get("/").content == b"Nora Lind"
    assert project.press("/auth/logout", next="/")["Location"] == "/"
    assert project.get("/").content == b"nobody"


def test_only_pages_that_ask_for_the_identity_vary(make_project: Make) -> None:
    shown = template("{% sociallogin_box %}")
    project = make_project({"plain": plain, "who": who, "box": shown})
    assert not project.get("/plain").has_header("Vary")
    assert project.get("/who")["Vary"] == "Cookie"
    assert project.get("/box")["Vary"] == "Cookie, Accept-Language"


def test_box_comes_back_to_its_page_unless_told_otherwise(make_project: Make) -> None:
    here = template("{% sociallogin_box %}")
    there = template('{% sociallogin_box "/post/1" form="comment-form" %}')
    again = template("{% sociallogin_box next_url='/a' change=True %}")
    project = make_project({"here": here, "there": there, "again": again})
    assert 'name="next" value="/here?a=1"' in project.get("/here?a=1").content.decode()
    page = project.get("/there").content.decode()
    assert 'form="comment-form"' in page
    assert 'formaction="/auth/login/facebook"' in page
    project.log_in()
    assert (
        "You are commenting using your Facebook account" in project.get("/there").content.decode()
    )
    assert "Log in with Facebook" in project.get("/again").content.decode()


def test_the_project_chooses_the_language_by_its_own_request(make_project: Make) -> None:
    def choose(request: Any, page: str) -> str | None:
        return request.COOKIES.get("language") if page == "/box" else None

    project = make_project(
        {"box": template("{% sociallogin_box %}"), "other": template("{% sociallogin_box %}")},
        SOCIALLOGIN_CHOOSE_LOCALE=choose,
    )
    project.client.cookies["language"] = "de"
    assert 'lang="de"' in project.get("/box").content.decode()
    assert 'lang="en"' in project.get("/other").content.decode()
    assert 'lang="de"' in project.get("/auth/box?next=/box").content.decode()
    assert 'lang="de"' in project.get("/auth/?next=/box").content.decode()


def test_box_is_markup_for_any_template_engine(make_project: Make) -> None:
    project = make_project({"": lambda request: HttpResponse(box(request, "/x").__html__())})
    assert '<section class="sociallogin"' in project.get("/").content.decode()


class Writing(LoginRequiredMixin, View):
    def get(self, request: Any) -> HttpResponse:
        return who(request)


class WritingAsync(LoginRequiredMixin, View):
    async def get(self, request: Any) -> HttpResponse:
        return who(request)


@pytest.mark.parametrize(
    "view",
    [login_required(who), login_required(who_async), Writing.as_view(), WritingAsync.as_view()],
    ids=["function", "coroutine", "class", "asynchronous class"],
)
def test_guard_asks_for_a_login(make_project: Make, view: Any) -> None:
    project = make_project({"write": view})
    turned_away = project.get("/write?draft=1")
    assert turned_away.status_code == 303
    assert turned_away["Location"] == "/auth/?next=%2Fwrite%3Fdraft%3D1"
    assert turned_away["Vary"] == "Cookie"
    as_json = project.get("/write", accept="application/json")
    assert (as_json.status_code, as_json.json()["error"]["code"]) == (401, "login_required")
    project.log_in()
    assert project.get("/write").content == b"Nora Lind"


def test_guard_keeps_what_a_view_is() -> None:
    assert iscoroutinefunction(login_required(who_async))
    assert not iscoroutinefunction(login_required(who))
    assert login_required(who).__name__ == "who"


def test_view_signs_somebody_in(make_project: Make) -> None:
    project = make_project(
        {"in": lambda _: sign_in(HttpResponse("in"), ADA, remember=False), "": who}
    )
    answer = project.get("/in")
    assert answer.content == b"in"
    header = answer.cookies["__Host-sociallogin_identity"].output()
    assert header.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert project.get("/").content == b"Ada"


def test_hooks_get_the_request_and_the_form_without_djangos_token(
    make_project: Make, kind: str
) -> None:
    seen: list[Any] = []

    def on_begin(request: Any, provider: str, form: Any) -> None:
        seen.append((request.path, provider, dict(form)))

    def on_login(request: Any, signin: Any) -> None:
        seen.append((request.path, signin.identity.name))

    async def on_login_async(request: Any, signin: Any) -> None:
        on_login(request, signin)

    project = make_project(
        {"": who},
        SOCIALLOGIN_ON_BEGIN=on_begin,
        SOCIALLOGIN_ON_LOGIN=either(on_login, on_login_async, kind),
    )
    project.press("/auth/login/facebook", next="/", text="Hello", csrfmiddlewaretoken="x")
    project.log_in()
    assert seen == [
        ("/auth/login/facebook", "facebook", {"text": "Hello"}),
        ("/auth/login/facebook", "facebook", {}),
        ("/auth/callback/facebook", "Nora Lind"),
    ]


def test_hook_refuses_a_login_with_its_sentence(make_project: Make) -> None:
    def refuse(_request: Any, _signin: Any) -> None:
        raise LoginRefused("Members only.")

    project = make_project({"": who}, SOCIALLOGIN_ON_LOGIN=refuse)
    refused = project.log_in()
    assert refused.status_code == 403
    assert "Members only." in refused.content.decode()
    assert project.get("/").content == b"nobody"


def test_own_form_with_djangos_token_begins_a_login(make_project: Make) -> None:
    """CsrfViewMiddleware is on: it must not refuse our endpoints, nor we a form of the app."""
    project = make_project({"": template("{% csrf_token %}")})
    project.client.handler.enforce_csrf_checks = True
    form = project.get("/").content.decode()
    token = form.partition('value="')[2].partition('"')[0]
    assert len(token) == 64
    assert project.press("/auth/login/facebook", csrfmiddlewaretoken=token).status_code == 303
    assert project.press("/auth/login/facebook").status_code == 303
    # Django's token proves nothing to us: of another site's form we believe the browser alone.
    foreign = project.press("/auth/login/facebook", "cross-site", csrfmiddlewaretoken=token)
    assert foreign.status_code == 403


def test_apps_own_forms_stay_under_djangos_check(make_project: Make) -> None:
    project = make_project({"comment": who})
    project.client.handler.enforce_csrf_checks = True
    assert project.post("/comment").status_code == 403


def test_body_that_a_middleware_has_read_is_read_all_the_same(make_project: Make) -> None:
    project = make_project(MIDDLEWARE=["django_site.reads_forms", *django_site.MIDDLEWARE])
    assert project.press("/auth/guest", name="Ada", next="/there")["Location"] == "/there"
    multipart = project.post("/auth/guest", {"name": "Ada", "next": "/there"})
    assert multipart["Location"] == "/there"


def test_djangos_limits_do_not_change_our_answers(make_project: Make) -> None:
    project = make_project(DATA_UPLOAD_MAX_MEMORY_SIZE=10, DATA_UPLOAD_MAX_NUMBER_FIELDS=1)
    assert project.press("/auth/guest", name="Ada", next="/" + "a" * 100).status_code == 303


def test_pages_of_the_app_stay_the_apps(make_project: Make) -> None:
    def fails(_request: Any) -> HttpResponse:
        raise RuntimeError

    project = make_project({"fails": fails, "slash/": plain})
    project.client.raise_request_exception = False
    assert b"<h1>Not Found</h1>" in project.get("/nowhere").content
    assert b"<h1>Not Found</h1>" in project.get("/authors").content
    assert project.get("/fails").status_code == 500
    assert project.get("/slash")["Location"] == "/slash/"
    ours = project.get("/auth/nowhere")
    assert ours.status_code == 404
    assert b"sociallogin" in ours.content


def test_project_below_a_prefix_has_it_in_its_mount(make_project: Make, kind: str) -> None:
    project = make_project({"": who}, config={"mount": "/blog/auth"}, FORCE_SCRIPT_NAME="/blog")
    # Under WSGI, and before Django 5.0, the path of Django's client comes without the prefix.
    start = "" if kind == "blocking" or django.VERSION < (5,) else "/blog"
    set_script_prefix("/blog/")  # as the handlers of servers do; test clients do not
    try:
        assert project.get(f"{start}/").content == b"nobody"
        assert project.get(f"{start}/auth").status_code == 200
        assert project.get(f"{start}/auth/identity").json() == {"identity": None}
        begun = project.press(f"{start}/auth/login/facebook", next="/blog/")
        assert "%2Fblog%2Fauth%2Fcallback%2Ffacebook" in begun["Location"]
    finally:
        set_script_prefix("/")
