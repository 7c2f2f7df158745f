"""What the code can do stands in the documentation, and nothing else does."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator

import pytest

from docs_pages import PAGES, ROOT
from sociallogin import cli, errors, providers, schema
from sociallogin.web.endpoints import ROUTES

DOCS = ROOT / "docs"
CODES = sorted({code for kind in errors.SocialLoginError.__subclasses__() for code in kind.codes})


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.server
def test_generated_parts_are_what_the_code_says() -> None:
    command = [sys.executable, str(DOCS / "generate.py"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)

    assert result.returncode == 0, f"{result.stdout}{result.stderr}run: make docs"


def test_every_code_belongs_to_an_error_class() -> None:
    assert set(errors.FAILURES) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_error_code_has_an_address_in_the_reference(code: str) -> None:
    assert f"{{ #{code} }}" in page("reference/errors")


def keys() -> Iterator[str]:
    tables = (schema.SITE_KEYS, schema.PROVIDER_KEYS, *schema.TABLE_KEYS.values())
    yield from (key.name for table in tables for key in table)
    for name in providers.names():
        for record in providers.records(name):
            yield from record.url_keys
            yield from (option.name for option in record.options)


@pytest.mark.parametrize("key", sorted(set(keys())))
def test_configuration_key_is_documented(key: str) -> None:
    assert f"| `{key}`" in page("reference/configuration")


@pytest.mark.parametrize("command", sorted(cli.main.commands))
def test_command_is_documented(command: str) -> None:
    assert f"## `sociallogin {command}`" in page("reference/commands")


def test_every_extra_of_a_page_can_be_installed() -> None:
    texts = [path.read_text(encoding="utf-8") for path in PAGES]
    named = re.findall(r"sociallogin\[([a-z,]+)\]", "".join(texts))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {extra for extras in named for extra in extras.split(",")} <= {
        *project["optional-dependencies"]
    }


@pytest.mark.parametrize("name", providers.names())
def test_provider_has_a_page_with_its_callback_url(name: str) -> None:
    assert f"https://YOUR-SITE/auth/callback/{name}\n" in page(f"providers/{name}")


def test_endpoints_are_documented_as_they_are_routed() -> None:
    routed = {
        (method, re.sub(r"\(.*?\)", "*", route.path.pattern))
        for route in ROUTES
        for method in route.methods
    }
    documented = {
        (method, re.sub(r"\{.*?\}", "*", path))
        for methods, path in re.findall(
            r"^\| `(GET|POST|GET` or `POST) (/[^?`]*)", page("reference/endpoints"), re.MULTILINE
        )
        for method in methods.split("` or `")
    }
    assert documented == routed


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}

    assert pages == set(re.findall(r"[\w/-]+\.md", navigation.partition("nav:")[2]))
