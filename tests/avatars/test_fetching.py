"""Where a picture is asked for, and which answers count."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sociallogin import ConfigError, Identity, SocialLogin, providers
from sociallogin.avatars.fetching import NoPicture, fetch
from sociallogin.avatars.sources import Sources, must_be_public
from sociallogin.config import Config, from_env, from_mapping
from sociallogin.flows import Request, Response, run
from strategies import QUICK

PNG = {"content-type": "image/png"}
HOSTS = {
    "facebook": ["pictures.example", "*.wild.example", "ports.example:8443", "localhost:9000",
                 "127.0.0.1", "[::1]:9001"],
}  # fmt: skip


def config(hosts: Mapping[str, list[str]] = HOSTS, **avatars: Any) -> Config:
    tables = {name: {"client_id": "1", "client_secret": "s"} for name in ("facebook", "wordpress")}
    for name, listed in hosts.items():
        tables[name]["picture_hosts"] = listed  # type: ignore[assignment]
    return from_mapping(
        {"base_url": "https://blog.example.com", "secret_keys": ["k" * 32], "providers": tables,
         "avatars": avatars}
    )  # fmt: skip


@pytest.mark.parametrize(
    "url",
    ["https://pictures.example/a.png?x=1", "https://pictures.example:443/", "https://a.wild.example/",
     "https://a.b.wild.example/", "https://ports.example:8443/", "https://PICTURES.example/",
     "http://localhost:9000/", "http://127.0.0.1/", "http://[::1]:9001/"],
)  # fmt: skip
def test_a_listed_host_may_be_asked(url: str) -> None:
    assert Sources(config()).may_fetch("facebook", url)


@pytest.mark.parametrize(
    "url",
    ["http://pictures.example/", "https://pictures.example:444/", "https://wild.example/",
     "https://evilwild.example/", "https://a.wild.example.org/", "https://ports.example/",
     "https://pictures.example.org/", "https://pictures.example@evil.example/",
     "https://u:p@pictures.example/", "https://evil.example/?pictures.example",
     "https://evil.example#pictures.example", "https://evil.example\\@pictures.example/",
     "https://pictures.example./", "https://ｐictures.example/", "https://xn--pictures/",
     "http://localhost/", "http://localhost:9002/", "http://127.0.0.2/", "https://[::1]/",
     "http://0.0.0.0:9000/", "http://2130706433/", "https://169.254.169.254/latest/",
     "file:///etc/passwd", "ftp://pictures.example/", "data:image/png;base64,AA",
     "//pictures.example/",
     "pictures.example/a.png", "javascript:alert(1)", "", "https://", "https://[", "https://a:b/",
     "https://pictures.example:99999/"],
)  # fmt: skip
def test_i8_no_other_address_may_be_asked(url: str) -> None:
    assert not Sources(config()).may_fetch("facebook", url)


def test_a_provider_has_its_own_hosts_alone() -> None:
    sources = Sources(config())
    assert not sources.may_fetch("wordpress", "https://pictures.example/")
    assert sources.may_fetch("wordpress", "https://0.gravatar.com/avatar/x")
    assert not sources.may_fetch("twitter", "https://pbs.twimg.com/x.jpg")  # not enabled
    assert not sources.may_fetch("guest", "https://gravatar.com/avatar/x")  # off
    assert not Sources(config({"facebook": []})).may_fetch("facebook", "https://a.fbcdn.net/")


def test_only_a_loopback_name_that_is_listed_need_not_be_public() -> None:
    assert not must_be_public("http://localhost:9000/")
    assert not must_be_public("http://[::1]:9001/")
    for url in ("https://pictures.example/", "https://localhost.example/", "https://10.0.0.1/"):
        assert must_be_public(url)


@pytest.mark.parametrize(
    "hosts",
    ["gravatar.com", [1], ["https://a.example"], ["a.example/x"], ["*"], ["*."], ["a.*"], [""],
     ["A B"], ["ä.example"], ["a.example:"]],
)  # fmt: skip
def test_hosts_that_are_none_are_a_fault(hosts: Any) -> None:
    with pytest.raises(ConfigError, match=r"providers\.facebook\.picture_hosts: found .* allowed"):
        config({"facebook": hosts})


def test_a_record_of_ones_own_is_judged_alike() -> None:
    record = replace(providers.get("facebook"), picture_hosts=("https://a.example",))
    values = {
        "base_url": "https://a.example", "secret_keys": ["k" * 32],
        "providers": {"facebook": {"client_id": "1", "client_secret": "2"}},
    }  # fmt: skip
    with pytest.raises(ConfigError, match=r"its record's picture_hosts: found .* allowed"):
        from_mapping(values, [record])


# What is answered.


class Web:
    """Answers by URL; remembers what it was asked."""

    def __init__(self, answers: Mapping[str, Response]) -> None:
        self.answers = answers
        self.asked: list[Request] = []

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answers[request.url]


def fetched(web: Web, url: str = "https://pictures.example/1") -> bytes:
    sources = Sources(config())
    return run(fetch(url, lambda url: sources.may_fetch("facebook", url)), web.send)


def moved(to: str, status: int = 302) -> Response:
    return Response(status, {"location": to})


def refusal(web: Web) -> str:
    with pytest.raises(NoPicture) as refused:
        fetched(web)
    return str(refused.value)


def test_a_picture_is_asked_for_without_telling_anything() -> None:
    web = Web({"https://pictures.example/1": Response(200, PNG, b"bytes")})
    assert fetched(web) == b"bytes"
    (request,) = web.asked
    assert (request.method, request.body, request.public_only) == ("GET", None, True)
    assert set(request.headers) == {"Accept"}
    assert "svg" not in request.headers["Accept"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_two_redirects_are_followed_and_each_must_be_public(status: int) -> None:
    web = Web(
        {
            "https://pictures.example/1": moved("/2?a=b", status),
            "https://pictures.example/2?a=b": moved("https://a.wild.example/3", status),
            "https://a.wild.example/3": Response(200, PNG, b"there"),
        }
    )
    assert fetched(web) == b"there"
    assert [request.public_only for request in web.asked] == [True] * 3


def test_a_third_redirect_is_not() -> None:
    web = Web({f"https://pictures.example/{n}": moved(f"/{n + 1}") for n in range(1, 9)})
    assert refusal(web) == "redirected too often"
    assert len(web.asked) == 3


@pytest.mark.parametrize(
    "to",
    ["http://pictures.example/2", "https://169.254.169.254/", "https://10.0.0.1/", "http://localhost/",
     "http://127.0.0.2/", "//evil.example/", "https://evil.example/", "file:///etc/passwd", "https://[",
     "http://[::1]:22/", "gopher://pictures.example/"],
)  # fmt: skip
def test_i8_a_redirect_to_anywhere_else_is_not_followed(to: str) -> None:
    web = Web({"https://pictures.example/1": moved(to)})
    refusal(web)
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [Response(404, PNG, b"x"), Response(500, PNG, b"x"), Response(204, PNG),
     Response(206, PNG, b"x"), Response(304, PNG),
     Response(300, {"location": "/2"}), Response(200, {}, b"x"),
     Response(200, {"content-type": "image/svg+xml"}, b"<svg/>"),
     Response(200, {"content-type": "text/html"}, b"<img>"),
     Response(200, {"content-type": "application/octet-stream"}, b"x"),
     Response(200, {"content-type": "image/avif"}, b"x"), moved("")],
    ids=repr,
)  # fmt: skip
def test_another_answer_is_no_picture(answer: Response) -> None:
    refusal(Web({"https://pictures.example/1": answer}))


@pytest.mark.parametrize("said", ["image/jpeg", "IMAGE/PNG; charset=x", "image/jpg", "image/webp"])
def test_a_type_is_read_as_it_is_written(said: str) -> None:
    web = Web({"https://pictures.example/1": Response(200, {"content-type": said}, b"bytes")})
    assert fetched(web) == b"bytes"


@QUICK
@given(st.text(max_size=40))
def test_whatever_a_redirect_says_only_listed_hosts_are_asked(location: str) -> None:
    web = Web({"https://pictures.example/1": moved(location)})
    with suppress(NoPicture, KeyError):  # KeyError: another page of the same host
        fetched(web)
    for request in web.asked:
        assert request.url.startswith("https://pictures.example"), request.url


# Gravatar.

ADA = {"name": "Ada", "email": "Ada.Lovelace@Example.org"}


def guest(**form: str) -> Identity:
    login = SocialLogin(config(), transport=Web({}).send)
    return login.guest(form)


def test_a_guest_has_a_gravatar_only_where_it_is_on() -> None:
    assert Sources(config()).of(guest(**ADA)) is None
    source = Sources(config(gravatar=True)).of(guest(**ADA))
    assert source is not None
    assert Sources(config(gravatar=True)).of(guest(name="Ada")) is None
    assert "example.org" not in repr(source)


def test_a_gravatar_is_asked_for_by_the_hash_of_the_address_in_lower_case() -> None:
    import hashlib

    digest = hashlib.sha256(b"ada.lovelace@example.org").hexdigest()
    for given_url, at in (
        (None, "https://gravatar.com/avatar"),
        ("https://other.example/avatar/", "https://other.example/avatar"),
    ):
        more = {"gravatar_url": given_url} if given_url else {}
        sources = Sources(config(gravatar=True, **more))
        source = sources.of(guest(**ADA))
        assert source is not None
        assert source.url == f"{at}/{digest}?d=404&s=192"


@pytest.mark.parametrize(
    "avatars",
    [{"gravatar_url": "http://gravatar.example/"}, {"gravatar_url": "https://a.example/?x"},
     {"gravatar": "yes"}, {"folder": ""}, {"folder": 1}, {"enabled": 1}, {"folders": "x"}],
)  # fmt: skip
def test_a_faulty_table_is_reported(avatars: Any) -> None:
    with pytest.raises(ConfigError, match=r"avatars\."):
        config(**avatars)


@pytest.mark.parametrize("avatars", ["yes", True, ["a"], None])
def test_a_table_that_is_none_is_reported(avatars: Any) -> None:
    values = {"base_url": "https://a.example", "secret_keys": ["k" * 32], "avatars": avatars}
    with pytest.raises(ConfigError, match=r"avatars: found .* allowed: a table"):
        from_mapping(values)


def test_a_misspelt_name_is_told_the_nearest() -> None:
    values = {"base_url": "https://a.example", "secret_keys": ["k" * 32], "avatar": {}}
    with pytest.raises(ConfigError, match=r"Did you mean avatars\?"):
        from_mapping(values)
    environ = {"SOCIALLOGIN_AVATARS_GRAVATR": "true"}
    with pytest.raises(ConfigError, match=r"Did you mean SOCIALLOGIN_AVATARS_GRAVATAR\?"):
        from_env(environ)
