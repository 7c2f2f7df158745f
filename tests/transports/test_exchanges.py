"""What is sent, and what comes back."""

import gzip
import zlib

import pytest

from sociallogin.errors import ProviderError
from transports.peer import CLOSE, answer

JSON = b'{"id": "1", "name": "\xc3\x85sa"}'
BARE_DEFLATE = zlib.compress(JSON)[2:-4]


def chunked(*pieces: bytes) -> bytes:
    """A whole answer in chunks."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def test_a_request_arrives_as_it_was_written(peer, post):
    provider = peer()
    post(f"{provider.origin}/token?v=1", Content_Type="application/x-www-form-urlencoded")
    (received,) = provider.requests
    assert received.line == "POST /token?v=1 HTTP/1.1"
    assert received.body == b"code=abc"
    assert received.headers["content-type"] == "application/x-www-form-urlencoded"
    assert received.headers["content-length"] == "8"
    assert received.headers["host"] == f"localhost:{provider.port}"


@pytest.mark.parametrize("body", [b"", None])
def test_a_post_without_a_body_says_so(peer, post, body):
    provider = peer()
    post(provider.origin, body=body)
    assert provider.requests[0].headers["content-length"] == "0"


def test_a_get_has_no_body(peer, get):
    provider = peer()
    get(f"{provider.origin}?a=1#fragment")
    (received,) = provider.requests
    assert received.line == "GET /?a=1 HTTP/1.1"
    assert "content-length" not in received.headers


def test_the_library_names_itself_and_the_codings_that_it_reads(peer, get):
    provider = peer()
    get(provider.origin)
    assert provider.requests[0].headers["user-agent"].startswith("sociallogin/")
    assert provider.requests[0].headers["accept-encoding"] == "gzip, deflate"


def test_a_request_may_name_itself(peer, get):
    provider = peer()
    get(provider.origin, user_agent="blog/1")
    assert provider.requests[0].headers["user-agent"] == "blog/1"


@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "400 Bad", "429 Slow", "503 Down"])
def test_an_answer_is_returned_whatever_its_status(peer, get, status):
    body = b"" if status.startswith("204") else JSON
    response = get(peer(answer(body, "Content-Type: application/json", status=status)).origin)
    assert response.status == int(status[:3])
    assert response.body == body


def test_header_names_are_lower_case_and_repeated_ones_joined(peer, get):
    provider = peer(answer(b"", "X-Rate-Limit-Reset: 12", "WARNING: one", "Warning: two"))
    headers = get(provider.origin).headers
    assert headers["x-rate-limit-reset"] == "12"
    assert headers["warning"] == "one, two"


@pytest.mark.parametrize(
    "sent",
    [
        answer(JSON),
        answer(JSON, "Content-Encoding: identity"),
        answer(gzip.compress(JSON), "Content-Encoding: gzip"),
        answer(gzip.compress(JSON), "Content-Encoding: X-GZIP"),
        answer(zlib.compress(JSON), "Content-Encoding: deflate"),
        answer(BARE_DEFLATE, "Content-Encoding: deflate"),
        chunked(JSON[:5], JSON[5:]),
    ],
    ids=["plain", "identity", "gzip", "x-gzip", "deflate", "deflate-bare", "chunked"],
)
def test_a_body_is_the_same_in_every_coding(peer, get, sent):
    assert get(peer(sent).origin).body == JSON


def test_a_body_may_end_with_its_connection(peer, get):
    provider = peer(lambda _: [b"HTTP/1.0 200 OK\r\n\r\n" + JSON, CLOSE])
    assert get(provider.origin).body == JSON


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", JSON),
        ("gzip, gzip", gzip.compress(gzip.compress(JSON))),
        ("gzip", JSON),
        ("gzip", gzip.compress(JSON)[:-9]),
        ("gzip", gzip.compress(JSON) + gzip.compress(JSON)),
        ("deflate", JSON),
    ],
    ids=["not-asked-for", "twice", "none", "cut-off", "two-members", "no-deflate"],
)
def test_a_body_that_is_not_in_its_coding_is_a_bad_response(peer, get, coding, body):
    with pytest.raises(ProviderError) as caught:
        get(peer(answer(body, f"Content-Encoding: {coding}")).origin)
    assert caught.value.code == "provider_bad_response"


def test_d5_no_cookie_of_one_exchange_is_sent_in_another(peer, get):
    provider = peer(answer(b"", "Set-Cookie: session=victim; Path=/"))
    get(provider.origin)
    get(provider.origin)
    assert [received.headers.get("cookie") for received in provider.requests] == [None, None]


def test_no_password_is_taken_from_a_netrc(peer, get, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    provider = peer()
    get(provider.origin)
    assert "authorization" not in provider.requests[0].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_d6_no_redirect_is_followed(peer, post, status):
    elsewhere = peer()
    provider = peer(answer(b"", f"Location: {elsewhere.origin}/", status=f"{status} Moved"))
    response = post(provider.origin, Authorization="Bearer secret")
    assert response.status == status
    assert len(provider.requests) == 1
    assert elsewhere.connections == 0
