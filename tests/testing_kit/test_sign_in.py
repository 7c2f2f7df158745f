"""`sign_in`: somebody is logged in without any login."""

from collections.abc import Callable
from typing import Any

import pytest

from sociallogin import Identity
from sociallogin.testing import log_out, sign_in


def test_one_line_signs_somebody_in(app: Any) -> None:
    identity = sign_in(app.client, name="Ada Lovelace", email="ada@example.org")
    assert app.page() == "You are Ada Lovelace."
    assert (identity.provider, identity.issuer) == ("wordpress", "https://wordpress.com")
    assert identity.email == "ada@example.org"


def test_an_identity_is_signed_in_as_it_is(app: Any) -> None:
    ada = Identity(provider="facebook", issuer="https://www.facebook.com", subject="7", name="Ada")
    assert sign_in(app.client, ada) is ada
    assert app.page() == "You are Ada."


def test_whoever_is_signed_in_can_log_out(app: Any) -> None:
    sign_in(app.client)
    assert app.page() == "You are Nora Lind."
    app.post("/auth/logout")
    assert app.page() == "You are nobody."


def test_the_last_one_counts(app: Any) -> None:
    sign_in(app.client, name="Ada")
    sign_in(app.client, name="Grace")
    assert app.page() == "You are Grace."


@pytest.mark.parametrize("address", ["http://testserver", "https://testserver"])
def test_on_an_https_site_too_wherever_the_client_takes_itself_to_be(
    make: Callable[..., Any], address: str
) -> None:
    app = make(address, base_url="https://blog.example.com")
    sign_in(app.client, name="Ada")
    assert app.page() == "You are Ada."
    app.wait(log_out(app.client))
    assert app.page() == "You are nobody."


def test_another_name_is_another_person_and_the_same_name_the_same(flask_app: Any) -> None:
    ada, grace = (sign_in(flask_app.client, name=name) for name in ("Ada", "Grace"))
    assert ada.key != grace.key
    assert sign_in(flask_app.client, name="Ada").key == ada.key
    assert sign_in(flask_app.client, name="Ada", subject="42").subject == "42"


def test_a_guest_is_vouched_for_by_the_site(flask_app: Any) -> None:
    guest = sign_in(flask_app.client, provider="guest", name="Ada")
    assert guest.is_guest
    assert guest.issuer == "http://127.0.0.1:8000"


def test_a_provider_that_the_app_has_not_needs_an_issuer(flask_app: Any) -> None:
    with pytest.raises(LookupError, match="no provider 'work': give its issuer too"):
        sign_in(flask_app.client, provider="work")
    issuer = "https://login.example.org"
    assert sign_in(flask_app.client, provider="work", issuer=issuer).issuer == issuer


def test_an_identity_and_fields_are_not_mixed(flask_app: Any) -> None:
    with pytest.raises(TypeError, match="not both"):
        sign_in(flask_app.client, sign_in(flask_app.client), name="Ada")


def test_an_unknown_client_is_named() -> None:
    with pytest.raises(TypeError, match="known test client"):
        sign_in(object())  # type: ignore[arg-type]
