"""Templates of the app's own in place of ours, one by one, in every framework."""

import traceback
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from embedding import BLOG, Page
from frameworks import FRAMEWORKS
from sites import Browser, Site
from sociallogin import ConfigError
from sociallogin.errors import ConfigFault
from sociallogin.web import languages, templating
from sociallogin.web.pages import Pages, View
from sociallogin.web.visitor import Visitor

#: Macros are imported, and say nothing by themselves.
MACROS = {"act.html", "field.html"}
OWN = '<p class="house-rules">Be kind.</p>{% include "sociallogin/notices.html" %}'


def written(folder: Path, **files: str) -> str:
    """A folder with these templates; `_` stands for a slash in their names."""
    for name, text in files.items():
        path = folder / f"{name.replace('_', '/')}.html"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return str(folder)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_one_template_is_replaced_and_the_others_stay(framework: str, tmp_path: Path) -> None:
    browser = Site(framework, templates=written(tmp_path, notices=OWN)).browser()
    for place in ("/auth/box", "/auth/", "/auth/login/nobody"):
        page = browser.get(place).text
        assert page.count("Be kind.") == 1
        assert page.count('role="status"') == 1
        assert page.count('data-provider="facebook"') == 1


def test_every_template_may_be_replaced_by_one_that_shows_ours(tmp_path: Path) -> None:
    """Breaks when a template of ours is found by another way than by its name."""
    ours = templating.environment(languages.language("en"), None, False)
    names = [name for name in ours.list_templates() if name not in MACROS]
    wrapped = {name: f"<!-- own {name} -->{{% include 'sociallogin/{name}' %}}" for name in names}
    # A layout is extended: what stands around its blocks, they know nothing of.
    wrapped["page.html"] = (
        "{% extends 'sociallogin/page.html' %}{% block head %}<!-- own page.html -->{% endblock %}"
    )
    for name, text in wrapped.items():
        (tmp_path / name).write_text(text)
    site = Site(templates=str(tmp_path), policy="name-and-email", embed_origins=[BLOG])
    pages = [visit(site.browser()) for visit in VISITS]
    shown = "".join(pages)
    assert {name for name in names if f"<!-- own {name} -->" not in shown} == set()


def replied(target: str, button: str = "") -> object:
    def visit(browser: Browser) -> str:
        if button:
            browser.log_in("wordpress", button)
        return browser.get(target).text

    return visit


def window(browser: Browser) -> str:
    address = browser.begin("facebook", popup="1")
    return browser.get(browser.consent(address)).text


def posted(browser: Browser) -> str:
    return browser.request("POST", "/auth/callback/facebook", {"code": "c", "state": "s"}).text


def embedded(browser: Browser) -> str:
    page = Page(browser.site)
    asks = page.window.get(f"/auth/embed/login/facebook?origin={BLOG}")
    return asks.text + page.finish().text


VISITS = [
    replied("/auth/"), replied("/auth/?change=1", "grant"), replied("/auth/box", "grant"),
    replied("/auth/box", "no_email"),
    replied("/auth/login/facebook"), replied("/auth/login/nobody"), window, posted, embedded,
]  # fmt: skip


@pytest.mark.parametrize("framework", [name for name in FRAMEWORKS if "django" not in name])
def test_a_slip_is_told_with_its_file_before_anybody_meets_it(
    framework: str, tmp_path: Path
) -> None:
    folder = written(tmp_path, box="<p>\n{% if %}")
    with pytest.raises(ConfigError) as caught:
        Site(framework, templates=folder)
    (fault,) = caught.value.faults
    assert fault.place == f"{tmp_path / 'box.html'}, line 2"


def faults(folder: str) -> tuple[ConfigFault, ...]:
    with pytest.raises(ConfigError) as caught:
        Site(templates=folder)
    return caught.value.faults


def test_all_faults_are_told_at_once_each_with_a_way_out(tmp_path: Path) -> None:
    folder = written(
        tmp_path, acount="", box="{{ identiy }}", guest='{% include "parts/rules.html" %}',
        options="{{ name|bdy }}", parts_mine="{{ title }}{{ clint }}",
    )  # fmt: skip
    (tmp_path / "page.html").write_bytes(b"\xff\xfe")
    told = {str(Path(f.place.partition(",")[0]).relative_to(tmp_path)): f for f in faults(folder)}
    assert set(told) == {
        "acount.html", "box.html", "guest.html", "options.html", "page.html", "parts/mine.html",
    }  # fmt: skip
    assert told["acount.html"].advice == "Did you mean account.html?"
    assert told["box.html"].found == "the unknown variable identiy"
    assert told["box.html"].advice == "Did you mean identity?"
    assert "parts/rules.html" in told["guest.html"].found
    assert "bdy" in told["options.html"].found
    assert told["page.html"].allowed == "a readable file in UTF-8"
    assert told["parts/mine.html"].advice == "Did you mean client?"


def test_what_a_template_includes_is_read_too_whatever_its_name(tmp_path: Path) -> None:
    """Each fault once, though two lead to it; and round in a circle is no fault."""
    folder = written(
        tmp_path, guest='{% include "page.html" %}{% include "a.txt" %}',
        box='{% set mine = 1 %}{% include "a.txt" %}',
    )  # fmt: skip
    (tmp_path / "page.html").write_bytes(b"\xff\xfe")
    (tmp_path / "a.txt").write_text('{% include "b.txt" %}{% include "d.txt" %}{{ mine }}')
    (tmp_path / "b.txt").write_bytes("Grüße".encode("latin-1"))
    (tmp_path / "d.txt").write_text('{% include "a.txt" %}{% if %}')
    (tmp_path / "unasked.txt").write_bytes(b"\xff")
    told = sorted((Path(fault.place).name, fault.found) for fault in faults(folder))
    assert [place for place, _ in told] == ["b.txt", "d.txt, line 1", "page.html"]
    assert told[0][1] == told[2][1] == "UnicodeDecodeError"


def test_what_shows_only_when_it_is_rendered_names_the_file_and_the_line(tmp_path: Path) -> None:
    site = Site(templates=written(tmp_path, notices="\n\n{{ view.nobody_knows }}"))
    with pytest.raises(UndefinedError) as caught:
        site.browser().get("/auth/")
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(caught.tb)]
    assert (str(tmp_path / "notices.html"), 3) in frames


def test_the_documented_variables_are_those_that_there_are() -> None:
    """Breaks when the list says what is not there, or a variable is not in it."""
    site = Site()
    view = View(visitor=Visitor(), next_url="/", language=languages.language("en"))
    assert set(Pages(site.login)._context(view)) == set(templating.VARIABLES)


@pytest.mark.parametrize("debug", [True, False])
def test_under_development_a_change_is_seen_at_once(tmp_path: Path, debug: bool) -> None:
    folder = written(tmp_path, notices="before")
    browser = Site(templates=folder, hooks={"debug": debug}).browser()
    assert "before" in browser.get("/auth/box").text
    written(tmp_path, notices="afterwards")
    assert ("afterwards" in browser.get("/auth/box").text) is debug


def test_names_are_escaped_in_templates_of_the_app_too(tmp_path: Path) -> None:
    browser = Site(templates=written(tmp_path, account="<b>{{ name }}</b>")).browser()
    browser.log_in("facebook", "script")
    assert "<b>&lt;script&gt;alert(1)&lt;/script&gt;</b>" in browser.get("/auth/box").text
