"""The templates on the page about theming, and the list of those that there are."""

import re
from pathlib import Path

import pytest
from jinja2 import PackageLoader

from docs_pages import ROOT, blocks
from sites import Site

PAGE = ROOT / "docs" / "theming.md"
TEMPLATES = [block for block in blocks(PAGE) if block.language == "jinja"]


@pytest.mark.parametrize("block", TEMPLATES, ids=lambda block: block.title)
def test_a_template_of_the_page_stands_in_place_of_ours(block, workplace: Path) -> None:
    (workplace / block.title).write_text(block.text, encoding="utf-8")
    box = Site(templates="templates/sociallogin").browser().get("/auth/box").text
    own = block.text.splitlines()[0]
    assert box.count(own) == 1
    assert box.index(own) < box.index("sociallogin-lead")
    assert box.count("sociallogin-providers") == 1


def test_every_template_is_on_the_page() -> None:
    ours = set(PackageLoader("sociallogin.web").list_templates())
    listed = re.search(r"\| Template .+?\n\n", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert set(re.findall(r"`(\w+\.html)`", listed)) == ours
