"""The library `responses`, by which an app's tests may answer for the providers."""

import pytest
import responses

from sociallogin import ProviderError, SocialLogin

LOGIN = {
    "base_url": "http://127.0.0.1:8000",
    "secret_keys": ["a key of the tests of thirty-two bytes or more"],
    "providers": {"facebook": {"client_id": "1", "client_secret": "any", "graph_version": "v99.0"}},
}
GRAPH = "https://graph.facebook.com/v99.0"


@pytest.fixture
def answers():
    with responses.RequestsMock() as answers:
        yield answers


def test_a_login_is_answered_by_it(answers: responses.RequestsMock) -> None:
    token = {"access_token": "t", "token_type": "bearer"}
    answers.post(f"{GRAPH}/oauth/access_token", json=token)
    answers.get(f"{GRAPH}/me", json={"id": "7", "name": "Ada"}, headers={"X-Seen": "yes"})
    login = SocialLogin.from_mapping(LOGIN)
    start = login.begin("facebook")
    params = {"code": "c", "state": start.key}
    signin = login.complete("facebook", params, transaction=start.transaction)
    assert (signin.identity.subject, signin.identity.name) == ("7", "Ada")
    posted, read = (call.request for call in answers.calls)
    assert "code=c" in str(posted.body)
    assert read.headers["Authorization"] == "Bearer t"


def test_what_it_has_no_answer_for_is_a_provider_that_cannot_be_reached(
    answers: responses.RequestsMock,
) -> None:
    login = SocialLogin.from_mapping(LOGIN)
    start = login.begin("facebook")
    params = {"code": "c", "state": start.key}
    with pytest.raises(ProviderError) as caught:
        login.complete("facebook", params, transaction=start.transaction)
    assert caught.value.code == "provider_unreachable"
