"""What `manage.py check` says of a project."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

import django_site
from sites import KEY
from sociallogin import ConfigError, SocialLogin

Make = Callable[..., Any]
OURS = "sociallogin.integrations.django.middleware.SocialLoginMiddleware"
GOOD = {"base_url": "https://blog.example.com", "secret_keys": [KEY]}
LOGIN = SocialLogin.from_mapping(GOOD)
NOT_CALLABLE = 1


def page(_request: Any) -> HttpResponse:
    return HttpResponse("a page")


async def hook_async(_request: Any, _signin: Any) -> None: ...


@pytest.fixture(autouse=True)
def set_up() -> None:
    django_site.set_up()


def urls(*patterns: Any) -> ModuleType:
    module = ModuleType("urls_of_a_check")
    module.urlpatterns = list(patterns)  # type: ignore[attr-defined]
    return module


def ours(at: str = "") -> Any:
    return path(at, include(django_site.endpoints()))


def found(**settings: Any) -> dict[str, list[str]]:
    """The messages, with their hints, by id."""
    by_id: dict[str, list[str]] = {}
    given = {"SOCIALLOGIN": GOOD, "ROOT_URLCONF": urls(ours()), **settings}
    with override_settings(**given):
        for message in run_checks():
            by_id.setdefault(message.id, []).append(f"{message.msg} {message.hint or ''}")
    return by_id


def test_good_project_hears_nothing() -> None:
    assert found() == {}


def test_a_slip_in_a_template_of_the_project_is_told_with_its_file(tmp_path: Path) -> None:
    """Breaks when it is met by a visitor first."""
    (tmp_path / "box.html").write_text("<p>\n{% if %}")
    messages = found(SOCIALLOGIN=GOOD | {"templates": str(tmp_path)})
    assert [text.partition(": found")[0] for text in messages["sociallogin.E001"]] == [
        f"{tmp_path / 'box.html'}, line 2"
    ]


def test_every_fault_of_the_configuration_is_told() -> None:
    bad = {
        "base_url": "http://blog.example.com",
        "secret_keys": [KEY],
        "polcy": "open",
        "providers": {"facebook": {"client_id": "1"}},
    }
    told = found(SOCIALLOGIN=bad)
    assert set(told) == {"sociallogin.E001"}
    with pytest.raises(ConfigError) as caught:
        SocialLogin.from_mapping(bad)
    assert len(caught.value.faults) == 3
    for fault, message in zip(caught.value.faults, told["sociallogin.E001"], strict=True):
        assert fault.place in message
        assert fault.found in message
        assert fault.allowed in message
        assert fault.advice in message


def test_bad_file_is_told_with_its_name(tmp_path: Any) -> None:
    (message,) = found(SOCIALLOGIN=str(tmp_path / "nowhere.toml"))["sociallogin.E001"]
    assert "nowhere.toml" in message
    assert "FileNotFoundError" in message


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"SOCIALLOGIN": None}, "must be the path of a .toml file"),
        ({"SOCIALLOGIN": 5}, "found int"),
        ({"SOCIALLOGIN": "blog.login.nothing"}, "blog.login.nothing"),
        ({"SOCIALLOGIN": "django_site.MIDDLEWARE"}, "found list"),
        ({"SOCIALLOGIN_ON_LOGIN": "blog.hooks.nothing"}, "SOCIALLOGIN_ON_LOGIN names"),
        ({"SOCIALLOGIN_ON_BEGIN": "django_site.MIDDLEWARE"}, "SOCIALLOGIN_ON_BEGIN must be"),
        ({"SOCIALLOGIN_ON_LOGIN": hook_async}, "SOCIALLOGIN_ON_LOGIN is asynchronous"),
        ({"SOCIALLOGIN_CHOOSE_LOCALE": 5}, "SOCIALLOGIN_CHOOSE_LOCALE must be"),
        ({"SOCIALLOGIN_CHOOSE_LOCALE": hook_async}, "SOCIALLOGIN_CHOOSE_LOCALE is asynchronous"),
    ],
)
def test_wrong_setting_is_told(given: dict[str, Any], told: str) -> None:
    (message,) = found(**given)["sociallogin.E002"]
    assert told in message


def test_setting_may_be_a_file_a_mapping_a_login_or_its_path(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sociallogin.toml"
    file.write_text(f'base_url = "{GOOD["base_url"]}"\nsecret_keys = ["{KEY}"]\n')
    (tmp_path / "blog_login.py").write_text(
        "from sociallogin import AsyncSocialLogin\n"
        f"login = AsyncSocialLogin.from_file({str(file)!r})\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    for given in (file, str(file), GOOD, LOGIN, "blog_login.login"):
        assert found(SOCIALLOGIN=given, ROOT_URLCONF=None) == {}
    asynchronous = {"SOCIALLOGIN": "blog_login.login", "SOCIALLOGIN_ON_LOGIN": hook_async}
    assert found(**asynchronous, ROOT_URLCONF=None) == {}


def test_missing_middleware_is_told() -> None:
    (message,) = found(MIDDLEWARE=[])["sociallogin.E003"]
    assert OURS in message


def test_middleware_that_would_let_pages_be_cached_for_all_is_told() -> None:
    cache = "django.middleware.cache.UpdateCacheMiddleware"
    assert "sociallogin.E004" not in found(MIDDLEWARE=[cache, OURS])
    (message,) = found(MIDDLEWARE=[OURS, cache])["sociallogin.E004"]
    assert "behind it" in message


def test_missing_urls_are_told() -> None:
    (message,) = found(ROOT_URLCONF=urls(path("a", page)))["sociallogin.W001"]
    assert "/auth/" in message
    assert 'path("", include("sociallogin.integrations.django.urls"))' in message


def test_mount_that_is_said_twice_is_told() -> None:
    assert set(found(ROOT_URLCONF=urls(ours("auth/")))) == {"sociallogin.W001"}


def test_view_in_the_way_is_told() -> None:
    (message,) = found(ROOT_URLCONF=urls(path("<path:rest>", page), ours()))["sociallogin.W001"]
    assert "<path:rest>" in message


def test_urls_below_a_prefix_are_found() -> None:
    mounted = {**GOOD, "mount": "/blog/auth"}
    assert found(SOCIALLOGIN=mounted) == {}


def test_server_does_not_start_with_a_bad_configuration() -> None:
    with override_settings(SOCIALLOGIN={}), pytest.raises(ConfigError, match="secret_keys"):
        Client().get("/")
    with override_settings(SOCIALLOGIN=None), pytest.raises(ImproperlyConfigured):
        Client().get("/")


def test_bridge_without_sessions_is_told() -> None:
    from django.conf import settings

    installed = [*settings.INSTALLED_APPS, "sociallogin.integrations.django.accounts"]
    told = found(INSTALLED_APPS=installed, MIDDLEWARE=[OURS])
    assert len(told["sociallogin_accounts.E002"]) == 2
    assert found(INSTALLED_APPS=installed) == {}
    wrong = found(INSTALLED_APPS=installed, SOCIALLOGIN_NEW_USER="blog.nothing")
    assert "blog.nothing" in wrong["sociallogin_accounts.E001"][0]
