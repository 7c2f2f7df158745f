"""Social login and identity for Python web apps.

    login = SocialLogin.from_file("sociallogin.toml")

`SocialLogin` begins and completes logins, `Identity` is what an app receives, and every failure
is a `SocialLoginError`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__
from .errors import (
    ConfigError,
    LoginDenied,
    LoginRefused,
    ProviderError,
    RequestError,
    SocialLoginError,
    StateError,
    StoreError,
    TokenError,
)
from .identity import Identity, Profile

if TYPE_CHECKING:
    from . import providers
    from .async_social_login import AsyncSocialLogin
    from .login import SignIn, Start
    from .social_login import SocialLogin

__all__ = [
    "AsyncSocialLogin",
    "ConfigError",
    "Identity",
    "LoginDenied",
    "LoginRefused",
    "Profile",
    "ProviderError",
    "RequestError",
    "SignIn",
    "SocialLogin",
    "SocialLoginError",
    "Start",
    "StateError",
    "StoreError",
    "TokenError",
    "__version__",
    "providers",
]


#: What is imported when it is first used: cryptography and signing cost more than an app that
#: merely names an error or an `Identity` should pay.
_WHERE = {
    "AsyncSocialLogin": "async_social_login",
    "SignIn": "login",
    "SocialLogin": "social_login",
    "Start": "login",
}


def __getattr__(name: str) -> Any:
    if name == "providers":
        return import_module(f"{__name__}.providers")
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
