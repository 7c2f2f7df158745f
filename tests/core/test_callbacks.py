"""What a provider says by the browser, in the parameters of the callback."""

from typing import Any

import pytest

from core.who import FACEBOOK, OAUTH1, OAUTH2, SENTINEL, TWITTER, WORDPRESS
from sociallogin import SocialLoginError, StateError


@pytest.mark.parametrize(
    ("who", "params", "code"),
    [
        *((who, {"error": "access_denied"}, "login_denied") for who in OAUTH2),
        (FACEBOOK, {"error": "access_denied", "error_reason": "user_denied"}, "login_denied"),
        (FACEBOOK, {"error_reason": "user_denied"}, "login_denied"),
        (TWITTER, {"error": "user_denied"}, "login_denied"),
        (WORDPRESS, {"error": "user_cancelled_authorize"}, "login_denied"),
        *((who, {"error": "server_error"}, "provider_unreachable") for who in OAUTH2),
        *((who, {"error": "temporarily_unavailable"}, "provider_unreachable") for who in OAUTH2),
        *((who, {"error": "invalid_scope"}, "provider_rejected_client") for who in OAUTH2),
        *((who, {"error": f"{SENTINEL} <b>\n"}, "provider_rejected_client") for who in OAUTH2),
        (FACEBOOK, {"error_code": "1349048", "error_message": SENTINEL},
         "provider_rejected_client"),
        (FACEBOOK, {"error_message": SENTINEL}, "provider_rejected_client"),
        *((who, {}, "provider_bad_response") for who in OAUTH2),
        *((who, {"code": ""}, "provider_bad_response") for who in OAUTH2),
        *((who, {"access_token": SENTINEL, "id_token": SENTINEL}, "provider_bad_response")
          for who in OAUTH2),
    ],
    ids=str,
)  # fmt: skip
def test_b3_b4_b7_what_the_callback_says_has_its_code_and_redeems_nothing(
    converse: Any, who: tuple[str, str], params: dict[str, str], code: str
) -> None:
    talk = converse(*who)
    talk.expect()
    for further in ({}, {"code": SENTINEL}):
        if "code" in params or code == "provider_bad_response":
            further = {}  # noqa: PLW2901
        start = talk.begin()
        state = talk.params(start)["state"]
        with pytest.raises(SocialLoginError) as caught:
            talk.complete(start, {**params, **further, "state": state})
        assert caught.value.code == code
        told = f"{caught.value} {caught.value!r} {caught.value.message}"
        assert SENTINEL not in told
        assert state not in told
    assert talk.asked == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"denied": "request-token"}, "login_denied"),
        ({"oauth_token": "request-token"}, "provider_bad_response"),
        ({"oauth_token": "request-token", "oauth_verifier": ""}, "provider_bad_response"),
        ({"oauth_token": "another", "oauth_verifier": "v"}, "state_mismatch"),
        ({"denied": "another"}, "state_mismatch"),
        ({"oauth_verifier": "v"}, "state_missing"),
    ],
)
def test_f2_f3_what_an_oauth1_callback_says_has_its_code_and_redeems_nothing(
    converse: Any, params: dict[str, str], code: str
) -> None:
    talk = converse(*OAUTH1)
    talk.expect()
    start = talk.begin()
    with pytest.raises(SocialLoginError) as caught:
        talk.complete(start, params)
    assert caught.value.code == code
    assert len(talk.asked) == 1


@pytest.mark.parametrize("name", ["code", "state", "oauth_verifier", "oauth_token", "iss", "other"])
def test_a_parameter_that_is_not_text_is_refused(conversation: Any, name: str) -> None:
    """An app's own framework may hand over bytes that were no UTF-8 as half characters."""
    conversation.expect()
    start = conversation.begin()
    asked = len(conversation.asked)
    with pytest.raises(StateError) as caught:
        conversation.complete(start, {**conversation.params(start), name: "a\ud800"})
    assert caught.value.code == "state_mismatch"
    assert len(conversation.asked) == asked


def test_a_parameter_given_twice_is_refused(conversation: Any) -> None:
    conversation.expect()
    for name in ("state", "code", "error", "oauth_token", "oauth_verifier", "x"):
        conversation.expect()
        start = conversation.begin()
        params = {"x": "1", **conversation.params(start)}
        twice = [*params.items(), (name, "again"), (name, "again")]
        before = len(conversation.asked)
        with pytest.raises(StateError) as caught:
            conversation.complete(start, twice)
        assert caught.value.code == "state_mismatch"
        assert len(conversation.asked) == before


def of_werkzeug(pairs: list[tuple[str, str]]) -> Any:
    from werkzeug.datastructures import MultiDict

    return MultiDict(pairs)


def of_starlette(pairs: list[tuple[str, str]]) -> Any:
    from starlette.datastructures import QueryParams

    return QueryParams(pairs)


def of_django(pairs: list[tuple[str, str]]) -> Any:
    from django.utils.datastructures import MultiValueDict

    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return MultiValueDict(values)


@pytest.mark.parametrize("mapping", [of_werkzeug, of_starlette, of_django])
def test_b2_a_mapping_of_a_framework_hides_nothing_that_is_given_twice(
    conversation: Any, mapping: Any
) -> None:
    """Breaks when the value that the mapping shows counts, which is another in each framework."""
    conversation.expect()
    start = conversation.begin()
    params = list(conversation.params(start).items())
    for name, _ in params:
        with pytest.raises(StateError) as caught:
            conversation.complete(start, mapping([*params, (name, "again")]))
        assert caught.value.code == "state_mismatch"
    assert conversation.complete(start, mapping(params)).identity.subject


def test_parameters_may_come_as_pairs_or_as_a_mapping(conversation: Any) -> None:
    for shape in (dict, lambda params: list(params.items())):
        conversation.expect()
        start = conversation.begin()
        assert conversation.complete(start, shape(conversation.params(start))).identity.subject
