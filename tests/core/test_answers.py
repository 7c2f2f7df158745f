"""What providers say, and what becomes of it: an identity, or an error with the right code."""

import json
import time
import traceback
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core.who import ALL, FACEBOOK, OAUTH1, OAUTH2, SENTINEL, TWITTER, WORDPRESS
from sociallogin import ProviderError, SocialLoginError
from sociallogin.flows import Response


def oauth(error: str) -> dict[str, str]:
    return {"error": error, "error_description": f"{SENTINEL} <b>\r\n\x1b[31m"}


def graph(code: int, **more: Any) -> dict[str, Any]:
    return {"error": {"message": SENTINEL, "type": "OAuthException", "code": code, **more}}


def x(code: int) -> dict[str, Any]:
    return {"errors": [{"code": code, "message": SENTINEL}]}


def x_xml(code: int) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<errors>\n'
        f'  <error code="{code}">{SENTINEL}</error>\n</errors>\n'
    )


def problem(kind: str, status: int, **more: Any) -> dict[str, Any]:
    return {
        "title": "T", "detail": SENTINEL, "type": f"https://api.x.com/2/problems/{kind}",
        "status": status, **more,
    }  # fmt: skip


HTML = f"<!doctype html><title>{SENTINEL}</title><h1>Oops</h1>"

#: Who, in answer to which request, with which status and body, means what (DESIGN 3.6).
SAID: list[tuple[tuple[tuple[str, str], ...], str, int, Any, str]] = [
    # token: the code is refused
    (OAUTH2, "token", 400, oauth("invalid_grant"), "token_invalid"),
    (OAUTH2, "token", 200, oauth("invalid_grant"), "token_invalid"),
    ((TWITTER,), "token", 400, oauth("invalid_request"), "token_invalid"),
    ((FACEBOOK,), "token", 400, graph(100, error_subcode=36009), "token_invalid"),
    ((OAUTH1,), "token", 401, x(89), "token_invalid"),
    # token: this site is set up wrongly
    (OAUTH2, "token", 401, oauth("invalid_client"), "provider_rejected_client"),
    (OAUTH2, "token", 400, oauth("invalid_client"), "provider_rejected_client"),
    (OAUTH2, "token", 401, oauth("unauthorized_client"), "provider_rejected_client"),
    (OAUTH2, "token", 400, oauth("invalid_scope"), "provider_rejected_client"),
    (OAUTH2, "token", 400, oauth("redirect_uri_mismatch"), "provider_rejected_client"),
    (OAUTH2, "token", 200, oauth("redirect_uri_mismatch"), "provider_rejected_client"),
    ((FACEBOOK,), "token", 400, graph(101), "provider_rejected_client"),
    ((FACEBOOK,), "token", 400, graph(191), "provider_rejected_client"),
    *(
        ((OAUTH1,), step, status, body(code), "provider_rejected_client")
        for step in ("request_token", "token")
        for code, status in ((32, 401), (135, 401), (215, 400), (415, 403), (453, 403))
        for body in (x, x_xml)
    ),
    # The token is refused with the userinfo.
    (ALL, "userinfo", 401, {}, "provider_refused_userinfo"),
    (ALL, "userinfo", 403, {}, "provider_refused_userinfo"),
    (ALL, "userinfo", 403, HTML, "provider_refused_userinfo"),
    ((WORDPRESS,), "userinfo", 403, oauth("authorization_required"), "provider_refused_userinfo"),
    ((WORDPRESS,), "userinfo", 400, oauth("invalid_token"), "provider_refused_userinfo"),
    ((WORDPRESS,), "userinfo", 404, oauth("invalid_token"), "provider_refused_userinfo"),
    ((WORDPRESS,), "userinfo", 400, oauth("invalid_request"), "provider_refused_userinfo"),
    ((WORDPRESS,), "userinfo", 200, oauth("oauth2_invalid_token"), "provider_refused_userinfo"),
    ((FACEBOOK,), "userinfo", 400, graph(190, error_subcode=458), "provider_refused_userinfo"),
    ((FACEBOOK,), "userinfo", 400, graph(102), "provider_refused_userinfo"),
    ((OAUTH1,), "userinfo", 401, x(89), "provider_refused_userinfo"),
    ((TWITTER,), "userinfo", 403, problem("client-forbidden", 403, reason="client-not-enrolled"),
     "provider_refused_userinfo"),
    ((TWITTER,), "userinfo", 403, problem("unsupported-authentication", 403),
     "provider_refused_userinfo"),
    # Anywhere: asked too often.
    *(
        (who, step, 429, body, "provider_rate_limited")
        for who, step in (
            (ALL, "token"), (ALL, "userinfo"), ((OAUTH1,), "request_token"),
        )
        for body in ({}, HTML, oauth("invalid_grant"))
    ),
    *(
        ((FACEBOOK,), step, 400, graph(code), "provider_rate_limited")
        for step in ("token", "userinfo")
        for code in (4, 17, 341)
    ),
    # Anywhere: it is down.
    *(
        (who, step, status, HTML, "provider_unreachable")
        for who, step in (
            (ALL, "token"), (ALL, "userinfo"), ((OAUTH1,), "request_token"),
        )
        for status in (500, 502, 503, 504)
    ),
    ((FACEBOOK,), "userinfo", 500, graph(1), "provider_unreachable"),
    ((FACEBOOK,), "userinfo", 400, graph(2), "provider_unreachable"),
    # anywhere: elsewhere, another refusal, or nothing that can be read
    *(
        (who, step, status, HTML, "provider_bad_response")
        for who, step in (
            (ALL, "token"), (ALL, "userinfo"), ((OAUTH1,), "request_token"),
        )
        for status in (200, 301, 302, 307, 308, 400, 404)
    ),
    *(
        (ALL, "userinfo", 200, body, "provider_bad_response")
        for body in (
            "", "{", '{"id": "1"', "false", "true", "null", "5", '"x"', "[]", '[{"id": "1"}]',
            "NaN", '{"id": NaN}', '{"id": Infinity}', '{"id": 1e400}', "[" * 100_000,
            '{"id": ' + "1" * 100_000 + "}", '{"a":' * 100_000, b"\xffS3NTINEL", b"\x00" * 10,
            '{"ok": false}', '{"error": "weird thing"}', '{"error": {"message": "S3NTINEL"}}', "{}",
        )
    ),
    *(
        (OAUTH2, "token", 200, body, "provider_bad_response")
        for body in ("", "{", "[]", "false", "NaN", "[" * 100_000, '{"ok": false}')
    ),
    # the token answer is no token (D7)
    *(
        (OAUTH2, "token", 200, body, "token_invalid")
        for body in (
            {}, {"access_token": None}, {"access_token": ""}, {"access_token": 5},
            {"access_token": [SENTINEL]}, {"access_token": f"{SENTINEL}\r\nX: y"},
            {"access_token": f"{SENTINEL} x"}, {"access_token": "é"},
            {"access_token": SENTINEL, "token_type": "mac"},
            {"access_token": SENTINEL, "token_type": 5},
            {"access_token": SENTINEL, "token_type": None},
        )
    ),
    # OAuth 1.0a: no token, or the callback unconfirmed (F1), or of another user (F7)
    *(
        ((OAUTH1,), "request_token", 200, body, "provider_bad_response")
        for body in (
            "", "x", "{}", "oauth_token=t&oauth_token_secret=s",
            "oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=false",
            "oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=True",
            "oauth_token=&oauth_token_secret=s&oauth_callback_confirmed=true",
            "oauth_token=t&oauth_callback_confirmed=true",
            "&".join(f"a{n}=b" for n in range(1000)),
        )
    ),
    *(
        ((OAUTH1,), "token", 200, body, "provider_bad_response")
        for body in ("", "x", "{}", "oauth_token=t", "oauth_token_secret=s", HTML)
    ),
    ((OAUTH1,), "userinfo", 200, {"id_str": "12", "name": "Eve"}, "provider_bad_response"),
]  # fmt: skip

CASES = [
    pytest.param(
        who, step, status, body, code, id=f"{'-'.join(who)} {step} {status} {str(body)[:50]}"
    )
    for everybody, step, status, body, code in SAID
    for who in everybody
]  # fmt: skip


@pytest.mark.parametrize(("who", "step", "status", "body", "code"), CASES)
def test_what_the_provider_says_has_its_code_and_is_not_quoted(
    converse: Any,
    refusal: Any,
    who: tuple[str, str],
    step: str,
    status: int,
    body: Any,
    code: str,
) -> None:
    talk = converse(*who)
    with pytest.raises(SocialLoginError) as caught:
        talk.answered_at(step, refusal(status, body, location=f"https://{SENTINEL}.example/"))
    error = caught.value
    assert error.code == code, error.hint
    assert error.provider == talk.login.providers[0].label
    told = f"{error} {error!r} {error.hint} {error.message}"
    causes = f"{error.__cause__!r}" + "".join(traceback.format_exception(error))
    assert SENTINEL not in told + causes
    assert len(error.hint) < 400
    assert error.hint.isprintable()
    # A refusal is final: nothing is asked twice, nothing after it.
    assert [urlsplit(request.url).path for request in talk.asked] == paths(who, step)


def paths(who: tuple[str, str], last: str) -> list[str]:
    asked = {
        WORDPRESS: ["/oauth2/token", "/rest/v1.1/me"],
        TWITTER: ["/2/oauth2/token", "/2/users/me"],
        FACEBOOK: ["/v25.0/oauth/access_token", "/v25.0/me"],
        OAUTH1: ["/oauth/request_token", "/oauth/access_token",
                 "/1.1/account/verify_credentials.json"],
    }[who]  # fmt: skip
    steps = ["request_token", "token", "userinfo"][-len(asked) :]
    return asked[: steps.index(last) + 1]


@pytest.mark.parametrize(
    "code", ["provider_unreachable", "provider_timeout", "provider_bad_response"]
)
def test_a_failure_of_the_network_passes_through(conversation: Any, code: str) -> None:
    for step in ("token", "userinfo"):
        with pytest.raises(ProviderError) as caught:
            conversation.answered_at(step, ProviderError(code, "the network failed"))
        assert caught.value.code == code
        assert caught.value.provider == conversation.login.providers[0].label


def http_date(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(1_800_000_000 + seconds, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds", "words"),
    [
        ({"retry-after": "120"}, 120, "in 2 minutes"),
        ({"retry-after": " 61 "}, 61, "in 2 minutes"),
        ({"retry-after": "0"}, 0, "in a minute"),
        ({"retry-after": "1"}, 1, "in a minute"),
        ({"retry-after": "7200"}, 7200, "in 2 hours"),
        ({"retry-after": http_date(300)}, 300, "in 5 minutes"),
        ({"retry-after": http_date(-300)}, 0, "in a minute"),
        ({}, None, "in a few minutes"),
        ({"retry-after": ""}, None, "in a few minutes"),
        ({"retry-after": "soon"}, None, "in a few minutes"),
        ({"retry-after": "-5"}, None, "in a few minutes"),
        ({"retry-after": "1e9"}, None, "in a few minutes"),
        ({"retry-after": "٣"}, None, "in a few minutes"),
        ({"retry-after": "Wed, 99 Foo 2015 99:99:99 GMT"}, None, "in a few minutes"),
        ({"retry-after": "Wed, 21 Oct 99999999999999999999 07:28:00 GMT"}, None, "a few minutes"),
        ({"retry-after": "Mon, 01 Jan 0001 00:00:00 -0000"}, None, "minute"),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 -2359"}, None, "hours"),
    ],
    ids=str,
)
def test_i6_row_18_retry_after_is_read_in_every_form(
    converse: Any, headers: dict[str, str], seconds: int | None, words: str
) -> None:
    with pytest.raises(ProviderError) as caught:
        converse(*WORDPRESS).answered_at("userinfo", Response(429, headers, b"{}"))
    error = caught.value
    assert error.code == "provider_rate_limited"
    assert words in error.message
    if seconds is not None:
        assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-rate-limit-reset": "1800000900"}, 900),
        ({"x-rate-limit-reset": "1700000000"}, 0),
        ({"x-rate-limit-reset": "1800000900", "retry-after": "5"}, 5),
        ({"x-rate-limit-reset": "1800000900", "retry-after": "soon"}, 900),
        ({"x-rate-limit-reset": "soon"}, None),
        ({"x-rate-limit-reset": "9" * 40}, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("who", [TWITTER, OAUTH1], ids="-".join)
def test_row_18_the_rate_limit_of_x_ends_when_its_header_says(
    converse: Any, who: tuple[str, str], headers: dict[str, str], seconds: int | None
) -> None:
    with pytest.raises(ProviderError) as caught:
        converse(*who).answered_at("userinfo", Response(429, headers, b"{}"))
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("step", "status", "body", "told"),
    [
        ("request_token", 401, x(135), "clock"),
        ("request_token", 401, x(32), "API key"),
        ("request_token", 403, x_xml(415), "callback URL"),
        ("request_token", 403, x(453), "access level"),
    ],
)
def test_f6_row_21_row_23_the_hint_says_what_x_wants_set_right(
    converse: Any, refusal: Any, step: str, status: int, body: Any, told: str
) -> None:
    with pytest.raises(ProviderError, match=told):
        converse(*OAUTH1).answered_at(step, refusal(status, body))


@pytest.mark.parametrize("of", ["<error ", "<error code=", "<error code='1", "<error>"])
def test_i4_no_error_page_of_x_keeps_the_process_busy(converse: Any, refusal: Any, of: str) -> None:
    before = time.process_time()
    with pytest.raises(ProviderError):
        converse("twitter", "oauth1").answered_at("request_token", refusal(400, of * 100_000))
    assert time.process_time() - before < 10, "a second at most; an hour where it is quadratic"


def test_row_17_the_hint_for_an_unenrolled_x_app_names_the_project(
    converse: Any, refusal: Any
) -> None:
    body = problem(
        "client-forbidden", 403, reason="client-not-enrolled",
        registration_url="https://developer.x.com/en/docs/projects",
    )  # fmt: skip
    with pytest.raises(ProviderError, match=r"project.*developer\.x\.com/en/docs/projects"):
        converse(*TWITTER).answered_at("userinfo", refusal(403, body))


def test_row_27_the_hint_for_a_facebook_app_in_development_mode_says_so(converse: Any) -> None:
    talk = converse(*FACEBOOK)
    start = talk.begin()
    params = {"error": "access_denied", "error_code": "200", "error_reason": "user_denied"}
    with pytest.raises(SocialLoginError, match="not live"):
        talk.complete(start, {**params, "state": talk.params(start)["state"]})


@pytest.mark.parametrize(
    "token",
    [
        {"access_token": "t"},
        {"access_token": "t", "token_type": "Bearer", "expires_in": "5183944"},
        {"access_token": "t", "token_type": "BEARER", "expires_in": None, "scope": None},
        {"access_token": "t", "token_type": "bearer", "blog_id": "0", "blog_url": False},
        {"access_token": "a&b%c@d^e)!", "token_type": "bearer", "blog_id": 0, "scope": "auth"},
        {"access_token": "t", "expires_in": -1, "scope": ["a"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("who", OAUTH2, ids="-".join)
def test_row_13_row_15_a_token_answer_needs_nothing_but_its_token(
    converse: Any, who: tuple[str, str], token: dict[str, Any]
) -> None:
    talk = converse(*who)
    signin = talk.log_in(token)
    assert signin.identity.subject
    assert signin.token.access_token == token["access_token"]
    assert signin.token.expires_in == (5183944 if token.get("expires_in") == "5183944" else None)
    # Whatever letters it has, it is sent in a header, as it is.
    assert talk.asked[-1].headers["Authorization"] == f"Bearer {token['access_token']}"
    assert token["access_token"] not in talk.asked[-1].url.partition("?")[2].split("&")


@pytest.mark.parametrize(
    ("scope", "asked"),
    [
        ("users.read tweet.read users.email", True),
        ("tweet.read users.read", False),
        (None, True),
        ("", False),
        (["users.read", "users.email"], True),
        (["users.read", None], False),
    ],
)
def test_row_19_the_confirmed_email_is_asked_for_only_with_its_scope(
    converse: Any, scope: object, asked: bool
) -> None:
    talk = converse(*TWITTER)
    talk.log_in({"access_token": "t", "token_type": "bearer", "scope": scope})
    (fields,) = parse_qs(urlsplit(talk.asked[-1].url).query)["user.fields"]
    assert ("confirmed_email" in fields.split(",")) is asked


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("auth", ("auth",)), (" read,write  email ", ("read", "write", "email")),
        (["read", 1, "email"], ("read", "email")), ("", ()), ([], ()),
        (None, ("auth",)), (7, ("auth",)),
    ],
)  # fmt: skip
def test_a_token_has_the_scopes_that_were_granted(
    converse: Any, said: object, meant: tuple[str, ...]
) -> None:
    signin = converse(*WORDPRESS).log_in({"access_token": "t", "scope": said})
    assert signin.token.scopes == meant


def test_row_19_an_account_without_a_confirmed_email_logs_in_all_the_same(converse: Any) -> None:
    identity = converse(*TWITTER).log_in().identity
    assert (identity.email, identity.email_verified) == (None, None)


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        (WORDPRESS, {"ID": 2**63 + 1}), (FACEBOOK, {"id": str(2**63 + 1)}),
        (TWITTER, {"data": {"id": str(2**63 + 1)}}), (FACEBOOK, {"id": 2**63 + 1}),
    ],
)  # fmt: skip
def test_i7_row_10_an_id_keeps_its_exact_digits(
    converse: Any, who: tuple[str, str], answer: dict[str, Any]
) -> None:
    assert converse(*who).answered_at("userinfo", answer).identity.subject == "9223372036854775809"


def test_row_10_twitter_oauth1_takes_the_id_that_is_a_string(converse: Any) -> None:
    answer = {"id": 2244994945000000000, "id_str": "2244994945"}
    assert converse(*OAUTH1).answered_at("userinfo", answer).identity.subject == "2244994945"


def test_the_identity_is_made_of_the_answer_and_the_clock(conversation: Any) -> None:
    identity = conversation.log_in().identity
    assert identity.provider == conversation.provider
    assert identity.issuer == conversation.login.providers[0].record.issuer
    assert identity.authenticated_at == 1_800_000_000
    assert json.dumps(identity.claims)
