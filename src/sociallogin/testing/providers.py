"""The emulated providers as a test uses them: who logs in, what goes wrong, what was sent."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Unpack

from ..flows import Request, Response
from .sent import Parameters, Sent, read

if TYPE_CHECKING:
    from ..emulators import Emulator, Emulators, Person
    from ..emulators.emulators import TwitterProtocol
    from ..emulators.faults import Step
    from ..emulators.people import About
    from ..site_login import SiteLogin

#: In the order of a login.
_LOGIN_STEPS: "tuple[Step, ...]" = ("request_token", "authorize", "token", "userinfo")


class EmulatedProvider:
    """One provider, in every protocol that it speaks."""

    def __init__(self, *emulators: "Emulator") -> None:
        self._emulators = emulators

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._label}>"

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
            LookupError: there is no such fault, it has no such step, or the fault cannot strike it.
        """
        from ..emulators.faults import FAULTS, OF_ANY_ANSWER, check_fault

        check_fault(fault)
        if at and self._known(at) not in FAULTS[fault].steps:
            strikes = at != "authorize" and fault in OF_ANY_ANSWER
            if not strikes:
                raise LookupError(f"the fault {fault!r} cannot strike the step {at!r}")
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
            step: `request_token`, `authorize` (where browsers were sent to), `token` or
                `userinfo`; by default all of them.

        Raises:
            LookupError: it has no such step.
        """
        steps = (self._known(step),) if step else self._steps
        return [read(each, request) for _, _, each, request in self._sent(steps)]

    def assert_sent(self, step: "Step", **parameters: str) -> Sent:
        """Asserts that it was sent a request with these parameters, among others.

            emulators.facebook.assert_sent("token", grant_type="authorization_code")

        Returns:
            The last such request.

        Raises:
            AssertionError: there was none; tells what was sent instead.
            LookupError: it has no such step.
        """
        __tracebackhide__ = True  # pytest shows the test's own line
        for sent in reversed(self.sent(step)):
            if parameters.items() <= sent.parameters.items():
                return sent
        wanted = f" with {Parameters(parameters)}" if parameters else ""
        lines = [
            f"  {sent.step}: {sent.method} {sent.url} {sent.parameters}" for sent in self.sent()
        ]
        raise AssertionError(
            f"{self._label} was sent no {step} request{wanted}; it was sent:\n"
            + ("\n".join(lines) or "  nothing")
        )

    def assert_asked_chooser(self) -> None:
        """Asserts that the last login asked it to let the person choose the account anew.

        That is what Change does, and the first login after Log Out.
        """
        from .. import providers

        __tracebackhide__ = True
        visits = self._sent(("authorize",))
        if not visits:
            raise AssertionError(f"nobody was sent to {self._label}")
        _, emulator, step, request = visits[-1]
        chooser = providers.get(emulator.name, protocol=emulator.protocol).change
        if not chooser:
            raise AssertionError(f"{self._label} documents no parameter that asks for a chooser")
        asked = read(step, request).parameters
        if not chooser.items() <= asked.items():
            raise AssertionError(f"{self._label} was not asked for a chooser by {chooser}: {asked}")

    def _sent(self, steps: "Iterable[Step]") -> "list[tuple[int, Emulator, Step, Request]]":
        """What each protocol's emulator was sent for these steps, numbered, oldest first."""
        found = [
            (number, emulator, step, request)
            for emulator in self._emulators
            for number, request in emulator.remembered()
            for step in steps
            # The POST is what the person then presses on the page there.
            if emulator.is_for(step, request) and (step, request.method) != ("authorize", "POST")
        ]
        return sorted(found, key=itemgetter(0))

    @property
    def _label(self) -> str:
        return self._emulators[0].label

    @property
    def _steps(self) -> "tuple[Step, ...]":
        """What it is asked for in a login."""
        steps = {route for emulator in self._emulators for route in emulator.steps}
        return tuple(step for step in _LOGIN_STEPS if step in steps)

    def _known(self, step: "Step") -> "Step":
        from ..emulators.faults import unknown

        if step not in self._steps:
            raise unknown(f"a login at {self._label} has no step", step, self._steps)
        return step


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

    def config(
        self,
        base_url: str | None = None,
        *,
        mount: str = "/auth",
        twitter: "TwitterProtocol" = "oauth2",
    ) -> dict[str, Any]:
        """`{"providers": …}` of a configuration that uses them.

        Args:
            base_url: the origin of the app, as its configuration has it: where a browser logs
                in, the callback URLs there are registered. `log_in` does it by itself.
            mount: the path below which the app has its login endpoints.
            twitter: the protocol to speak with X.
        """
        from ..emulators import Client

        if base_url is not None:
            for emulator in self.emulators.all:
                app = next(iter(emulator.clients.values()))
                callback = f"{base_url}{mount}/callback/{emulator.name}"
                emulator.register(Client(app.client_id, app.client_secret, (callback,)))
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
