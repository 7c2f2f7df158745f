"""Wire-true stand-ins for the providers.

`Emulators` holds all of them and is itself a transport, so that a login needs no network:

    emulators = Emulators(base_url="http://127.0.0.1:8000")
    login = SocialLogin.from_mapping({…, **emulators.config()}, transport=emulators.send)
    start = login.begin("facebook")
    callback_url = emulators.press(start.url)

`sociallogin.emulators.server` serves them on a socket.
"""

from .answers import Answer
from .emulator import Client, Emulator
from .emulators import Emulators, PressError
from .faults import FAULTS
from .people import PEOPLE, Person

__all__ = [
    "FAULTS",
    "PEOPLE",
    "Answer",
    "Client",
    "Emulator",
    "Emulators",
    "Person",
    "PressError",
]
