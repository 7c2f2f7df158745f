"""What is read as JSON, and what is refused as none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sociallogin.protocols.answers import parse_json
from strategies import QUICK, json_values


@pytest.mark.parametrize(
    "body",
    [
        b"{}", b"\xef\xbb\xbf{}", b" [1, 2.5, true, null, \"x\"] ", b"1e300", b"-0", b'"\\ud800"',
        b"[" * 50 + b"]" * 50, b"1" * 40, b'{"a": {"a": 1}}', b'["[[[[[[[[[[{{{{{{"]',
        b"[" + b"[]," * 500 + b"[]]",
    ],
    ids=lambda body: repr(body)[:30],
)  # fmt: skip
def test_i4_json_within_its_bounds_is_read(body: bytes) -> None:
    assert parse_json(body) == json.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"{", b"{]", b"{'a': 1}", b"NaN", b"Infinity", b"-Infinity", b"[NaN]", b"1e400",
        b"-1e400", b"1" * 41, b"1" * 100_000, b"[" * 51 + b"]" * 51,
        b'{"a":' * 51 + b"1" + b"}" * 51,
        b"[" * 900 + b"]" * 900, b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b"\xff",
        b"\xfe\xff", b"{}x", b"{} {}", b"undefined",
    ],
    ids=lambda body: repr(body)[:30],
)  # fmt: skip
def test_i4_json_beyond_its_bounds_is_no_json(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(body)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
@QUICK
def test_json_is_read_or_refused_and_nothing_else(body: bytes) -> None:
    try:
        value = parse_json(body)
    except ValueError:
        return
    json.dumps(value, allow_nan=False)
