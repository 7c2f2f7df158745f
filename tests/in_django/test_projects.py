"""Whole projects in processes of their own, as `startproject` writes them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sites import KEY

pytestmark = pytest.mark.server

Manage = Callable[..., subprocess.CompletedProcess[str]]

SETTINGS = f"""
INSTALLED_APPS += ["people", "sociallogin.integrations.django",
                   "sociallogin.integrations.django.accounts"]
MIDDLEWARE += ["sociallogin.integrations.django.middleware.SocialLoginMiddleware"]
SOCIALLOGIN = {{"base_url": "https://blog.example.com", "secret_keys": ["{KEY}"]}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
"""
URLS = """
from django.urls import include
urlpatterns = [path("", include("sociallogin.integrations.django.urls")), *urlpatterns]
"""
PEOPLE = """
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

class People(BaseUserManager):
    def create_user(self, email, password=None):
        user = self.model(email=email)
        user.set_password(password)
        user.save()
        return user

class Person(AbstractBaseUser):
    USERNAME_FIELD = "email"
    email = models.EmailField(unique=True)
    objects = People()
"""
NEW_USER = """
from people.models import Person

def new_user(identity):
    return Person.objects.create_user(f"{identity.subject}@people.invalid")
"""
LOG_IN = """
from sociallogin import Identity
from sociallogin.integrations.django.accounts.models import Account
ada = Identity(provider="twitter", issuer="https://x.com", subject="7", authenticated_at=0)
print(Account.objects.of(ada).user.email, Account.objects.count())
"""
ADMIN = """
from django.contrib.auth import get_user_model
from django.test import Client
from sociallogin import Identity
from sociallogin.integrations.django.accounts.models import Account
ada = Identity(provider="twitter", issuer="https://x.com", subject="7", authenticated_at=0)
account = Account.objects.of(ada)
client = Client(headers={"host": "localhost"})
client.force_login(get_user_model().objects.create_superuser("root"))
page = "/admin/sociallogin_accounts/account/"
listed = client.get(page).content.decode()
form = client.get(f"{page}{account.pk}/change/").content.decode()
print(f">{ada.subject}</td>" in listed, 'name="user"' in form, 'name="subject"' in form)
print(client.get(f"{page}add/").status_code)
"""


@pytest.fixture
def manage(tmp_path: Path) -> Manage:
    """A new project with the login and the bridge, and its `manage.py`."""
    start = "from django.core.management import execute_from_command_line as run; import sys; run()"
    environ = {**os.environ, "PYTHONWARNINGS": "error"}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command], cwd=tmp_path, env=environ, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    assert run("-c", start, "startproject", "site_", ".").returncode == 0
    for file, text in (("settings.py", SETTINGS), ("urls.py", URLS)):
        with (tmp_path / "site_" / file).open("a", encoding="utf-8") as opened:
            opened.write(text)
    people = tmp_path / "people"
    people.mkdir()
    (people / "__init__.py").touch()
    return lambda *command: run("manage.py", *command)


def test_project_is_faultless_and_needs_no_migration_of_ours(manage: Manage) -> None:
    checked = manage("check", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr
    assert manage("makemigrations", "--check", "--dry-run").returncode == 0
    migrated = manage("migrate", "--verbosity", "0")
    assert migrated.returncode == 0, migrated.stderr


def test_check_reports_the_configuration_and_fails(manage: Manage, tmp_path: Path) -> None:
    with (tmp_path / "site_" / "settings.py").open("a", encoding="utf-8") as settings:
        settings.write("SOCIALLOGIN['mout'] = '/login'\nSOCIALLOGIN['policy'] = 'shut'\n")
    checked = manage("check")
    assert checked.returncode != 0
    assert "Traceback" not in checked.stderr
    assert "(sociallogin.E001) mout: " in checked.stderr
    assert "policy: found" in checked.stderr
    assert "name-and-email" in checked.stderr


def test_user_model_without_user_names_needs_a_function(manage: Manage, tmp_path: Path) -> None:
    (tmp_path / "people" / "models.py").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "people" / "new.py").write_text(NEW_USER, encoding="utf-8")
    settings = tmp_path / "site_" / "settings.py"
    text = settings.read_text(encoding="utf-8").replace('"django.contrib.admin",', "")
    text += 'AUTH_USER_MODEL = "people.Person"\n'
    settings.write_text(text, encoding="utf-8")
    urls = tmp_path / "site_" / "urls.py"
    urls.write_text(
        URLS.replace(", *urlpatterns", "").replace("import include", "import include, path")
    )
    refused = manage("check")
    assert "sociallogin_accounts.E001" in refused.stderr
    settings.write_text(f'{text}SOCIALLOGIN_NEW_USER = "people.new.new_user"\n', encoding="utf-8")
    assert manage("makemigrations", "people").returncode == 0
    assert manage("makemigrations", "--check", "--dry-run").returncode == 0
    assert manage("migrate", "--verbosity", "0").returncode == 0
    made = manage("shell", "--command", LOG_IN)
    assert made.stdout.split()[-2:] == ["7@people.invalid", "1"], made.stderr


def test_administrator_sees_accounts_and_may_change_their_user_alone(manage: Manage) -> None:
    assert manage("migrate", "--verbosity", "0").returncode == 0
    seen = manage("shell", "--command", ADMIN)
    assert seen.stdout.split()[-4:] == ["True", "True", "False", "403"], seen.stderr
