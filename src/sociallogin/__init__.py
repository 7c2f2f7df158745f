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
from .login import SignIn, Start
from .social_login import SocialLogin

if TYPE_CHECKING:
    from . import providers

__all__ = [
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


def __getattr__(name: str) -> Any:
    """`sociallogin.providers` is imported when first used: an import should cost little."""
    if name == "providers":
        return import_module(f"{__name__}.providers")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
