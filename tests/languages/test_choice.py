"""Which language somebody reads: the app's choice, else the browser's, else the site's."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites import Browser, Site
from sociallogin import LoginRefused, RequestError
from sociallogin.schema import LANGUAGES
from sociallogin.web.endpoints import Endpoints
from sociallogin.web.languages import accepted, known, language
from sociallogin.web.messages import WebRequest
from sociallogin.web.visit import Visit
from strategies import QUICK, any_text

tags = st.sampled_from(["de", "DE-at", "pt", "pt-PT", "iw", "zh-Hans", "en", "ar-EG", "*", "x", ""])
weights = st.sampled_from(["", ";q=1", ";q=0", "; Q=0.5", ";q=2", ";q=", ";q=0.9999", ";level=1"])
headers = (
    st.lists(st.builds("{}{}".format, tags, weights), max_size=30).map(",".join)
    | any_text
    | st.sampled_from([",", ";", "q=1", ",;=*-"]).map(lambda piece: piece * 5000)
)


@pytest.mark.parametrize(
    ("tag", "nearest"),
    [
        ("de", "de"), ("de-AT", "de"), ("DE_at", "de"), ("de-Latn-DE-1996", "de"),
        ("pt", "pt-BR"), ("pt_BR", "pt-BR"), ("pt-br", "pt-BR"), ("pt-PT", "pt-BR"),
        ("iw", "he"), ("iw-IL", "he"), ("he", "he"), ("ja-JP", "ja"), ("en-GB", "en"),
        ("zh", None), ("zh-Hans-CN", None), ("den", None), ("", None), ("-", None), ("*", None),
        (None, None), ("d", None), ("x" * 5000, None), ("../de", None),
    ],
)  # fmt: skip
def test_a_tag_means_the_language_that_comes_nearest(tag: object, nearest: str | None) -> None:
    assert known(tag) == nearest


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("", "fr"), ("de", "de"), ("de-AT,de;q=0.9,en;q=0.8", "de"), ("zh,ja;q=0.5", "ja"),
        ("en;q=0.3, he;q=0.7", "he"), ("iw", "he"), ("pt", "pt-BR"), ("zh-CN,zh", "fr"),
        ("*", "fr"), ("zh, *;q=0.1", "fr"), ("*, de;q=0.5", "fr"), ("de;q=0", "fr"),
        ("de;q=0, de-AT, ar;q=0.1", "ar"), ("de;q=0.0, en;q=0.001", "en"),
        ("de;q=1.1, ar", "ar"), ("de;q=abc, ar", "ar"), ("de ;q=0.5 , ar ; q=0.6", "ar"),
        ("en-US,en;q=0.9,de;q=0.8", "en"), (",,,de,,", "de"), ("de,ar", "de"), ("d€", "fr"),
        ("x" * 100_000, "fr"), (f"{'zh,' * 500}de", "fr"),
    ],
)  # fmt: skip
def test_a_browser_gets_what_it_prefers(header: str, chosen: str) -> None:
    assert accepted(header, "fr") == chosen


@QUICK
@given(header=headers, default=st.sampled_from(LANGUAGES))
def test_whatever_a_browser_sends_some_language_is_chosen(header: str, default: str) -> None:
    assert accepted(header, default) in LANGUAGES


@QUICK
@given(tag=any_text)
def test_whatever_is_asked_for_it_is_a_language_of_ours_or_none(tag: str) -> None:
    assert known(tag) in {None, *LANGUAGES}


def box(html: str) -> tuple[str, str]:
    """`lang` and `dir` of the box."""
    found = re.search(r'<section class="sociallogin"[^>]* lang="([^"]*)" dir="([^"]*)"', html)
    assert found is not None
    return found[1], found[2]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_pages_and_fragment_say_their_language(browser: Browser, tag: str) -> None:
    direction = "rtl" if tag in ("ar", "he") else "ltr"
    for path in ("/auth/", "/auth/login/facebook", "/auth/nowhere", "/auth/box"):
        reply = browser.get(path, accept_language=f"{tag},xx;q=0.5")
        assert reply.header("Content-Language") == tag
        assert reply.header("Vary") == "Cookie, Accept-Language"
        if path != "/auth/box":
            assert f'<html lang="{tag}" dir="{direction}">' in reply.text
        if "login" not in path:
            assert box(reply.text) == (tag, direction)


def test_the_site_names_the_language_for_everybody_else() -> None:
    browser = Site(locale="pt_br").browser()
    assert box(browser.get("/auth/box").text) == ("pt-BR", "ltr")
    assert box(browser.get("/auth/box", accept_language="zh").text) == ("pt-BR", "ltr")
    assert box(browser.get("/auth/box", accept_language="de").text) == ("de", "ltr")
    assert browser.site.login.config.locale == "pt-BR"


def test_a_message_in_json_is_in_the_visitors_language(browser: Browser) -> None:
    reply = browser.get("/auth/login/x", accept="application/json", accept_language="de")
    assert reply.json["error"]["message"] == "Diese Website bietet diese Anmeldung nicht an."


def test_a_guests_faults_are_in_the_visitors_language(browser: Browser) -> None:
    page = browser.post("/auth/guest", {"email": "x"}, accept_language="ja").text
    assert page.count("メールアドレスの形式ではないようです。") == 2
    assert "以下の内容をご確認ください。" in page


def choosing(site: Site, choice: object) -> Endpoints:
    return Endpoints(site.login, choose_locale=lambda request, page: choice)


@pytest.mark.parametrize(
    ("choice", "tag"),
    [("de", "de"), ("pt_BR", "pt-BR"), ("he-IL", "he"), (None, "fr"), ("tlh", "fr"), ("", "fr")],
)
def test_the_apps_choice_comes_first(choice: object, tag: str) -> None:
    site = Site()
    request = WebRequest("GET", "/", headers={"accept-language": "fr"})
    endpoints = choosing(site, choice)
    html = str(Visit(endpoints, request).box("/post/1"))
    assert box(html)[0] == tag
    # The script keeps to what the app chose; what the browser chose it will choose again.
    assert (f'data-locale="{tag}"' in html) == (tag != "fr")
    page = site.login.run(endpoints.handle(request)).body.decode()
    assert f'<html lang="{tag}"' in page


def test_an_app_chooses_by_the_page_that_a_login_comes_back_to() -> None:
    asked: list[str] = []

    def choose(request: WebRequest, page: str) -> str | None:
        asked.append(page)
        return "de" if page.startswith("/de/") else None

    site = Site(hooks={"choose_locale": choose})
    browser = site.browser()
    assert box(browser.get("/auth/box?next=/de/post").text)[0] == "de"
    page = browser.log_in("facebook", "deny", "/de/post")
    assert "<title>Fehler: Sie haben die Anmeldung bei Facebook abgebrochen." in page.text
    window = browser.begin("facebook", "/de/post", popup="1" * 32)
    assert "Sie sind angemeldet" in browser.get(browser.consent(window)).text
    assert set(asked) == {"/de/post"}


def test_what_the_script_keeps_counts_on_the_logins_own_pages(browser: Browser) -> None:
    assert box(browser.get("/auth/box?locale=ar&next=/", accept_language="fr").text) == (
        "ar", "rtl"
    )  # fmt: skip
    confirm = browser.get("/auth/login/facebook?popup=1&locale=ar", accept_language="fr").text
    assert 'action="/auth/login/facebook?locale=ar"' in confirm
    page = browser.post("/auth/guest?locale=ar", {"email": "x"}, accept_language="fr").text
    assert box(page) == ("ar", "rtl")


@pytest.mark.parametrize("locale", ["", "tlh", "%22%3E%3Cscript%3E", "x" * 9000, "%ff", "*"])
def test_what_is_no_language_is_not_kept(browser: Browser, locale: str) -> None:
    reply = browser.get(f"/auth/?locale={locale}", accept_language="fr")
    assert reply.header("Content-Language") == "fr"
    assert "script" not in reply.text
    assert "data-locale" not in browser.get(f"/auth/box?locale={locale}").text


def test_a_parameter_of_the_apps_own_page_is_not_ours() -> None:
    site = Site()
    visit = Visit(Endpoints(site.login), WebRequest("GET", "/post/1", "locale=ar"))
    assert box(str(visit.box()))[0] == "en"


def test_an_apps_own_sentences_stay_as_they_are() -> None:
    german = language("de")
    assert german.message(LoginRefused("Not with 100% of us.")) == "Not with 100% of us."
    error = RequestError("guest_invalid", fields={"email": "Ours alone.", "name": ""})
    request = WebRequest("GET", "/", headers={"accept-language": "de"})
    html = str(Endpoints(Site().login).box(request, "/", error=error))
    assert "Ours alone." in html
    assert "Plural-Forms" not in html


@pytest.mark.parametrize("tag", ["ar", "he"])
def test_names_keep_their_order_from_right_to_left(tag: str) -> None:
    site = Site(providers={"facebook": {"label": "Blue <book>"}})
    browser = site.browser()
    html = browser.get("/auth/box", accept_language=tag).text
    assert "\u2068X (Twitter)\u2069" in html
    assert "\u2068Blue &lt;book&gt;\u2069" in html
    words = re.search(r"data-words='([^']*)'", html)
    assert words is not None
    assert "\u2068%(provider)s\u2069" in json.loads(words[1])["connecting"]
    browser.log_in("facebook")
    html = browser.get("/auth/box?change=1", accept_language=tag).text
    assert html.count("<bdi>Nora Lind</bdi>") >= 2
    assert "\u2068" not in browser.get("/auth/box", accept_language="en").text


@pytest.mark.parametrize(
    ("locale", "spoken"), [("pt", "pt-BR"), ("de-AT", "de"), ("en_GB", "en"), ("JA", "ja")]
)
def test_a_site_speaks_the_nearest_of_the_languages(locale: str, spoken: str) -> None:
    html = Site(locale=locale).browser().get("/auth/").text
    assert f'<html lang="{spoken}"' in html


@pytest.mark.parametrize(
    ("locale", "advice"),
    [
        ("eng", "Did you mean en?"), ("tlh", ""), ("", ""), (5, ""),
    ],
)  # fmt: skip
def test_a_language_that_is_not_known_is_a_fault_of_the_configuration(
    locale: object, advice: str
) -> None:
    from sociallogin import ConfigError, SocialLogin

    with pytest.raises(ConfigError) as caught:
        SocialLogin.from_mapping(
            {"base_url": "https://a.example", "secret_keys": ["k" * 32], "locale": locale}
        )
    (fault,) = caught.value.faults
    assert fault.place == "locale"
    assert "pt-BR" in fault.allowed
    assert fault.advice == advice
