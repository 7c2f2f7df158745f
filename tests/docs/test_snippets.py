"""The code in the documentation runs as it stands there."""

import tomllib
from pathlib import Path

import pytest

from docs_pages import PAGES, blocks, name
from sociallogin import SocialLogin

WITH_PYTHON = [page for page in PAGES if any(b.language == "python" for b in blocks(page))]
CONFIGS = [
    pytest.param(block.text, id=f"{name(page)}:{block.line}")
    for page in PAGES
    for block in blocks(page)
    if block.language == "toml" and block.title != "pyproject.toml"
]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=name)
def test_code_of_a_page_runs_from_top_to_bottom(page: Path, workplace: Path) -> None:
    for block in blocks(page):
        if block.title:
            (workplace / block.title).write_text(block.text, encoding="utf-8")

    namespace = {"__name__": "page"}
    for block in blocks(page):
        if block.language == "python":
            # Blank lines in front, so that a traceback names the line of the page.
            code = compile("\n" * block.line + block.text, page, "exec")
            exec(code, namespace)


@pytest.mark.parametrize("text", CONFIGS)
@pytest.mark.usefixtures("workplace")
def test_configuration_of_a_page_has_no_fault(text: str) -> None:
    values = tomllib.loads(text)
    values.setdefault("base_url", "https://blog.example.com")
    values.setdefault("secret_keys", ["env:SOCIALLOGIN_SECRET"])

    SocialLogin.from_mapping(values)
