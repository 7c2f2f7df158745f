"""What a developer can get wrong in a record of their own, and what their provider may say."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from core.configs import FACEBOOK, written
from sociallogin import Profile, ProviderError, SignIn, SocialLogin
from sociallogin.flows import Request, Response
from sociallogin.protocols.oauth2 import OAuth2Provider
from sociallogin.protocols.provider import Fault, pick

FORUM = OAuth2Provider(
    name="forum",
    label="Forum",
    issuer="https://forum.example",
    authorize_url="https://forum.example/authorize",
    token_url="https://forum.example/token",
    userinfo_url="https://forum.example/me",
    normalize=lambda me: Profile(subject=pick(me, "id"), name=pick(me, "name")),
)


def log_in(
    record: OAuth2Provider,
    me: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> SignIn:
    """A login at a forum that answers this when it is asked who that is."""

    def forum(request: Request) -> Response:
        if request.url.startswith(FORUM.token_url):
            return Response(200, {}, b'{"access_token": "t"}')
        return Response(status, headers or {}, json.dumps(me).encode())

    values = written(providers={"forum": FACEBOOK})
    login = SocialLogin.from_mapping(values, providers=[record], transport=forum)
    start = login.begin("forum")
    callback = {"code": "c", "state": start.key}
    return login.complete("forum", callback, transaction=start.transaction)


@pytest.mark.parametrize("found", ["basic", "client_secret_post", "", None])
def test_a_client_authentication_that_sends_no_secret_is_refused_where_it_is_written(
    found: Any,
) -> None:
    with pytest.raises(ValueError, match='client_auth is "body" or "header"; not'):
        replace(FORUM, client_auth=found)


@pytest.mark.parametrize("name", ["userinfo_params", "change", "ask_email"])
@pytest.mark.parametrize("found", [None, "a=b", [("a", "b")], {"a": 1}, {5: "b"}], ids=str)
def test_parameters_that_are_no_texts_are_refused_where_they_are_written(
    name: str, found: Any
) -> None:
    with pytest.raises(ValueError, match=name):
        replace(FORUM, **{name: found})


@pytest.mark.parametrize("found", [None, {190: Fault("login_denied", "a hint")}, {"190": "a hint"}])
def test_faults_that_no_answer_would_find_are_refused_where_they_are_written(found: Any) -> None:
    with pytest.raises(ValueError, match="faults"):
        replace(FORUM, faults=found)


@pytest.mark.parametrize("code", ["denied", "invalid_grant", "state_missing", "config_invalid", ""])
def test_a_fault_that_no_answer_can_mean_is_refused_where_it_is_written(code: str) -> None:
    with pytest.raises(ValueError, match=r"code is one of login_denied, .*token_invalid; not"):
        Fault(code, "a hint")


@pytest.mark.parametrize(
    ("step", "told"),
    [("tokn", r"'tokn'\. Did you mean token\?"), ("picture", "'picture'$"), (5, "5$")],
)
def test_a_fault_of_no_step_of_a_login_is_refused_where_it_is_written(step: Any, told: str) -> None:
    with pytest.raises(ValueError, match=f"among request_token, token, userinfo; not {told}"):
        Fault("login_denied", "a hint", (step,))


@pytest.mark.parametrize(
    ("place", "found"), [(0, "a"), (-1, "b"), (-2, "a"), (2, None), (-3, None)]
)
def test_a_place_in_a_list_counts_from_either_end_and_may_be_missing(
    place: int, found: str | None
) -> None:
    assert pick({"names": ["a", "b"]}, "names", place) == found
    assert pick({"names": []}, "names", place) is None


@pytest.mark.parametrize(
    "more",
    [{"title": "Engineer", "type": "member"}, {"errors": []}, {"error": None, "errors": None}],
    ids=str,
)
def test_a_profile_that_looks_a_little_like_an_error_is_a_profile(more: dict[str, Any]) -> None:
    assert log_in(FORUM, {"id": 7, "name": "Ada", **more}).identity.name == "Ada"


def test_problem_details_are_an_error_all_the_same() -> None:
    with pytest.raises(ProviderError) as caught:
        log_in(FORUM, {"title": "Gone", "type": "https://forum.example/gone"}, 410)
    assert caught.value.code == "provider_bad_response"
    assert "says gone" in caught.value.hint


@pytest.mark.parametrize("query", [None, 5, {"fields": "\ud800"}], ids=str)
def test_a_prepare_userinfo_that_gives_no_query_costs_no_traceback(query: Any) -> None:
    record = replace(FORUM, prepare_userinfo=lambda *_: query)
    with pytest.raises(ProviderError, match=r"prepare_userinfo\(\) led to"):
        log_in(record, {"id": 7})


def test_the_header_of_a_rate_limit_is_known_in_any_case() -> None:
    record = replace(FORUM, rate_limit_reset="X-RateLimit-Reset")
    with pytest.raises(ProviderError) as caught:
        log_in(record, {}, 429, {"x-ratelimit-reset": "0"})
    assert caught.value.retry_after == 0
