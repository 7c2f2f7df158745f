"""What app authors test with: emulated providers, whole logins, and a shortcut around them.

With pytest the fixtures `social_login_emulators` and `social_login_emulator_server` are there as
soon as sociallogin is installed:

    def test_comments_need_a_login(client, social_login_emulators):
        page = log_in(client, "facebook", next_url="/post/1")
        assert "Nora Lind" in page.text

    def test_the_account_page(client):
        sign_in(client, name="Ada Lovelace")
        assert "Ada Lovelace" in client.get("/account").text

With unittest, `emulated()` and `served()` give what the fixtures give. Every function here refuses
to work where no test is running.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .guard import OutsideTests
    from .logging_in import log_in, log_out
    from .mounting import emulated, served
    from .providers import EmulatedProvider, EmulatedProviders
    from .sent import Sent
    from .signing_in import sign_in

__all__ = [
    "EmulatedProvider",
    "EmulatedProviders",
    "OutsideTests",
    "Sent",
    "emulated",
    "log_in",
    "log_out",
    "served",
    "sign_in",
]

#: What is imported when it is first used: pytest loads this package for all who have it.
_WHERE = {
    "EmulatedProvider": "providers",
    "EmulatedProviders": "providers",
    "OutsideTests": "guard",
    "Sent": "sent",
    "emulated": "mounting",
    "log_in": "logging_in",
    "log_out": "logging_in",
    "served": "mounting",
    "sign_in": "signing_in",
}

if not TYPE_CHECKING:  # or every misspelt name would pass a type check

    def __getattr__(name: str) -> Any:
        if name not in _WHERE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
