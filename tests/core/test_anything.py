"""Whatever a provider answers or a callback says, a login ends in what is meant to be its end."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.who import ALL
from sociallogin import SignIn, SocialLoginError
from sociallogin.flows import Response
from strategies import SLOW, any_text, responses


@pytest.mark.parametrize("who", ALL, ids="-".join)
@given(st.lists(responses, min_size=3, max_size=3), st.integers(0, 2))
@SLOW
def test_any_answers_end_in_an_identity_or_in_an_error_of_ours(
    converse: Any, who: tuple[str, str], answers: list[Response], good: int
) -> None:
    talk = TALKS.setdefault(who, converse(*who))
    assert is_typed(lambda: talk.log_in(*talk.good[:good], *answers))


def is_typed(login: Callable[[], SignIn]) -> bool:
    """Whether a login ends in an identity with a subject, or in an error fit to be told."""
    try:
        identity = login().identity
    except SocialLoginError as error:
        return bool(error.message) and error.hint.isprintable()
    return bool(identity.subject and identity.label)


#: One conversation each: what a hundred examples share costs only once.
TALKS: dict[tuple[str, str], Any] = {}


@pytest.mark.parametrize("who", ALL, ids="-".join)
@given(
    st.dictionaries(
        st.sampled_from(("state", "code", "error", "error_code", "error_reason", "error_message",
                         "iss", "oauth_token", "oauth_verifier", "denied")) | any_text,
        any_text,
        max_size=5,
    ),
    st.booleans(),
)  # fmt: skip
@SLOW
def test_any_callback_ends_in_an_identity_or_in_an_error_of_ours(
    converse: Any, who: tuple[str, str], params: dict[str, str], ours: bool
) -> None:
    talk = TALKS.setdefault(who, converse(*who))
    talk.expect()
    start = talk.begin()
    given = {**params, **talk.params(start)} if ours else params
    assert is_typed(lambda: talk.complete(start, given))
