"""Hypothesis strategies for what the outside sends, in one room."""

import json
from urllib.parse import quote, urlencode

from hypothesis import settings
from hypothesis import strategies as st

from sites import IN_CI
from sociallogin.flows import Response

#: No deadline: how long an example takes says more about the machine than about the code.
QUICK = settings(max_examples=60 if IN_CI else 15, deadline=None)
#: For examples that cost a millisecond or more each.
SLOW = settings(max_examples=25 if IN_CI else 8, deadline=None)

#: Pieces that have broken cleaners: controls, direction overrides, joiners, marks, markup.
_NASTY = (
    "\x00", "\n", "\r\n", "\t", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\u200b",
    "\u200d", "\u2060", "\u034f", "\u0301", "e\u0301", "\ufeff", "\u3164", "\ud800", "\U000e0041",
    "<script>", "{{7*7}}", "%s", "%(provider)s", '"', "\\", " ", "a", "Ж", "مريم", "👩‍💻", "é" * 90,
)  # fmt: skip

#: Any text, lone surrogates included (JSON can say them).
any_text = st.text(st.characters()) | st.lists(st.sampled_from(_NASTY), max_size=12).map("".join)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(any_text, children, max_size=3)
    ),
    max_leaves=6,
)


def objects(*names: str) -> st.SearchStrategy[dict[str, object]]:
    """JSON objects that use these names, with anything in them."""
    return st.dictionaries(st.sampled_from(names) | any_text, json_values, max_size=5)


#: `next` as an attacker writes it: the pieces of open redirects in any order.
hostile_paths = st.lists(
    st.sampled_from(
        (
            "/", "\\", "//", ".", "..", "%2f", "%2F", "%5c", "%252f", "%25", "%09", "%0a", "%00",
            "\t", "\n", "\r", "\x0b", " ", "e.org", "@", ":", "https:", "javascript:", "?", "#",
            ";", "%c0%af", "%ef%bc%8f", "／", "é", "\u2028", "[", "]",
        )
    ),
    max_size=10,
).map("".join)  # fmt: skip

_bodies = (
    st.binary(max_size=200)
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(
        st.sampled_from(("oauth_token", "oauth_token_secret", "oauth_callback_confirmed", "x")),
        st.sampled_from(("true", "")) | st.text(max_size=20),
    ).map(lambda pairs: urlencode(pairs, quote_via=quote).encode())
    | objects("access_token", "token_type", "scope", "expires_in", "error", "errors", "data", "id",
              "ID", "id_str", "title", "type", "reason", "ok", "picture")
    .map(lambda value: json.dumps(value).encode())
)  # fmt: skip

_headers = st.dictionaries(
    st.sampled_from(("content-type", "retry-after", "x-rate-limit-reset", "location")),
    st.text(max_size=30) | st.sampled_from(("text/html", "-1", "9" * 30, "Wed, 21 Oct 2015")),
    max_size=3,
)

#: Any HTTP answer of a provider.
responses = st.builds(
    Response,
    st.sampled_from((200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503)),
    _headers,
    _bodies,
)
