"""What app authors test with: emulated providers, whole logins, and a shortcut around them.

With pytest the fixtures `social_login_emulators` and `social_login_emulator_server` are there as
soon as sociallogin is installed:

    def test_comments_need_a_login(client, social_login_emulators):
        page = log_in(client, "facebook", next_url="/post/1")
        assert "Nora Lind" in page.text

    def test_the_account_page(client):
        sign_in(client, name="Ada Lovelace")
        assert "Ada Lovelace" in client.get("/account").text

Everything here refuses to work where no test of pytest runs.
"""

from .emulated import EmulatedProvider, EmulatedProviders
from .guard import OutsideTests
from .logging_in import log_in
from .mounting import emulated
from .sent import Sent
from .signing_in import sign_in

__all__ = [
    "EmulatedProvider",
    "EmulatedProviders",
    "OutsideTests",
    "Sent",
    "emulated",
    "log_in",
    "sign_in",
]
