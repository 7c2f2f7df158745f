"""What the client asks, and what it makes of the answers."""

import json
import logging
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akismet.conftest import BASE_URL, NOW, comment, person
from sociallogin import SocialLogin
from sociallogin.akismet import Akismet, AkismetFlows, Comment, Verdict
from sociallogin.config import AkismetConfig, from_mapping
from sociallogin.emulators import Emulators, answers
from sociallogin.emulators.akismet import SPAM_AUTHOR, SPAM_EMAIL, suspended
from sociallogin.errors import ProviderError
from sociallogin.flows import Request, Response, run
from strategies import QUICK, any_text

KEY = "a-key-nobody-may-read"
ADA = {
    "email": "ada@example.com",
    "website_url": "https://ada.example",
    "profile_url": "https://provider.example/ada",
}


def sent(emulators: Emulators) -> dict[str, str]:
    """The fields of the last request."""
    return dict(parse_qsl(emulators.akismet.requests[-1].body.decode(), keep_blank_values=True))


def test_everything_known_of_a_comment_is_sent(make, emulators):
    whole = comment(
        person(**ADA),
        user_agent="Mozilla/5.0",
        referrer=f"{BASE_URL}/",
        permalink="/post/1",
        type="reply",
        written_at=NOW,
        role="editor",
        recheck_reason="edit",
        honeypot=("fax", "0123"),
    )
    assert make(locale="pt-BR", test=True).check(whole) == Verdict("ham")
    assert sent(emulators) == {
        "api_key": emulators.akismet.key,
        "blog": BASE_URL,
        "blog_charset": "UTF-8",
        "blog_lang": "pt_br",
        "comment_author": "Ada Lovelace",
        "comment_author_email": "ada@example.com",
        "comment_author_url": "https://ada.example",
        "comment_content": "Half the sugar.",
        "comment_date_gmt": "2027-01-15T08:00:00+00:00",
        "comment_type": "reply",
        "fax": "0123",
        "honeypot_field_name": "fax",
        "is_test": "true",
        "permalink": f"{BASE_URL}/post/1",
        "recheck_reason": "edit",
        "referrer": f"{BASE_URL}/",
        "user_agent": "Mozilla/5.0",
        "user_ip": "203.0.113.7",
        "user_role": "editor",
    }
    request = emulators.akismet.requests[-1]
    assert request.url == "https://rest.akismet.com/1.1/comment-check"
    assert request.headers["User-Agent"].startswith("sociallogin/")


def test_what_is_not_known_is_not_sent(akismet, emulators):
    akismet.check(comment())
    assert set(sent(emulators)) == {
        "api_key", "blog", "blog_charset", "blog_lang", "comment_content", "comment_type",
        "user_ip",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["api_key", "blog", "user_role", "comment_content"])
def test_a_honeypot_replaces_no_field_of_akismets(akismet, emulators, name):
    akismet.check(comment(honeypot=(name, "forged")))
    assert "forged" not in sent(emulators).values()


@pytest.mark.parametrize(
    ("author", "role", "outcome"),
    [
        ({}, "", "ham"),
        ({"name": SPAM_AUTHOR}, "", "spam"),
        ({"email": SPAM_EMAIL}, "", "spam"),
        ({"name": None, "username": SPAM_AUTHOR}, "", "spam"),
        ({"name": SPAM_AUTHOR, "email": SPAM_EMAIL}, "", "discard"),
        ({"name": SPAM_AUTHOR, "email": SPAM_EMAIL}, "administrator", "ham"),
    ],
)
def test_the_fixed_values_of_the_documentation_are_judged_as_it_says(
    akismet, author, role, outcome
):
    assert akismet.check(comment(person(**author), role=role)) == Verdict(outcome)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("server_error", "unreachable"),
        ("timeout", "timeout"),
        ("rate_limited", "rate_limited"),
        ("html_error", "bad_response"),
        ("truncated", "bad_response"),
    ],
)
def test_trouble_at_akismet_is_a_question_to_the_moderator(
    akismet, emulators, caplog, fault, reason
):
    """Breaks when Akismet's trouble loses a comment, or publishes one."""
    spam = comment(person(name=SPAM_AUTHOR))
    with emulators.akismet.failing(fault):
        assert akismet.check(spam) == Verdict("unknown", reason)
        assert akismet.submit_spam(spam) is False
        assert akismet.submit_ham(spam) is False
        assert akismet.verify_key() == "unknown"
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 4
    assert f"reason={reason}" in caplog.text


def test_a_slow_answer_still_counts(akismet, emulators):
    with emulators.akismet.failing("slow"):
        assert akismet.check(comment(person(name=SPAM_AUTHOR))) == Verdict("spam")


def test_a_wrong_key_is_told_to_the_developer_alone(make, caplog):
    akismet = make(api_key=KEY)
    assert akismet.verify_key() == "invalid"
    assert akismet.check(comment()) == Verdict("unknown", "rejected_key")
    assert akismet.submit_ham(comment()) is False
    assert caplog.text.count("check api_key in the table `akismet`") == 3
    assert "x-akismet-debug-help: The api_key is missing or unknown." in caplog.text
    assert KEY not in caplog.text


def test_a_suspended_key_publishes_nothing(akismet, emulators, caplog):
    """Its answers say `false`, which would be ham, and only a header tells the truth."""
    emulators.akismet.answer_next("check", suspended())
    assert akismet.check(comment()) == Verdict("unknown", "rejected_key")
    assert "x-akismet-alert-code: 10402" in caplog.text
    assert "x-akismet-alert-msg: Your Akismet subscription is suspended." in caplog.text


def test_an_alert_beside_an_answer_goes_to_the_log(akismet, emulators, caplog):
    headers = {"x-akismet-alert-code": "10501", "x-akismet-alert-msg": "Over the limit"}
    emulators.akismet.answer_next("check", answers.raw(b"true", "text/plain", 200, headers))
    assert akismet.check(comment()) == Verdict("spam")
    assert caplog.records[-1].levelno == logging.WARNING
    assert "x-akismet-alert-msg: Over the limit" in caplog.text


def test_a_request_without_address_is_named_so(akismet, caplog):
    assert akismet.check(comment(user_ip="")) == Verdict("unknown", "rejected_request")
    assert 'Empty "user_ip" value' in caplog.text


def test_reports_reach_akismet_with_the_same_fields(akismet, emulators):
    told = comment(person(**ADA), user_agent="Mozilla/5.0")
    akismet.check(told)
    checked = sent(emulators)
    assert akismet.submit_spam(told) is True
    assert sent(emulators) == checked
    assert akismet.submit_ham(told) is True
    assert sent(emulators) == checked
    assert [request.url.rpartition("/")[2] for request in emulators.akismet.asked("report")] == [
        "submit-spam",
        "submit-ham",
    ]


@pytest.mark.parametrize(
    "told",
    [
        comment(),
        comment(person(**ADA), user_agent="Mozilla/5.0", written_at=NOW, honeypot=("fax", "1")),
    ],
)
def test_what_was_asked_can_be_kept_as_json(told):
    assert Comment.from_dict(json.loads(json.dumps(told.to_dict()))) == told


def test_a_good_key_is_verified(akismet, emulators):
    assert akismet.verify_key() == "valid"
    assert sent(emulators) == {"api_key": emulators.akismet.key, "blog": BASE_URL}


@pytest.mark.parametrize(
    ("method", "answered"),
    [("submit_spam", b"<html>"), ("submit_ham", b""), ("submit_ham", b"true")],
)
def test_a_report_counts_only_if_akismet_says_so(akismet, emulators, method, answered):
    emulators.akismet.answer_next("report", answers.raw(answered, "text/plain"))
    assert getattr(akismet, method)(comment()) is False


def test_nothing_personal_and_no_key_is_shown(make, emulators, caplog):
    """Not even where Akismet quotes what it was sent."""
    caplog.set_level(logging.INFO, logger="sociallogin")
    akismet = make(api_key=KEY)
    told = comment(person(**ADA), user_agent="Mozilla/5.0", referrer="https://else.example/x")
    quoting = {"x-akismet-debug-help": f"{KEY} Ada Lovelace ada@example.com 203.0.113.7\r\nx"}
    emulators.akismet.answer_next("check", answers.raw(b"invalid", "text/plain", 200, quoting))
    akismet.check(told)
    akismet.check(told)
    shown = f"{caplog.text} {told!r} {akismet!r}"
    for secret in (KEY, "Ada Lovelace", "ada@", "203.0.113.7", "Half the", "Mozilla", "else.ex"):
        assert secret not in shown
    assert len(caplog.text.splitlines()) == 2


def test_without_its_table_akismet_is_off():
    login = SocialLogin.from_mapping({"base_url": BASE_URL, "secret_keys": ["k" * 32]})
    assert Akismet.of(login) is None


def test_text_that_is_no_text_is_sent_all_the_same(akismet, emulators):
    assert akismet.check(comment(content="half a character: \ud83d")) == Verdict("ham")
    assert sent(emulators)["comment_content"] == "half a character: ?"


# Recorded bytes: what the real service and what stands in its place answer.


@pytest.mark.parametrize(
    ("status", "headers", "body", "verdict"),
    [
        (200, {}, b"false", Verdict("ham")),
        (200, {}, b"false\n", Verdict("ham")),
        (200, {}, b"true", Verdict("spam")),
        (200, {"x-akismet-pro-tip": "discard"}, b"true", Verdict("discard")),
        (200, {"x-akismet-pro-tip": "discard"}, b"false", Verdict("ham")),
        (200, {"x-akismet-pro-tip": "something new"}, b"true", Verdict("spam")),
        (200, {}, b"invalid", Verdict("unknown", "rejected_key")),
        (200, {}, b"Invalid key.", Verdict("unknown", "rejected_key")),
        (
            200,
            {"x-akismet-debug-help": "We were unable to parse your blog URI"},
            b"invalid",
            Verdict("unknown", "rejected_request"),
        ),
        (
            200,
            {"x-akismet-error": "missing-required-field"},
            b"false",
            Verdict("unknown", "rejected_request"),
        ),
        (
            200,
            {"x-akismet-error": "status", "x-akismet-alert-code": "10003"},
            b"false",
            Verdict("unknown", "rejected_key"),
        ),
        (200, {}, b"", Verdict("unknown", "bad_response")),
        (200, {}, b"False", Verdict("unknown", "bad_response")),
        (200, {}, b"<!doctype html><title>Wi-Fi login</title>", Verdict("unknown", "bad_response")),
        (204, {}, b"false", Verdict("unknown", "bad_response")),
        (301, {"location": "https://elsewhere.example"}, b"", Verdict("unknown", "bad_response")),
        (403, {}, b"false", Verdict("unknown", "bad_response")),
        (429, {}, b"false", Verdict("unknown", "rate_limited")),
        (503, {}, b"false", Verdict("unknown", "unreachable")),
    ],
)
def test_an_answer_means(make, status, headers, body, verdict):
    assert make(lambda _: Response(status, headers, body)).check(comment()) == verdict


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("provider_unreachable", "unreachable"),
        ("provider_timeout", "timeout"),
        ("provider_bad_response", "bad_response"),
    ],
)
def test_no_answer_means(make, code, reason):
    def send(_: Request) -> Response:
        raise ProviderError(code)

    assert make(send).check(comment()) == Verdict("unknown", reason)


NAMES = st.sampled_from(
    ["x-akismet-pro-tip", "x-akismet-error", "x-akismet-alert-code", "x-akismet-debug-help", "x"]
)
ANSWERS = st.builds(
    Response,
    st.integers(100, 599),
    st.dictionaries(NAMES, st.sampled_from(["discard", "10402", ""]) | any_text, max_size=3),
    st.binary(max_size=200) | st.sampled_from([b"true", b"false", b"invalid", b"valid"]),
)
SITE = from_mapping({"base_url": BASE_URL, "secret_keys": ["k" * 32]})


@QUICK
@given(ANSWERS)
def test_no_answer_publishes_but_a_plain_false(answer):
    """Whatever comes back, it is a verdict; ham and discard are said in so many words."""
    flows = AkismetFlows(AkismetConfig(KEY, False, "https://rest.akismet.com/1.1"), SITE)
    verdict = run(flows.check(comment()), lambda _: answer)
    said = answer.status, answer.body.strip()
    assert (verdict.outcome == "unknown") == bool(verdict.reason)
    if answer.headers.get("x-akismet-error"):
        assert verdict.outcome == "unknown"
    if verdict.outcome == "ham":
        assert said == (200, b"false")
    elif verdict.outcome in ("spam", "discard"):
        assert said == (200, b"true")
    assert run(flows.submit("submit-ham", comment()), lambda _: answer) in (True, False)
    assert run(flows.verify_key(), lambda _: answer) in ("valid", "invalid", "unknown")


@QUICK
@given(any_text, any_text, any_text, any_text)
def test_any_comment_is_one_well_formed_request(content, agent, referrer, fax):
    flows = AkismetFlows(AkismetConfig(KEY, False, "https://rest.akismet.com/1.1"), SITE)
    asked = comment(
        person(), content=content, user_agent=agent, referrer=referrer, honeypot=("fax", fax)
    )
    request = next(flows.check(asked))
    fields = parse_qsl(request.body.decode("ascii"), keep_blank_values=True)
    assert len(dict(fields)) == len(fields)
    assert dict(fields).get("comment_content", "") == content.encode(errors="replace").decode()
