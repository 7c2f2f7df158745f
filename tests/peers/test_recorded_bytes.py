"""The providers' answers to the byte, as their servers frame them, through the real transport.

They come over a loopback socket: how a body is framed is what `responses` leaves out.
"""

import gzip
import zlib
from typing import Any

import pytest
from wire import Act, Wire, says

from sites import Site, query
from sociallogin import Identity, SocialLogin, SocialLoginError

pytestmark = pytest.mark.server


def framed(head: str, body: bytes) -> Act:
    """An answer with the header lines of `head`, each line as the server wrote it."""
    lines = [line.strip() for line in head.strip().splitlines()]
    return says("\r\n".join([*lines, "", ""]).encode() + body)


def chunked(body: bytes, size: int = 7) -> bytes:
    pieces = [body[place : place + size] for place in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


WORDPRESS_TOKEN = framed(
    """HTTP/1.1 200 OK
    Server: nginx
    Content-Type: application/json
    Transfer-Encoding: chunked
    Connection: close
    Vary: Accept-Encoding
    Cache-Control: no-store
    Pragma: no-cache
    Set-Cookie: tk_ai=anonymous; path=/""",
    chunked(
        b'{"access_token":"YV%26^@)!&x","token_type":"bearer","blog_id":"0",'
        b'"blog_url":"https:\\/\\/public-api.wordpress.com","scope":"auth"}'
    ),
)
WORDPRESS_ME = (
    b'{"ID":182047111,"display_name":"N\\u00f6ra \\u26a1","username":"noralind",'
    b'"email":"nora.lind@example.org","primary_blog_url":"https:\\/\\/noralind.example.org",'
    b'"language":"en-gb","avatar_URL":"https:\\/\\/0.gravatar.com\\/avatar\\/0?s=96&d=identicon",'
    b'"profile_URL":"http:\\/\\/en.gravatar.com\\/noralind","verified":true,"email_verified":true}'
)
FACEBOOK_TOKEN = framed(
    """HTTP/1.1 200 OK
    x-app-usage: {"call_count":0,"total_cputime":0,"total_time":0}
    content-type: application/json; charset=UTF-8
    facebook-api-version: v25.0
    strict-transport-security: max-age=15552000; preload
    pragma: no-cache
    access-control-allow-origin: *
    connection: close""",  # no length: the end of the connection is the end of the body
    b'{"access_token":"EAAB","token_type":"bearer","expires_in":5183944}',
)
FACEBOOK_ME = (
    b'{"id":"10216","name":"Nora Lind","email":"nora.lind\\u0040example.org","picture":{"data":'
    b'{"url":"https:\\/\\/platform-lookaside.fbsbx.com\\/p?asid=1","is_silhouette":false}}}'
)


def login_with(provider: str, *acts: Act) -> Identity:
    """Who logs in where token and userinfo are answered with these bytes."""
    with Wire(*acts) as wire:
        tables: dict[str, dict[str, Any]] = {
            provider: {"token_url": f"{wire.url}/token", "userinfo_url": f"{wire.url}/me"}
        }
        site = Site(providers=tables)
        login = SocialLogin.from_mapping(site.config, clock=site.clock)
        start = login.begin(provider)
        params = query(site.emulators.press(start.url, "grant"))
        return login.complete(provider, params, transaction=start.transaction).identity


HEAD = "HTTP/1.1 200 OK\nContent-Type: application/json;charset=utf-8\nConnection: close\n"
FRAMES = {
    "plain": lambda body: framed(f"{HEAD}Content-Length: {len(body)}", body),
    "chunked": lambda body: framed(f"{HEAD}Transfer-Encoding: chunked", chunked(body)),
    "gzip": lambda body: framed(f"{HEAD}Content-Encoding: gzip", gzip.compress(body)),
    "chunked gzip": lambda body: framed(
        f"{HEAD}Content-Encoding: gzip\nTransfer-Encoding: chunked", chunked(gzip.compress(body))
    ),
    "deflate": lambda body: framed(f"{HEAD}Content-Encoding: deflate", zlib.compress(body)),
    "byte order mark": lambda body: framed(HEAD, b"\xef\xbb\xbf" + body),
    "HTTP/1.0": lambda body: framed(HEAD.replace("1.1", "1.0"), body),
    "no reason": lambda body: framed(HEAD.replace(" OK", ""), body),
    "an early hint": lambda body: says(
        b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD.replace("\n", "\r\n").encode() + b"\r\n" + body
    ),
}


@pytest.mark.parametrize("frame", FRAMES)
def test_wordpress_is_understood_in_every_frame(frame: str) -> None:
    identity = login_with("wordpress", WORDPRESS_TOKEN, FRAMES[frame](WORDPRESS_ME))
    assert identity.subject == "182047111"
    assert identity.name == "Nöra ⚡"
    assert identity.email == "nora.lind@example.org"
    assert identity.email_verified is True
    assert identity.profile_url == "https://en.gravatar.com/noralind"
    assert identity.website_url == "https://noralind.example.org"


@pytest.mark.parametrize("frame", FRAMES)
def test_facebook_is_understood_in_every_frame(frame: str) -> None:
    identity = login_with("facebook", FACEBOOK_TOKEN, FRAMES[frame](FACEBOOK_ME))
    assert identity.subject == "10216"
    assert identity.email == "nora.lind@example.org"
    assert identity.email_verified is None
    assert identity.picture_url == "https://platform-lookaside.fbsbx.com/p?asid=1"


BROKEN = {
    "cut off": framed(f"{HEAD}Content-Length: 500", WORDPRESS_ME),
    "cut off in a chunk": framed(f"{HEAD}Transfer-Encoding: chunked", chunked(WORDPRESS_ME)[:-30]),
    "gzip cut off": framed(f"{HEAD}Content-Encoding: gzip", gzip.compress(WORDPRESS_ME)[:-9]),
    "not gzip": framed(f"{HEAD}Content-Encoding: gzip", WORDPRESS_ME),
    "an unknown coding": framed(f"{HEAD}Content-Encoding: br", WORDPRESS_ME),
    "no HTTP": says(b"SSH-2.0-OpenSSH_9.2\r\n" + WORDPRESS_ME),
    "a broken chunk size": framed(f"{HEAD}Transfer-Encoding: chunked", b"zz\r\n" + WORDPRESS_ME),
}


@pytest.mark.parametrize("what", BROKEN)
def test_i5_a_broken_frame_is_no_login(what: str) -> None:
    with pytest.raises(SocialLoginError) as caught:
        login_with("wordpress", WORDPRESS_TOKEN, BROKEN[what])
    assert caught.value.code == "provider_bad_response"
    assert "noralind" not in str(caught.value)
