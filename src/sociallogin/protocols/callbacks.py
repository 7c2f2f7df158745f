"""What a provider reports in a callback instead of an authorization (RFC 6749 section 4.1.2.1)."""

import re

from ..errors import LoginDenied, ProviderError, SocialLoginError
from .provider import Parameters, Provider

_CANCELLED = {"access_denied", "user_denied", "user_cancelled_authorize"}
_DOWN = {"server_error", "temporarily_unavailable"}
_REPORTS = ("error", "error_code", "error_reason", "error_message", "denied")
_SLUG = re.compile(r"[A-Za-z0-9_.-]{1,80}")


def is_report(parameters: Parameters) -> bool:
    """Whether the callback reports an error; some providers leave out `error` itself."""
    return any(parameters.get(name) for name in _REPORTS)


def reported(record: Provider, parameters: Parameters) -> SocialLoginError:
    """The error that the callback reports. Its free texts are for nobody: they are not quoted."""
    said = " ".join(
        f"{name}={parameters[name]}"
        if _SLUG.fullmatch(parameters[name])
        else f"{name} (unreadable)"
        for name in _REPORTS[:3]
        if parameters.get(name)
    )
    said = said or ("denied" if parameters.get("denied") else "an error_message alone")
    hint = f"{record.label}: the callback says {said}"
    cancelled = {parameters.get("error"), parameters.get("error_reason")} & _CANCELLED
    if cancelled or parameters.get("denied"):
        if parameters.get("error_code"):
            # A Facebook app in development mode refuses everybody but its developers this way.
            hint += "; if every visitor meets this, the app is not live in the provider's console"
        return LoginDenied(hint, provider=record.label)
    if parameters.get("error") in _DOWN:
        return ProviderError("provider_unreachable", hint, provider=record.label)
    hint += "; check the client id, callback URL and scopes in the provider's console"
    return ProviderError("provider_rejected_client", hint, provider=record.label)
