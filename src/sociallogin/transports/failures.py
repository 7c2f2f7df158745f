"""What a failed exchange means, told from the exceptions below it.

No hint names more of the request than its host: queries and headers carry credentials. For the
same reason the exceptions are read here and not chained: their texts quote headers and answers.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from typing import TypeAlias

from ..errors import ProviderError

#: A code, and the reason for the hint.
Meaning: TypeAlias = tuple[str, str]

NO_CONNECTION = ("provider_unreachable", "no connection")
NO_PROXY = ("provider_unreachable", "the proxy makes no connection")
DISCONNECTED = ("provider_unreachable", "it closed the connection without an answer")
UNSENDABLE = ("provider_unreachable", "the request has a character that HTTP does not allow")
TIMEOUT = ("provider_timeout", "it did not answer in time")
CUT_OFF = ("provider_bad_response", "its answer is cut off")
NOT_HTTP = ("provider_bad_response", "its answer is not HTTP")

#: OpenSSL's verification results (openssl-verification-options(1)) and what to do about them.
_CERTIFICATE = {
    9: "is not valid yet: check the clock of this server",
    10: "has expired",
    18: "is self-signed",
    19: "is signed by an authority that is not trusted here",
    20: "is signed by an authority that is not trusted here",
    21: "is signed by an authority that is not trusted here",
    62: "is for another name",
    64: "is for another address",
}
_UNTRUSTED = (18, 19, 20, 21)


def explain(
    error: BaseException, way: str, meaning: Callable[[BaseException], Meaning | None]
) -> ProviderError:
    """The error of the family that tells what `error`, or an exception beneath it, means.

    Args:
        error: what the HTTP library raised.
        way: whom the request was for, and through which proxy.
        meaning: what the library's own exceptions mean.
    """
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        # How HTTP libraries refuse to write what HTTP does not allow.
        code, reason = UNSENDABLE
    else:
        # Not the deepest cause: below it may stand what the caller was handling already.
        meanings = (meaning(cause) or _system(cause) for cause in causes(error))
        code, reason = next(filter(None, meanings), NO_CONNECTION)
    return ProviderError(code, f"{way}: {reason}")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it, step by step; of several attempts that failed, the first."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
            continue
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _system(cause: BaseException) -> Meaning | None:
    """What an exception of the standard library's means."""
    match cause:
        case TimeoutError():
            return TIMEOUT
        case ssl.SSLCertVerificationError():
            return "provider_unreachable", _certificate(cause)
        case ssl.SSLError():
            return "provider_unreachable", f"TLS failed: {cause.reason or 'handshake broken off'}"
        case socket.gaierror():
            return "provider_unreachable", "its name cannot be resolved"
        case ConnectionRefusedError():
            return "provider_unreachable", "it refuses connections"
        case OSError() if cause.errno is not None and cause.strerror:
            return "provider_unreachable", cause.strerror
    return None


def _certificate(error: ssl.SSLCertVerificationError) -> str:
    what = _CERTIFICATE.get(error.verify_code, f"is refused: {error.verify_message}")
    fix = ""
    if error.verify_code in _UNTRUSTED:
        fix = "; if it should be, name that authority's file in REQUESTS_CA_BUNDLE"
    return f"its certificate {what}{fix}"
