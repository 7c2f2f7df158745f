"""The error family: one class for who must act, one stable code for what happened."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

import sociallogin
from sociallogin import (
    ConfigError,
    LoginDenied,
    LoginRefused,
    ProviderError,
    RequestError,
    SocialLoginError,
    StateError,
    StoreError,
    TokenError,
    errors,
)
from sociallogin.errors import FAILURES, ConfigFault

#: Every code with its class and its status (SECURITY.md, "Words used in the tables").
STATUSES = {
    "config_invalid": (ConfigError, 500),
    "login_denied": (LoginDenied, 403),
    "identity_refused": (LoginRefused, 403),
    "state_missing": (StateError, 400),
    "state_mismatch": (StateError, 400),
    "state_expired": (StateError, 400),
    "state_foreign_provider": (StateError, 400),
    "state_replayed": (StateError, 400),
    "provider_unreachable": (ProviderError, 502),
    "provider_timeout": (ProviderError, 504),
    "provider_rate_limited": (ProviderError, 503),
    "provider_rejected_client": (ProviderError, 502),
    "provider_bad_response": (ProviderError, 502),
    "provider_refused_userinfo": (ProviderError, 502),
    "token_invalid": (TokenError, 502),
    "cross_site_request": (RequestError, 403),
    "origin_not_allowed": (RequestError, 403),
    "unknown_provider": (RequestError, 404),
    "bad_request": (RequestError, 400),
    "not_found": (RequestError, 404),
    "method_not_allowed": (RequestError, 405),
    "too_large": (RequestError, 413),
    "guest_invalid": (RequestError, 422),
    "guest_not_allowed": (RequestError, 403),
    "login_required": (RequestError, 401),
    "store_unavailable": (StoreError, 503),
}


def made(code: str, **given: Any) -> SocialLoginError:
    """An error of this code, as the library makes it."""
    kind = STATUSES[code][0]
    if kind is ConfigError:
        return ConfigError([ConfigFault("base_url", "nothing", "an origin")])
    if len(kind.codes) == 1:
        return kind(**given) if kind in (LoginDenied, TokenError) else kind()
    return kind(code, **given)


def family() -> Iterator[type[SocialLoginError]]:
    for _, member in inspect.getmembers(errors, inspect.isclass):
        if issubclass(member, SocialLoginError):
            yield member


def test_every_code_is_documented_and_none_besides() -> None:
    assert list(FAILURES) == list(STATUSES)
    assert sorted(code for kind in family() for code in kind.codes) == sorted(STATUSES)


def test_every_error_is_of_the_family_and_on_the_public_face() -> None:
    assert {kind.__name__ for kind in family()} <= set(sociallogin.__all__)
    assert all(issubclass(kind, SocialLoginError) for kind in family())
    assert all(kind.__doc__ for kind in family())


@pytest.mark.parametrize("code", STATUSES)
def test_each_code_has_its_class_and_its_status(code: str) -> None:
    kind, status = STATUSES[code]
    error = made(code)
    assert isinstance(error, kind)
    assert (error.code, error.status) == (code, status)
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", code)


@pytest.mark.parametrize("given", [{}, {"provider": "Facebook"}, {"provider": "100% %s %(x)s"}])
@pytest.mark.parametrize("code", STATUSES)
def test_each_message_is_a_sentence_for_the_visitor(code: str, given: dict[str, str]) -> None:
    message = made(code, **given).message
    without = message.replace(given.get("provider", ""), "") if given else message
    assert "%" not in without
    assert "None" not in message
    assert code not in message
    assert message.endswith(".")
    assert message[0].isupper() or message.startswith("100%")


@pytest.mark.parametrize("code", [c for c in STATUSES if "%(provider)s" in FAILURES[c].sentence])
def test_the_message_names_the_provider_when_it_is_known(code: str) -> None:
    assert "WordPress.com" in made(code, provider="WordPress.com").message
    assert "The provider" in made(code).message or "the provider" in made(code).message


@pytest.mark.parametrize("code", STATUSES)
def test_each_error_has_a_hint_even_when_none_is_given(code: str) -> None:
    error = made(code)
    assert error.hint
    assert error.hint in str(error)


def test_a_hint_given_stands_in_its_text() -> None:
    error = ProviderError("provider_timeout", "no answer within 10 s", provider="Facebook")
    assert str(error) == "provider_timeout: no answer within 10 s"
    assert "no answer" not in error.message


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "a few minutes"), (0, "a minute"), (1, "a minute"), (60, "a minute"),
        (61, "2 minutes"), (120, "2 minutes"), (121, "3 minutes"), (900, "15 minutes"),
        (7140, "119 minutes"), (7200, "2 hours"), (7201, "3 hours"), (86_400, "24 hours"),
    ],
)  # fmt: skip
def test_the_wait_is_told_in_words_and_never_too_short(seconds: int | None, words: str) -> None:
    error = ProviderError("provider_rate_limited", provider="X (Twitter)", retry_after=seconds)
    assert error.message == f"X (Twitter) asks us to wait. Try again in {words}."


@pytest.mark.parametrize("sentence", ["Not today.", "100% sure: no.", "%(provider)s %s %%", ""])
def test_a_hook_refuses_with_its_own_sentence(sentence: str) -> None:
    error = LoginRefused(sentence)
    assert error.message == (sentence or "This account cannot be used here.")
    assert (error.code, error.status) == ("identity_refused", 403)


def test_invalid_fields_are_named_and_cannot_be_changed() -> None:
    error = RequestError("guest_invalid", fields={"name": "Please fill in your name."})
    assert dict(error.fields) == {"name": "Please fill in your name."}
    with pytest.raises(TypeError):
        error.fields["email"] = "x"  # type: ignore[index]
    assert RequestError("bad_request").fields == {}


def test_a_status_can_say_more_exactly_what_was_too_large() -> None:
    assert RequestError("too_large", status=414).status == 414


def test_a_code_that_does_not_exist_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        ProviderError("provider_confused")


def test_a_config_error_holds_all_faults_and_tells_them_line_by_line() -> None:
    faults = [
        ConfigFault("base_url", "nothing", "an origin"),
        ConfigFault("polcy", "an unknown key", "one of policy", "Did you mean policy?"),
    ]
    error = ConfigError(iter(faults), "site.toml")
    assert error.faults == tuple(faults)
    assert str(error).splitlines() == [
        "2 faults in site.toml:",
        "  - base_url: found nothing; allowed: an origin.",
        "  - polcy: found an unknown key; allowed: one of policy. Did you mean policy?",
    ]
    assert "base_url" not in error.message


@pytest.mark.parametrize("name", ["nope", "Facebook", "", "<script>", "S3NTINEL\r\n"])
def test_b10_an_unknown_provider_is_told_without_repeating_its_name(
    converse: Any, name: str
) -> None:
    login = converse("wordpress").login
    for call in (
        lambda: login.begin(name),
        lambda: login.complete(name, {"state": "s", "code": "c"}, transaction=None),
    ):
        with pytest.raises(RequestError) as caught:
            call()
        assert caught.value.code == "unknown_provider"
        assert "wordpress" in caught.value.hint
        assert not name or name not in str(caught.value)


def test_state_errors_name_the_likely_cause(conversation: Any) -> None:
    conversation.expect()
    start = conversation.begin()
    params = conversation.params(start)
    name = conversation.provider
    for cookie, given, code, cause in (
        (None, params, "state_missing", "cookie"),
        ("", params, "state_missing", "cookie"),
        (start.transaction, {}, "state_missing", "no state"),
        ("x" * 50, params, "state_mismatch", ""),
    ):
        with pytest.raises(StateError) as caught:
            conversation.login.complete(name, given, transaction=cookie)
        assert caught.value.code == code
        assert cause in caught.value.hint
        assert not any(value in str(caught.value) for value in (*params.values(), "x" * 50))


def test_a3_a_state_that_was_changed_is_a_mismatch(conversation: Any) -> None:
    for change in (
        lambda key: key[:-1],
        lambda key: key.swapcase(),
        lambda key: f"{key}x",
        lambda key: ("x" if key[0] != "x" else "y") + key[1:],
        lambda key: "\ud800",
    ):
        conversation.expect()
        start = conversation.begin()
        params = conversation.params(start)
        name = "oauth_token" if conversation.protocol == "oauth1" else "state"
        with pytest.raises(StateError) as caught:
            conversation.complete(start, {**params, name: change(params[name])})
        assert caught.value.code == "state_mismatch"


@pytest.mark.parametrize(("seconds", "expired"), [(599, False), (601, True)])
def test_a7_a_login_must_be_completed_within_ten_minutes(
    conversation: Any, seconds: int, expired: bool
) -> None:
    conversation.expect()
    start = conversation.begin()
    conversation.now += seconds
    if not expired:
        assert conversation.complete(start).identity.subject
        return
    with pytest.raises(StateError) as caught:
        conversation.complete(start)
    assert caught.value.code == "state_expired"


def test_a5_a_callback_counts_once(conversation: Any) -> None:
    conversation.expect()
    start = conversation.begin()
    conversation.complete(start)
    asked = len(conversation.asked)
    with pytest.raises(StateError) as caught:
        conversation.complete(start)
    assert caught.value.code == "state_replayed"
    assert len(conversation.asked) == asked


def test_b9_a_changed_client_id_is_foreign_and_the_code_goes_nowhere(conversation: Any) -> None:
    conversation.expect()
    start = conversation.begin()
    asked = len(conversation.asked)
    table = {"client_id": "another", "client_secret": "s", "protocol": conversation.protocol}
    other = conversation.another(providers={conversation.provider: table})
    with pytest.raises(StateError) as caught:
        other.complete(
            conversation.provider, conversation.params(start), transaction=start.transaction
        )
    assert caught.value.code == "state_foreign_provider"
    assert len(conversation.asked) == asked
