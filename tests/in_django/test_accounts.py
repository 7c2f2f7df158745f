"""The bridge: a user of `django.contrib.auth` for each identity."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.http import HttpResponse

from sociallogin import Identity, LoginRefused

ACCOUNTS = "sociallogin.integrations.django.accounts"
Make = Callable[..., Any]


def who(request: Any) -> HttpResponse:
    return HttpResponse(f"{request.user.is_authenticated}")


def person(**fields: Any) -> Identity:
    given = {"provider": "twitter", "issuer": "https://x.com", "subject": "1", **fields}
    return Identity(authenticated_at=1_800_000_000, **given)


@cache
def make_tables() -> None:
    """In the one database of this process; within a project that has the bridge."""
    call_command("migrate", verbosity=0)


@pytest.fixture
def bridged(make_project: Make) -> Iterator[Make]:
    """Makes the project with the bridge and empty tables."""

    def make(views: dict[str, Any] | None = None, **given: Any) -> Any:
        installed = [*settings.INSTALLED_APPS, ACCOUNTS]
        project = make_project(
            {"": who, **(views or {})},
            INSTALLED_APPS=installed,
            SESSION_ENGINE="django.contrib.sessions.backends.db",
            **given,
        )
        make_tables()
        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
        return project

    yield make
    connections.close_all()


def users() -> Any:
    return apps.get_model("auth.User").objects


def account_of(identity: Identity) -> Any:
    return apps.get_model("sociallogin_accounts.Account").objects.of(identity)


def test_first_login_makes_a_user_and_the_next_finds_it(bridged: Make) -> None:
    project = bridged()
    assert project.get("/").content == b"False"
    project.log_in()
    assert project.get("/").content == b"True"
    user = users().get()
    assert user.username.startswith("NoraLind_")
    assert (user.first_name, user.has_usable_password()) == ("Nora Lind", False)
    assert user.last_login is not None
    project.press("/auth/logout", next="/")
    assert project.get("/").content == b"False"
    project.log_in()
    assert users().get() == user


def test_people_are_told_apart_by_issuer_and_subject_alone(bridged: Make) -> None:
    bridged()
    local = users().create_user("ada", email="ada@example.com", password="secret")
    same = {"username": "ada", "email": "ada@example.com", "email_verified": True}
    people = [
        person(subject="1", **same),
        person(subject="2", **same),
        person(subject="a", **same),
        person(subject="A", **same),
        person(subject="1", provider="work", issuer="https://login.example.org", **same),
    ]
    made = [account_of(identity).user for identity in people]
    assert len({user.pk for user in [*made, local]}) == len(people) + 1
    assert [account_of(identity).user for identity in people] == made
    assert all(user.username.startswith("ada_") for user in made)


@pytest.mark.parametrize("verified", [True, False, None])
def test_users_get_an_address_only_where_the_provider_verified_it(
    bridged: Make, verified: bool | None
) -> None:
    bridged()
    user = account_of(person(email="ada@example.com", email_verified=verified)).user
    assert user.email == ("ada@example.com" if verified else "")


@pytest.mark.parametrize(
    ("fields", "start"),
    [
        ({"username": "ada.l+1"}, "ada.l+1_"),
        ({"name": "Ada <b> Löve\u2028"}, "AdabLöve_"),
        ({"name": "💙"}, "twitter_"),
        ({}, "twitter_"),
        ({"username": "a" * 200}, "a" * 133 + "_"),
    ],
)
def test_user_names_are_readable_and_valid(bridged: Make, fields: Any, start: str) -> None:
    bridged()
    user = account_of(person(**fields)).user
    assert user.username.startswith(start)
    user.clean_fields(exclude=["password"])


def test_inactive_user_is_refused_and_stays_out(bridged: Make) -> None:
    project = bridged()
    project.log_in()
    project.press("/auth/logout", next="/")
    users().update(is_active=False)
    refused = project.log_in()
    assert refused.status_code == 403
    assert project.get("/").content == b"False"
    assert project.get("/auth/identity").json() == {"identity": None}


def test_login_gives_the_session_a_new_key(bridged: Make) -> None:
    def plant(request: Any) -> HttpResponse:
        request.session["draft"] = "kept"
        return HttpResponse("")

    def draft(request: Any) -> HttpResponse:
        return HttpResponse(request.session.get("draft", ""))

    project = bridged({"plant": plant, "draft": draft})
    project.get("/plant")
    before = project.client.cookies["sessionid"].value
    project.log_in()
    assert project.client.cookies["sessionid"].value != before
    assert project.get("/draft").content == b"kept"
    project.client.cookies["sessionid"] = before
    assert project.get("/").content == b"False"


@pytest.mark.parametrize("way", ["logout", "guest", "expired"])
def test_end_of_the_login_is_the_end_of_the_session(bridged: Make, way: str) -> None:
    project = bridged()
    project.log_in()
    if way == "expired":
        del project.client.cookies["__Host-sociallogin_identity"]
    target = "/auth/guest" if way == "guest" else "/auth/logout"
    assert project.press(target, name="Ada").status_code == 303
    assert project.get("/").content == b"False"


def test_a_login_for_another_sites_page_begins_no_session_here(bridged: Make) -> None:
    blog = "https://static.example"
    project = bridged(config={"embed_origins": [blog]})
    form = {"origin": blog, "challenge": "A" * 43}
    begun = project.press("/auth/embed/login/facebook", **form)
    callback = urlsplit(project.emulators.press(begun["Location"], "grant"))
    done = project.get(f"{callback.path}?{callback.query}")
    assert b'data-outcome="signin"' in done.content
    assert project.get("/").content == b"False"
    account_of_her = users().get()
    account_of_her.is_active = False
    account_of_her.save()
    begun = project.press("/auth/embed/login/facebook", **form)
    callback = urlsplit(project.emulators.press(begun["Location"], "grant"))
    refused = project.get(f"{callback.path}?{callback.query}")
    assert b'data-outcome="identity_refused"' in refused.content


def test_other_sites_end_no_session(bridged: Make) -> None:
    project = bridged()
    project.log_in()
    assert project.press("/auth/logout", "cross-site").status_code == 403
    assert project.get("/").content == b"True"


def test_who_came_in_by_a_password_stays(bridged: Make, kind: str) -> None:
    project = bridged()
    user = users().create_user("editor", password="secret")
    if kind == "blocking":
        project.client.force_login(user)
    else:
        from asgiref.sync import async_to_sync, sync_to_async

        async_to_sync(sync_to_async(project.client.force_login))(user)
    assert project.press("/auth/logout", next="/").status_code == 303
    assert project.get("/").content == b"True"


def test_another_persons_login_takes_the_session_over(bridged: Make) -> None:
    project = bridged()
    project.log_in("facebook")
    project.log_in("wordpress")
    assert users().count() == 2
    assert project.get("/").content == b"True"
    assert project.get("/auth/identity").json()["identity"]["provider"] == "wordpress"


def test_of_two_first_logins_at_once_one_makes_the_user(bridged: Make) -> None:
    """Another process wins between the look-up and the insertion."""
    identity, made = person(), []

    def meanwhile() -> None:
        made.append(account_of(identity).pk)
        connections.close_all()

    def new_user(_identity: Identity) -> Any:
        if not made:
            made.append(None)
            with ThreadPoolExecutor(1) as other:
                other.submit(meanwhile).result()
        return users().create_user(f"user-{len(made)}")

    bridged(SOCIALLOGIN_NEW_USER=new_user)
    assert account_of(identity).pk == made[1]
    assert [user.username for user in users().all()] == ["user-1"]


def test_hook_of_the_settings_refuses_before_there_is_a_user(bridged: Make) -> None:
    def refuse(_request: Any, _signin: Any) -> None:
        raise LoginRefused

    assert bridged(SOCIALLOGIN_ON_LOGIN=refuse).log_in().status_code == 403
    assert users().count() == 0


def test_project_has_no_bridge_unless_it_is_installed(make_project: Make) -> None:
    project = make_project({"": who})
    project.log_in()
    assert project.get("/").content == b"False"
