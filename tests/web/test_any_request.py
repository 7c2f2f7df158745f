"""Whatever comes in: a skin answers as the bare endpoints do."""

from functools import cache
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carrying import Reply
from frameworks import FRAMEWORKS
from sites import Site
from strategies import QUICK

#: Django has answers of its own to much of it; see `test_bad_requests.py`.
SKINS = [name for name in FRAMEWORKS if name != "bare" and not name.startswith("django")]

latin = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40)
paths = st.one_of(
    st.sampled_from(["", "/", "/identity", "/box", "/guest", "/logout", "/login/facebook"]),
    st.text(max_size=20).map(lambda text: "/" + quote(text, safe="/", errors="replace")),
    st.binary(max_size=8).map(lambda raw: "/login/" + quote(raw)),
)
queries = st.one_of(
    latin.map(lambda text: quote(text, safe="&=%+;?/[]")),
    latin.map(lambda text: text.replace(" ", "+").replace("#", "")),
)
content_types = st.sampled_from(
    ["application/x-www-form-urlencoded", "application/json", "multipart/form-data", "text/plain"]
)


@cache
def site_of(framework: str) -> Site:
    return Site(framework, random=lambda count: b"\x07" * count)


def told(reply: Reply, method: str) -> tuple[object, ...]:
    body = b"" if method == "HEAD" else reply.body
    return reply.status, reply.header("Location"), sorted(reply.all("Set-Cookie")), body


@pytest.mark.parametrize("framework", SKINS)
@settings(QUICK, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS"]),
    path=paths,
    query=queries,
    cookie=latin,
    body=st.one_of(st.binary(max_size=60), latin.map(lambda text: quote(text, "&=%").encode())),
    content_type=content_types,
    accept=st.sampled_from(["text/html", "application/json"]),
    origin=st.one_of(st.sampled_from(["null", "https://blog.example.com"]), latin),
    site=st.sampled_from(["same-origin", "cross-site"]),
)
def test_a_skin_answers_as_the_bare_endpoints(
    framework: str, method: str, path: str, query: str, cookie: str, body: bytes,
    content_type: str, accept: str, origin: str, site: str,
) -> None:  # fmt: skip
    headers = {
        "Host": "blog.example.com", "Cookie": cookie, "Accept": accept, "Origin": origin,
        "Sec-Fetch-Site": site, "Content-Type": content_type,
    }  # fmt: skip
    request = (method, f"/auth{path}?{query}", headers, body)
    assert told(site_of(framework).app(*request), method) == told(
        site_of("bare").app(*request), method
    )
