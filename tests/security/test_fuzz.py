"""Whatever comes in: the endpoints answer, raise nothing, and sign nobody in."""

from collections.abc import Iterable
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carrying import Reply
from sites import Site, query
from sociallogin import SocialLoginError
from strategies import QUICK

SITE = Site()
START = SITE.login.begin("facebook")
GENUINE = [START.key, START.transaction, SITE.login.sealer.sign("csrf_token", "0" * 32)]
NAMES = [
    "code", "state", "iss", "error", "error_code", "error_reason", "error_message", "denied",
    "oauth_token", "oauth_verifier", "access_token", "id_token", "next", "change", "popup", "name",
    "email", "website", "remember", "csrf_token", "sociallogin_reposted", "subject", "provider",
]  # fmt: skip
COOKIES = ["identity", "csrf", "chooser", "login_", "login_AAAAAAAA", "x"]
TARGETS = [
    "", "/", "/login/facebook", "/login/twitter", "/callback/facebook", "/callback/wordpress",
    "/callback/twitter", "/callback/nobody", "/guest", "/logout", "/identity", "/box", "/static/x",
]  # fmt: skip
#: Answers of these are no refusal: guests may come, visitors may go.
SIGNS_IN = {"/guest"}

fuzzing = settings(QUICK, suppress_health_check=list(HealthCheck))
texts = st.one_of(st.text(max_size=40), st.sampled_from([*GENUINE, "", "/", "1", "null"]))
pairs = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), texts))
latin = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=80)


def encoded(given_pairs: Iterable[tuple[str, str]]) -> str:
    return urlencode(list(given_pairs), errors="surrogatepass")


queries = st.one_of(
    pairs.map(encoded), latin.map(lambda text: quote(text, safe="&=%+;?/[]")), latin
)
bodies = st.one_of(pairs.map(lambda p: encoded(p).encode()), st.binary(max_size=200))


@st.composite
def cookie_headers(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        return draw(latin)
    names = [f"__Host-sociallogin_{name}" for name in COOKIES]
    crumbs = draw(st.lists(st.tuples(st.sampled_from(names), st.one_of(latin, texts)), max_size=8))
    return "; ".join(f"{name}={value}" for name, value in crumbs)


def judge(target: str, reply: Reply) -> None:
    assert reply.status in {200, 303, 400, 403, 404, 405, 413, 414, 422, 502, 503, 504}
    signed_in = any("_identity=" in c and "Max-Age=0" not in c for c in reply.all("Set-Cookie"))
    assert not signed_in or target in SIGNS_IN
    for name, value in reply.headers:
        assert not {"\r", "\n"} & set(name + value)
        value.encode("ascii")
    if reply.status == 303:
        assert reply.location.startswith(("/", "https://www.facebook.com/", "https://x.com/"))
        assert not reply.location.startswith("//")


@fuzzing
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT"]),
    target=st.sampled_from(TARGETS),
    asked=queries,
    cookie=cookie_headers(),
    body=bodies,
    accept=st.sampled_from(["text/html", "application/json", "*/*", ""]),
    origin=st.one_of(st.sampled_from(["null", "https://blog.example.com", "https://e.org"]), latin),
    site=st.one_of(st.none(), st.sampled_from(["same-origin", "none", "cross-site"]), latin),
    host=st.one_of(st.just("blog.example.com"), latin),
)
def test_any_request_is_answered_and_signs_nobody_in(
    method: str, target: str, asked: str, cookie: str, body: bytes, accept: str, origin: str,
    site: str | None, host: str,
) -> None:  # fmt: skip
    headers = {"Cookie": cookie, "Accept": accept, "Origin": origin, "Host": host}
    if site is not None:
        headers["Sec-Fetch-Site"] = site
    judge(target, SITE.app(method, f"/auth{target}?{asked}", headers, body))


@fuzzing
@given(path=st.text(max_size=60), method=st.sampled_from(["GET", "POST"]))
def test_any_path_is_answered(path: str, method: str) -> None:
    judge(path, SITE.app(method, f"/auth/{quote(path, errors='surrogatepass')}", {}, b""))


@fuzzing
@given(
    provider=st.one_of(st.sampled_from(["facebook", "twitter", "wordpress"]), st.text(max_size=8)),
    params=st.one_of(pairs, st.dictionaries(st.text(max_size=8), st.text(max_size=8)), st.none()),
    transaction=st.one_of(texts, st.none()),
    own=st.booleans(),
)
def test_any_callback_in_python_ends_in_an_error_of_the_family(
    provider: str,
    params: list[tuple[str, str]] | dict[str, str] | None,
    transaction: str | None,
    own: bool,
) -> None:
    callback = params or []
    if own:  # the one that is due: everything but its code is right
        start = SITE.login.begin("facebook")
        transaction = start.transaction
        callback = [
            ("state", start.key),
            *(p for p in list(dict(callback).items()) if p[0] != "state"),
        ]
    with pytest.raises(SocialLoginError) as caught:
        SITE.login.complete(provider, callback, transaction=transaction)
    assert str(caught.value)
    assert caught.value.message


@fuzzing
@given(cookie=st.one_of(latin, texts))
def test_any_cookie_is_nobodys(cookie: str) -> None:
    assert SITE.login.open_identity(cookie) is None
    assert SITE.login.flows.pending(cookie) is None or cookie == START.transaction


def test_after_all_that_a_login_works() -> None:
    browser = SITE.browser()
    callback = browser.consent(browser.begin("facebook"))
    assert query(callback)["code"]
    assert browser.get(callback).status == 303
