"""A provider's answer read with suspicion: JSON with bounds, and errors by what they say.

Providers report errors with every status, 200 included, so the body is asked first.
"""

import json
import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from .. import cleaning
from ..errors import LoginDenied, ProviderError, SocialLoginError, TokenError
from ..flows import Response
from .provider import Fault, Provider, Step, pick

MAX_DEPTH = 50
MAX_DIGITS = 40

_REJECTED = "check client_id, client_secret and the callback URL in its console"
#: RFC 6749 section 5.2, and what providers add to it.
_STANDARD: Mapping[str, Fault] = {
    "invalid_grant": Fault("token_invalid", "the code was used already or is too old", ("token",)),
    **dict.fromkeys(
        ("invalid_client", "unauthorized_client", "invalid_scope", "redirect_uri_mismatch"),
        Fault("provider_rejected_client", _REJECTED, ("request_token", "token")),
    ),
    "invalid_token": Fault("provider_refused_userinfo", "it refused its own token", ("userinfo",)),
}
#: `<error code="415">` as X answers request_token; read as text, so no XML parser to attack.
_XML_ERROR = re.compile(r"<error\b[^<>]*\bcode=[\"'](\d{1,6})[\"']")
_SLUG = re.compile(r"[A-Za-z0-9_.-]{1,80}")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("a number of too many digits")
    return int(digits)


def _decimal(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number out of range")
    return number


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_int=_integer, parse_float=_decimal, parse_constant=_constant)


def parse_json(body: bytes) -> Any:
    """The JSON value of `body`: at most 50 levels deep, no number out of range, no NaN.

    Raises:
        ValueError: anything else.
    """
    try:
        value = _decoder.decode(body.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("nested too deep") from None
    except (UnicodeDecodeError, json.JSONDecodeError):
        # Both carry the whole body, which may hold a token, into every report of the error.
        raise ValueError("not JSON in UTF-8") from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise ValueError("nested too deep")
    return value


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
    return depth


def read_object(record: Provider, step: Step, response: Response, now: float) -> dict[str, Any]:
    """The JSON object in an answer.

    Raises:
        ProviderError, TokenError: what the answer reports, or `provider_bad_response`.
    """
    try:
        value = parse_json(response.body)
    except ValueError as error:
        check(record, step, response, None, now)
        raise record.bad_response(_describe(step, response, "is not the JSON expected")) from error
    check(record, step, response, value, now)
    if not isinstance(value, dict):
        raise record.bad_response(_describe(step, response, "is not a JSON object"))
    return value


def read_form(record: Provider, step: Step, response: Response, now: float) -> dict[str, str]:
    """The form-encoded pairs in an answer, as OAuth 1.0a sends them (labelled as HTML by X).

    Raises:
        ProviderError, TokenError: what the answer reports, or `provider_bad_response`.
    """
    text = response.body.decode("utf-8", "replace").strip()
    check(record, step, response, _error_document(response.body, text), now)
    try:
        return dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=50))
    except ValueError:  # whose text quotes the answer
        raise record.bad_response(_describe(step, response, "is not form-encoded")) from None


def check(record: Provider, step: Step, response: Response, value: Any, now: float) -> None:
    """Raises the error that an answer reports in its body or its status; else returns."""
    status = response.status
    is_success = 200 <= status < 300
    slug = _slug(value, is_success)
    if slug is None and is_success:
        return
    fault = _fault(record, step, slug)
    said = _describe(step, response, f"says {slug}" if slug else "")
    if status == 429 or (fault and fault.code == "provider_rate_limited"):
        raise _error(record, "provider_rate_limited", f"{said}: it limits requests", response, now)
    if status >= 500:
        raise _error(record, "provider_unreachable", said, response, now)
    if fault:
        link = cleaning.url(pick(value, fault.link)) if fault.link else None
        hint = f"{fault.hint} (it names {link})" if link else fault.hint
        raise _error(record, fault.code, f"{said}: {hint}", response, now)
    if step == "userinfo" and (status in (401, 403) or (slug and "token" in slug)):
        hint = f"{said}: the token was refused; check the app's scopes and access level"
        raise _error(record, "provider_refused_userinfo", hint, response, now)
    raise record.bad_response(said)


def _fault(record: Provider, step: Step, slug: str | None) -> Fault | None:
    for known in (record.faults, _STANDARD):
        fault = known.get(slug or "")
        if fault is not None and step in fault.steps:
            return fault
    return None


def _slug(value: Any, is_success: bool) -> str | None:
    """The error that a JSON answer names: OAuth's slug, Facebook's or X's number, X's reason."""
    if not isinstance(value, Mapping):
        return None
    error = value.get("error")
    if isinstance(error, Mapping):
        error = error.get("code", error.get("type", "unnamed"))
    elif error is None and _errors(value):
        first = value["errors"][0]
        error = first.get("code", "unnamed") if isinstance(first, Mapping) else "unnamed"
    elif error is None and value.get("ok") is False:
        error = "unnamed"
    elif error is None and not is_success and "title" in value and "type" in value:
        # RFC 9457 problem details; in a profile they are what somebody is.
        error = value.get("reason") or str(value["type"]).rsplit("/", 1)[-1]
    if error in (None, False, ""):
        return None
    return str(error) if _SLUG.fullmatch(str(error)) else "unnamed"


def _errors(value: Mapping[str, Any]) -> bool:
    """Whether there are errors in place of data; an empty list says that there are none."""
    errors = value.get("errors")
    return isinstance(errors, list) and bool(errors) and "data" not in value


def _error_document(body: bytes, text: str) -> Any:
    """The JSON, or the error of the XML, that stands where form-encoded pairs should."""
    if text.startswith("<"):
        found = _XML_ERROR.search(text)
        return {"error": found[1]} if found else None
    try:
        return parse_json(body) if text.startswith(("{", "[")) else None
    except ValueError:
        return None


def _describe(step: Step, response: Response, what: str) -> str:
    """Status, content type and an error slug are told; the body never is."""
    kind = (cleaning.text(response.headers.get("content-type")) or "no content type")[:60]
    return f"its {step} answer ({response.status}, {kind}) {what}".rstrip()


def _error(
    record: Provider, code: str, hint: str, response: Response, now: float
) -> SocialLoginError:
    hint = f"{record.label}: {hint}"
    if code == "token_invalid":
        return TokenError(hint, provider=record.label)
    if code == "login_denied":
        return LoginDenied(hint, provider=record.label)
    wait = _retry_after(record, response, now) if code == "provider_rate_limited" else None
    return ProviderError(code, hint, provider=record.label, retry_after=wait)


def _retry_after(record: Provider, response: Response, now: float) -> int | None:
    """Seconds to wait, by `Retry-After` (RFC 9110 section 10.2.3) or the record's own header."""
    after = response.headers.get("retry-after", "").strip()
    reset = response.headers.get((record.rate_limit_reset or "").lower(), "").strip()
    seconds: float | None = None
    if after.isascii() and after.isdigit() and len(after) < 10:
        seconds = int(after)
    elif after:
        try:
            seconds = parsedate_to_datetime(after).timestamp() - now
        except (ValueError, OverflowError):
            seconds = None
    if seconds is None and reset.isascii() and reset.isdigit() and len(reset) < 12:
        seconds = int(reset) - now
    return max(0, math.ceil(seconds)) if seconds is not None else None
