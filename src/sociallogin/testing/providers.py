"""The emulated providers as a test uses them: who logs in, what goes wrong, what was sent."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Unpack

from ..flows import Request, Response
from .sent import Sent, read

if TYPE_CHECKING:
    from ..emulators import Emulator, Emulators, Person
    from ..emulators.emulators import TwitterProtocol
    from ..emulators.faults import Step
    from ..emulators.people import About
    from ..site_login import SiteLogin


class EmulatedProvider:
    """One provider, in every protocol that it speaks."""

    def __init__(self, *emulators: "Emulator") -> None:
        self._emulators = emulators

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._emulators[0].label}>"

    @contextmanager
    def as_user(
        self, person: "Person | str | None" = None, **about: Unpack["About"]
    ) -> Iterator["Person"]:
        """Logs this person in, at every login while it lasts.

            with emulators.facebook.as_user(name="Ada Lovelace", email=None):

        Args:
            person: one of `sociallogin.emulators.PEOPLE` or its key; by default the complete
                profile.
            about: what is different, as fields of `sociallogin.emulators.Person`. With a `name`
                or a `username` it is another account; the same one whenever it is said again.

        Yields:
            The person.
        """
        from ..emulators.people import COMPLETE, made_up

        chosen = made_up(who(person) or COMPLETE, **about)
        with ExitStack() as stack:
            for emulator in self._emulators:
                stack.enter_context(emulator.being(chosen))
            yield chosen

    @contextmanager
    def fault(self, fault: str, at: "Step | None" = None) -> Iterator[None]:
        """Spoils every login while it lasts; in process nothing waits for a timeout.

        Args:
            fault: a key of `sociallogin.emulators.FAULTS`: `timeout`, `server_error`,
                `rate_limited`, `bad_json`, `no_email`, `wrong_state`, …
            at: the one request to spoil: `request_token`, `token` or `userinfo`.

        Raises:
            LookupError: there is no such fault.
        """
        from ..emulators import FAULTS

        if fault not in FAULTS:
            raise LookupError(f"no fault {fault!r}; there are: {', '.join(FAULTS)}")
        with ExitStack() as stack:
            for emulator in self._emulators:
                stack.enter_context(emulator.failing(fault, at))
            yield

    @contextmanager
    def denied(self) -> Iterator[None]:
        """Lets every person press “Cancel” while it lasts."""
        with self.fault("denied"):
            yield

    def sent(self, step: "Step | None" = None) -> list[Sent]:
        """What it was sent, oldest first.

        Args:
            step: `authorize` (where browsers were sent to), `request_token`, `token` or
                `userinfo`; by default all of them.
        """
        found = []
        for emulator in self._emulators:
            pressed = {id(r) for r in emulator.asked("authorize") if r.method == "POST"}
            asked = emulator.asked(step) if step else emulator.requests
            found += [read(request) for request in asked if id(request) not in pressed]
        return found

    def assert_asked_chooser(self) -> None:
        """Asserts that the last login asked it to let the person choose the account anew.

        That is what Change does, and the first login after Log Out.
        """
        from .. import providers

        label = self._emulators[0].label
        visited = [each for each in self._emulators if each.asked("authorize")]
        if not visited:
            raise AssertionError(f"nobody was sent to {label}")
        chooser = providers.get(visited[0].name, protocol=visited[0].protocol).change
        if not chooser:
            raise AssertionError(f"{label} documents no parameter that asks for a chooser")
        asked = self.sent("authorize")[-1].parameters
        if not chooser.items() <= asked.items():
            raise AssertionError(f"{label} was not asked for a chooser by {chooser}: {asked!r}")


class EmulatedProviders:
    """All providers, each with one account of everybody in `sociallogin.emulators.PEOPLE`.

    Attributes:
        wordpress, twitter, facebook: one `EmulatedProvider` each.
        emulators: the `sociallogin.emulators.Emulators` behind them, to script single answers.
        url: where they listen; None in process.
    """

    def __init__(self, emulators: "Emulators", url: str | None = None) -> None:
        self.emulators = emulators
        self.url = url
        self.wordpress = EmulatedProvider(emulators.wordpress)
        self.twitter = EmulatedProvider(emulators.twitter, emulators.twitter_oauth1)
        self.facebook = EmulatedProvider(emulators.facebook)

    def config(self, twitter: "TwitterProtocol" = "oauth2") -> dict[str, Any]:
        """`{"providers": …}` of a configuration that uses them; `twitter`: its protocol."""
        return self.emulators.config(twitter)

    def register(self, login: "SiteLogin") -> None:
        """Registers this site's apps, with their ids, secrets and callback URLs.

        `log_in` does it by itself.
        """
        from ..emulators import Client

        for app in login.providers:
            with suppress(LookupError):  # a provider of the app's own
                emulator = self.emulators.of(app.name, app.record.protocol)
                emulator.register(Client(app.client_id, app.client_secret, (app.redirect_uri,)))

    def send(self, request: Request) -> Response:
        """The transport to them."""
        return self.emulators.send(request)

    def press(self, authorize_url: str, button: str = "grant") -> str:
        """What the person does there; see `sociallogin.emulators.Emulators.press`."""
        return self.emulators.press(authorize_url, button)


def who(person: "Person | str | None") -> "Person | None":
    """The person that is meant.

    Raises:
        LookupError: nobody has this key.
    """
    from ..emulators import PEOPLE

    if not isinstance(person, str):
        return person
    if person not in PEOPLE:
        raise LookupError(f"nobody is called {person!r}; there are: {', '.join(PEOPLE)}")
    return PEOPLE[person]
