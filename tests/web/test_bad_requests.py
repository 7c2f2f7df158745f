"""Bad input is answered alike everywhere: every framework as the bare endpoints, to the byte."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlencode

import pytest

from carrying import Reply
from frameworks import FRAMEWORKS
from sites import Site

FORM = "application/x-www-form-urlencoded"
OURS = {"Sec-Fetch-Site": "same-origin", "Content-Type": FORM}
FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example", "Content-Type": FORM}
START = Site().login.begin("facebook")


@dataclass(frozen=True)
class Bad:
    """A request that no page of ours sends."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def typed(content_type: str) -> dict[str, str]:
    return {**OURS, "Content-Type": content_type}


def callback(*pairs: tuple[str, str]) -> str:
    return f"/auth/callback/facebook?{urlencode(pairs)}"


BAD = {
    "broken percent in a query": Bad("GET", "/auth/callback/facebook?state=%zz&code=c"),
    "a percent at the end": Bad("GET", "/auth/?next=%"),
    "no UTF-8 in a query": Bad("GET", "/auth/callback/facebook?state=%ff&code=c"),
    "no ASCII in a query": Bad("GET", "/auth/?next=/\xe9"),
    "NUL in a query": Bad("GET", "/auth/callback/facebook?state=a%00b&code=c"),
    "NUL in a path": Bad("GET", "/auth/login/face%00book"),
    "a query of 64 KiB": Bad("GET", f"/auth/?next={'a' * 65536}"),
    "a query of 64 KiB in a callback": Bad("GET", f"/auth/callback/facebook?state={'a' * 65536}"),
    "fields without end in a query": Bad("GET", "/auth/box?" + "a=1&" * 3000),
    "a body of 5 MB": Bad("POST", "/auth/guest", OURS, b"name=" + b"a" * 5_000_000),
    "a body of one byte too much": Bad("POST", "/auth/logout", OURS, b"n=" + b"a" * 262_143),
    "a body as large as it may be": Bad("POST", "/auth/logout", OURS, b"n=" + b"a" * 262_142),
    "5 MB where no body belongs": Bad("GET", "/auth/identity", OURS, b"a" * 5_000_000),
    "10,000 fields": Bad("POST", "/auth/guest", OURS, b"&".join([b"a=1"] * 10_000)),
    "201 fields": Bad("POST", "/auth/login/facebook", OURS, b"&".join([b"a=1"] * 201)),
    "broken percent in a body": Bad("POST", "/auth/logout", OURS, b"next=%2"),
    "no UTF-8 in a body": Bad("POST", "/auth/guest", OURS, b"name=\xff\xfe"),
    "NUL in a body": Bad("POST", "/auth/guest", OURS, b"name=a%00b"),
    "JSON for a form": Bad("POST", "/auth/logout", typed("application/json"), b"{}"),
    "multipart for a form": Bad(
        "POST", "/auth/guest", typed("multipart/form-data; boundary=x"),
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n--x--\r\n',
    ),
    "no content type": Bad("POST", "/auth/logout", {"Sec-Fetch-Site": "same-origin"}, b"next=/a"),
    "a content type in capitals": Bad("POST", "/auth/logout", typed(FORM.upper()), b"next=/a"),
    "no body": Bad("POST", "/auth/guest", OURS),
    "a field twice": Bad("POST", "/auth/guest", OURS, b"name=Ada&name=Eve&next=/a&next=/b"),
    "a wrong method": Bad("GET", "/auth/logout"),
    "another wrong method": Bad("DELETE", "/auth/identity"),
    "a method that nobody uses": Bad("TRACE", "/auth/guest"),
    "OPTIONS": Bad("OPTIONS", "/auth/login/facebook"),
    "HEAD where only POST is answered": Bad("HEAD", "/auth/guest"),
    "an unknown path": Bad("GET", "/auth/nowhere"),
    "a path with a slash too much": Bad("GET", "/auth//identity"),
    "a path with a slash at its end": Bad("GET", "/auth/identity/"),
    "a slash in disguise": Bad("GET", "/auth/static/..%2fpages.py"),
    "dots in disguise": Bad("GET", "/auth/static/%2e%2e/pages.py"),
    "no UTF-8 in a path": Bad("GET", "/auth/login/%ff%fe"),
    "a line feed in a path": Bad("GET", "/auth/login%0A"),
    "a script in a path": Bad("GET", "/auth/login/%3Cscript%3Ealert(1)%3C%2Fscript%3E"),
    "an unknown provider": Bad("POST", "/auth/login/nobody", OURS, b"next=/"),
    "a post of another site": Bad("POST", "/auth/logout", FOREIGN, b"next=/a"),
    "a post of nobody knows whom": Bad("POST", "/auth/login/facebook", {}, b"next=/a"),
    "a post with an Origin of null": Bad("POST", "/auth/logout", {"Origin": "null"}),
    "a next of another site": Bad("POST", "/auth/logout", OURS, b"next=https://evil.example"),
    "a callback out of nowhere": Bad("GET", callback(("code", "c"), ("state", "s"))),
    "a callback without anything": Bad("GET", "/auth/callback/facebook"),
    "a state twice": Bad("GET", callback(("code", "c"), ("state", "s"), ("state", "t"))),
    "a code twice, with its cookie": Bad(
        "GET", callback(("code", "c"), ("code", "d"), ("state", START.key)),
        {"Cookie": f"__Host-sociallogin_login_AAAAAAAA={START.transaction}"},
    ),
    "a callback of another site's post": Bad(
        "POST", "/auth/callback/facebook", FOREIGN, b"code=c&state=s&evil=1"
    ),
    "foreign cookies": Bad(
        "GET", "/auth/identity",
        {"Cookie": "__Host-sociallogin_identity=nonsense; =; a; b=\"c; d\"; \xe9=\xfc"},
    ),
    "a cookie without end": Bad("GET", "/auth/identity", {"Cookie": f"a={'b' * 60_000}"}),
    "another host": Bad("GET", "/auth/", {"Host": "evil.example"}),
    "a host that is none": Bad("GET", callback(("code", "c"), ("state", "s")), {"Host": "<b>"}),
}  # fmt: skip

ACCEPTED = ["text/html", "application/json"]
#: What a framework refuses by itself, before any of its apps.
REFUSED_BEFORE_US = {
    ("django", "a host that is none"),
    ("django async", "a host that is none"),
    ("django async", "no ASCII in a query"),
}
ASKED = [
    pytest.param(framework, name, id=f"{framework}-{name}")
    for framework in FRAMEWORKS
    for name in BAD
    if framework != "bare" and (framework, name) not in REFUSED_BEFORE_US
]


@cache
def answered(framework: str, name: str, accept: str) -> Reply:
    """The answer, without chance and with a clock that stands."""
    bad = BAD[name]
    site = Site(framework, random=lambda count: b"\x07" * count)
    headers = {"Host": "blog.example.com", "Accept": accept, **bad.headers}
    return site.app(bad.method, bad.target, headers, bad.body)


def cookies(reply: Reply) -> list[list[str]]:
    """Set-Cookie headers, whose attributes may stand in any order."""
    return [sorted(part.strip().lower() for part in c.split(";")) for c in reply.all("Set-Cookie")]


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize(("framework", "name"), ASKED)
def test_bad_input_is_answered_as_by_the_bare_endpoints(
    framework: str, name: str, accept: str
) -> None:
    expected, found = answered("bare", name, accept), answered(framework, name, accept)
    assert found.status == expected.status
    if BAD[name].method != "HEAD":  # whose body the server may drop
        assert found.body == expected.body
    assert cookies(found) == cookies(expected)
    for header in {key for key, _ in expected.headers} - {"Set-Cookie"}:
        assert found.all(header) == expected.all(header), header
    assert found.header("Location") == expected.header("Location")


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_or_harmless(name: str, accept: str) -> None:
    reply = answered("bare", name, accept)
    assert reply.status in {200, 303, 400, 403, 404, 405, 413, 414, 422}
    if BAD[name].target != "/auth/guest":  # who may be anybody, even without a name
        new = [value for key, value in reply.set_cookies.items() if key.endswith("_identity")]
        assert all("Max-Age=0" in value for value in new)
    assert "evil" not in reply.text
    assert "<script" not in reply.text
