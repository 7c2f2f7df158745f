"""Whole logins against the emulators, in process: who logs in, what goes wrong, what is told."""

import hashlib
import re
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from sociallogin import Identity, SocialLogin, SocialLoginError
from sociallogin.emulators import FAULTS, PEOPLE, Emulators, PressError, answers
from sociallogin.emulators.people import portrait
from sociallogin.flows import Request

AUTHORIZE = "https://public-api.wordpress.com/oauth2/authorize"
PROTOCOLS = [
    ("wordpress", "oauth2"),
    ("twitter", "oauth2"),
    ("twitter", "oauth1"),
    ("facebook", "oauth2"),
]


class Site:
    def __init__(self, emulators: Emulators, clock: Any, provider: str, protocol: str) -> None:
        self.emulators = emulators
        self.provider = provider
        self.emulator = emulators.of(provider, protocol)
        site = {"base_url": "http://127.0.0.1:8000", "secret_keys": ["k" * 32]}
        twitter = "oauth1" if protocol == "oauth1" else "oauth2"
        self.login = SocialLogin.from_mapping(
            {**site, **emulators.config(twitter)}, transport=emulators.send, clock=clock
        )

    def log_in(self, button: str = "grant") -> Identity:
        start = self.login.begin(self.provider)
        callback = self.emulators.press(start.url, button)
        parameters = parse_qsl(urlsplit(callback).query)
        return self.login.complete(
            self.provider, parameters, transaction=start.transaction
        ).identity

    def outcome(self, button: str = "grant") -> str:
        try:
            self.log_in(button)
        except SocialLoginError as error:
            return error.code
        return "ok"


@pytest.fixture(params=PROTOCOLS, ids="-".join)
def site(request: pytest.FixtureRequest, emulators: Emulators, clock: Any) -> Site:
    return Site(emulators, clock, *request.param)


@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_can_log_in_and_stays_the_same(site, person):
    first, second = site.log_in(person), site.log_in(person)
    assert first.key == second.key
    assert first.name == (PEOPLE[person].name or None)


def test_no_two_people_are_the_same(site):
    assert len({site.log_in(person).key for person in PEOPLE}) == len(PEOPLE)


def test_the_granting_button_is_the_complete_profile(site):
    assert site.log_in() == site.log_in("complete")


OUTCOMES = {
    "denied": "login_denied",
    "no_email": "ok",
    "no_name": "ok",
    "unverified_email": "ok",
    "silhouette": "ok",
    "slow": "ok",
    "timeout": "provider_timeout",
    "rate_limited": "provider_rate_limited",
    "server_error": "provider_unreachable",
    "html_error": "provider_bad_response",
    "bad_json": "provider_bad_response",
    "truncated": "provider_bad_response",
    "wrong_state": "state_mismatch",
    "revoked": "provider_refused_userinfo",
    "coop": "ok",  # last: a page cannot offer it
}


def test_every_fault_has_an_outcome():
    assert OUTCOMES.keys() == FAULTS.keys()


@pytest.mark.parametrize(("fault", "outcome"), OUTCOMES.items())
def test_a_fault_set_for_all_spoils_every_login_while_it_lasts(site, fault, outcome):
    with site.emulator.failing(fault):
        assert [site.outcome(), site.outcome()] == [outcome, outcome]
    assert site.outcome() == "ok"


@pytest.mark.parametrize(("fault", "outcome"), list(OUTCOMES.items())[:-1])
def test_a_fault_asked_for_on_the_consent_page_spoils_that_login_only(site, fault, outcome):
    other = site.login.begin(site.provider)
    callback = site.emulators.press(other.url)
    assert site.outcome(fault) == outcome
    parameters = parse_qsl(urlsplit(callback).query)
    site.login.complete(site.provider, parameters, transaction=other.transaction)


@pytest.mark.parametrize(
    ("fault", "field"), [("no_email", "email"), ("no_name", "name"), ("silhouette", "picture_url")]
)
def test_what_is_withheld_is_missing_from_the_same_person(site, fault, field):
    whole, left = site.log_in(), site.log_in(fault)
    assert left.key == whole.key
    assert getattr(whole, field)
    if (fault, site.provider) in [("silhouette", "wordpress"), ("silhouette", "twitter")]:
        assert "silhouette" in left.picture_url  # these send the address of a grey picture
    else:
        assert getattr(left, field) is None


def test_a_fault_can_be_aimed_at_one_step(site):
    with site.emulator.failing("timeout", at="userinfo"):
        assert site.outcome() == "provider_timeout"
    assert len(site.emulator.asked("token")) == 1
    assert len(site.emulator.asked("userinfo")) == 1


@pytest.mark.parametrize(
    ("fault", "at", "told"),
    [
        ("tiemout", None, r"no fault 'tiemout'; there are: denied, .*\. Did you mean timeout\?"),
        ("timeout", "tokn", r"no step 'tokn'; there are: authorize, .*\. Did you mean token\?"),
        ("explode", None, r"no fault 'explode'; there are: denied, .*, coop$"),
    ],
)
def test_a_fault_that_would_spoil_nothing_is_refused(site, fault, at, told):
    with pytest.raises(LookupError, match=told), site.emulator.failing(fault, at):
        pass


def test_a_scripted_answer_is_given_once(site):
    site.emulator.answer_next("userinfo", answers.json([]), answers.raw(b"", "text/plain"))
    assert [site.outcome() for _ in range(3)] == [
        "provider_bad_response", "provider_bad_response", "ok",
    ]  # fmt: skip


def test_requests_are_remembered_and_bounded(site):
    site.log_in()
    (token,) = site.emulator.asked("token")
    assert token.method == "POST"
    for _ in range(1100):
        site.emulators.send(Request("GET", site.emulator.urls()["authorize_url"]))
    assert len(site.emulator.requests) == 1000


def test_the_callback_keeps_the_state_and_facebook_adds_its_fragment(site):
    for button in ("grant", "deny"):
        url = site.login.begin(site.provider).url
        begun = dict(parse_qsl(urlsplit(url).query))
        callback = urlsplit(site.emulators.press(url, button))
        returned = dict(parse_qsl(callback.query)).values()
        assert begun.get("state", begun.get("oauth_token")) in returned
        assert callback.fragment == ("_=_" if site.provider == "facebook" else "")


@pytest.mark.parametrize(
    ("provider", "reported"),
    [
        ("wordpress", {"error"}),
        ("twitter", {"error"}),
        ("facebook", {"error", "error_reason", "error_description"}),
    ],
)
def test_cancel_is_reported_as_the_provider_does(emulators, clock, provider, reported):
    start = Site(emulators, clock, provider, "oauth2").login.begin(provider)
    callback = urlsplit(emulators.press(start.url, "deny"))
    assert dict(parse_qsl(callback.query)).keys() == reported | {"state"}


def consent_page(site: Site, change: bool = False) -> Any:
    response = site.emulators.send(
        Request("GET", site.login.begin(site.provider, change=change).url)
    )
    while response.status == 302:
        response = site.emulators.send(Request("GET", response.headers["location"]))
    return response


def test_the_consent_page_says_what_it_is_and_needs_no_script(site):
    page = consent_page(site)
    text = page.body.decode()
    assert "stand-in" in text
    assert next(iter(site.emulator.clients)) in text
    assert re.search(r"<button[^>]*>", text)[0].endswith('value="grant">')
    assert "&lt;script&gt;alert(1)" in text
    assert "<script" not in text
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "form-action" not in policy
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("change", [True, False])
def test_the_consent_page_tells_when_the_app_asks_for_another_account(site, change):
    knows = site.login.providers[[p.name for p in site.login.providers].index(site.provider)]
    told = "choose the account anew" in consent_page(site, change).body.decode()
    assert told == (change and bool(knows.record.change))


def test_only_facebook_cuts_its_consent_page_off_unless_asked_to(site):
    assert ("cross-origin-opener-policy" in consent_page(site).headers) == (
        site.provider == "facebook"
    )
    with site.emulator.failing("coop"):
        assert consent_page(site).headers["cross-origin-opener-policy"] == "same-origin"


def test_wordpress_hops_through_its_log_in_page(emulators, clock):
    url = Site(emulators, clock, "wordpress", "oauth2").login.begin("wordpress").url
    hop = emulators.send(Request("GET", url)).headers["location"]
    assert hop.startswith("https://wordpress.com/log-in?")
    back = emulators.send(Request("GET", hop)).headers["location"]
    assert back.startswith("https://public-api.wordpress.com/oauth2/authenticate?")
    elsewhere = "https://wordpress.com/log-in?redirect_to=https://evil.example/"
    assert emulators.send(Request("GET", elsewhere)).status == 400


def test_a_picture_is_a_png(site):
    picture = site.log_in("arabic").picture_url
    answer = site.emulators.send(Request("GET", picture))
    assert answer.headers["content-type"] == "image/png"
    assert answer.body.startswith(b"\x89PNG")


def test_a_button_that_is_not_there_cannot_be_pressed(site):
    with pytest.raises(PressError, match="coop"):
        site.emulators.press(site.login.begin(site.provider).url, "coop")


def test_an_address_of_nobody_is_unreachable(emulators):
    with pytest.raises(SocialLoginError) as raised:
        emulators.send(Request("GET", "https://twitter.com/i/oauth2/authorize"))
    assert raised.value.code == "provider_unreachable"


def test_gravatar_serves_whoever_has_the_address_with_this_hash(site):
    at = site.emulators.gravatar_url
    nora = hashlib.sha256(b"nora.lind@example.org").hexdigest()
    nobody = hashlib.sha256(b"nobody@example.org").hexdigest()
    sam = hashlib.sha256(b"sam@example.org").hexdigest()  # has no picture

    def get(digest, query):
        return site.emulators.send(Request("GET", f"{at}/{digest}?{query}"))

    assert get(nora, "d=404&s=192").body == portrait("noralind")
    for digest in (nobody, sam):
        assert get(digest, "d=404").status == 404
        assert get(digest, "s=80").body == portrait("")


def test_a_picture_is_spoiled_by_a_fault_that_is_set_for_it(site):
    url = site.log_in("complete").picture_url
    emulator = site.emulators.serving(url)
    with emulator.failing("server_error", at="picture"):
        assert site.emulators.send(Request("GET", url)).status == 503
    with emulator.failing("server_error"):
        assert site.emulators.send(Request("GET", url)).status == 200


def test_whoever_is_logged_in_can_be_pressed_by_name_too(site):
    with site.emulator.being(PEOPLE["arabic"]):
        assert site.log_in("arabic") == site.log_in()


def test_what_was_asked_can_be_read_while_more_is(site):
    asking = Thread(target=lambda: [site.log_in() for _ in range(30)])
    asking.start()
    while asking.is_alive():
        site.emulator.asked("userinfo")
    asking.join()
    assert len(site.emulator.asked("userinfo")) == 30


@pytest.mark.parametrize("text", ["\r\nSet-Cookie: a=b", "€", "\0"])
def test_no_redirect_of_an_emulator_holds_a_header_or_what_a_header_cannot(emulators, text):
    back = quote(f"{AUTHORIZE}?{text}", safe="")
    log_in = f"https://wordpress.com/log-in?redirect_to={back}"
    answer = emulators.send(Request("GET", log_in))
    location = answer.headers["location"]
    assert location == f"{AUTHORIZE}?{quote(text, safe=':=')}"


def test_nobody_has_the_gravatar_of_an_empty_address(emulators):
    url = f"{emulators.gravatar_url}/{hashlib.sha256(b'').hexdigest()}?d=404"
    assert emulators.send(Request("GET", url)).status == 404
