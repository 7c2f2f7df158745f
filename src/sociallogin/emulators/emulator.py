"""What every emulator is: routes to handlers, faults on request, and a memory of what was asked."""

import re
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import count
from typing import ClassVar, TypeAlias

from ..flows import Request, Response
from . import answers, consent
from .answers import Answer, Refused
from .faults import FAULTS, Step, check_fault
from .people import COMPLETE, PEOPLE, Person, portrait, withhold
from .reading import Unreadable, body_form

TIMEOUT_SECONDS = 60.0
SLOW_SECONDS = 2.0
REMEMBERED = 1000

#: Every host at its real address.
REAL: Callable[[str], str] = "https://{}".format

_numbers = count()

Handler: TypeAlias = Callable[[Request], Answer]


@dataclass(frozen=True, slots=True)
class Client:
    """An app as it is registered with a provider; the redirect URIs are compared exactly."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a handler answers: `path` is a regular expression, `step` what the request is for."""

    method: str
    host: str
    path: str
    step: Step
    handler: Handler


@dataclass(frozen=True, slots=True)
class Press:
    """What was pressed on the consent page: who to be (None: cancelled), and any fault."""

    person: Person | None
    fault: str | None = None


class Emulator:
    """A provider: a function from `Request` to `Answer` over its own small state.

    Args:
        clients: the apps registered with it.
        at: where each of its hosts is served: from a host name to a base URL. By default at the
            real address, which is what in-process tests use.
        clock: seconds since the epoch.
        random: so many random bytes.

    Attributes:
        fault: a key of `FAULTS` that spoils every login, or None. One that is asked for on the
            consent page spoils that login only.
        fault_at: the steps that `fault` spoils; None: those that `FAULTS` says.
        coop: whether the consent page cuts itself off from the window that opened it.
        person: whom the consent page's first button logs in.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    protocol: ClassVar[str]
    #: Background of its consent page's buttons.
    tint: ClassVar[str]
    #: Configuration key of each endpoint, with its host and path.
    endpoints: ClassVar[Mapping[str, tuple[str, str]]]
    #: Host and folder of its people's pictures; None where nobody logs in.
    pictures: ClassVar[tuple[str, str] | None]

    coop: bool = False

    def __init__(
        self,
        clients: Iterable[Client],
        *,
        at: Callable[[str], str] = REAL,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.clients = {client.client_id: client for client in clients}
        self.fault: str | None = None
        self.fault_at: tuple[Step, ...] | None = None
        self.person = COMPLETE
        self._requests: deque[tuple[int, Request]] = deque(maxlen=REMEMBERED)
        self._at = at
        self._clock = clock
        self._random = random
        self._scripted: defaultdict[Step, deque[Answer]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._routes = self.routes()
        if self.pictures:
            host, folder = self.pictures
            picture = Route("GET", host, f"{folder}/[a-z_.]+", "picture", self._picture)
            self._routes = (*self._routes, picture)

    def routes(self) -> tuple[Route, ...]:
        """Its endpoints."""
        raise NotImplementedError

    def __call__(self, request: Request) -> Answer:
        """Answers one request; safe from any thread."""
        with self._lock:
            self._requests.append((next(_numbers), request))
            route = self._route(request)
            if isinstance(route, Answer):
                return route
            if self._scripted[route.step]:
                return self._scripted[route.step].popleft()
            try:
                return route.handler(request)
            except Refused as refused:
                return refused.answer
            except Unreadable:
                return self.unreadable(route.step)

    def register(self, client: Client) -> None:
        """Adds an app; with a known id, another secret and a further redirect URI."""
        with self._lock:
            known = self.clients.get(client.client_id)
            uris = dict.fromkeys((*(known.redirect_uris if known else ()), *client.redirect_uris))
            self.clients[client.client_id] = replace(client, redirect_uris=tuple(uris))

    def serves(self, url: str) -> bool:
        """Whether one of its endpoints has this URL."""
        return any(self._is_at(route, url) for route in self._routes)

    @property
    def steps(self) -> frozenset[Step]:
        """What it can be asked for."""
        return frozenset(route.step for route in self._routes)

    def asked(self, step: Step) -> list[Request]:
        """The requests that it remembers for this step, oldest first."""
        return [request for request in self.requests if self.is_for(step, request)]

    def is_for(self, step: Step, request: Request) -> bool:
        """Whether a request came to an endpoint of this step."""
        return any(route.step == step and self._is_at(route, request.url) for route in self._routes)

    @property
    def requests(self) -> list[Request]:
        """The last 1000 requests, oldest first."""
        return [request for _, request in self.remembered()]

    def remembered(self) -> list[tuple[int, Request]]:
        """`requests`, with numbers that rise over all emulators."""
        with self._lock:
            return list(self._requests)

    def forget(self) -> None:
        """Forgets the requests so far."""
        with self._lock:
            self._requests.clear()

    def answer_next(self, step: Step, *scripted: Answer) -> None:
        """Answers the next requests for `step` with these, whatever they say."""
        self._scripted[step].extend(scripted)

    @contextmanager
    def failing(self, fault: str, at: Step | None = None) -> Iterator[None]:
        """Spoils every login while it lasts; `at` names the one step whose answer is spoiled.

        Raises:
            LookupError: there is no such fault, or no such step.
        """
        check_fault(fault, at)
        before = self.fault, self.fault_at
        self.fault, self.fault_at = fault, (at,) if at else None
        try:
            yield
        finally:
            self.fault, self.fault_at = before

    @contextmanager
    def being(self, person: Person) -> Iterator[None]:
        """Logs this person in while it lasts, whoever the consent page's first button was for."""
        before, self.person = self.person, person
        try:
            yield
        finally:
            self.person = before

    def url(self, host: str, path: str) -> str:
        """Where a path of one of its hosts is served."""
        return f"{self._at(host)}{path}"

    def urls(self) -> dict[str, str]:
        """Its endpoints by their configuration keys."""
        return {key: self.url(host, path) for key, (host, path) in self.endpoints.items()}

    # What handlers use.

    def secret(self, size: int = 32) -> str:
        """Random text of `size` bytes."""
        return urlsafe_b64encode(self._random(size)).rstrip(b"=").decode()

    def picture_url(self, person: Person, suffix: str = ".png") -> str:
        """Where a person's picture is; for those who have none, where the silhouette is."""
        shown = person.key if person.has_picture else "silhouette"
        assert self.pictures is not None  # noqa: S101  (whoever logs people in has pictures)
        host, folder = self.pictures
        return self.url(host, f"{folder}/{shown}{suffix}")

    def problem(self, title: str, text: str, status: int = 400) -> Answer:
        """The provider's own error page: a browser that reaches it is not sent back."""
        return consent.problem_page(self.label, self.tint, title, text, status)

    def ask(self, client: Client, wishes: Iterable[str], *, again: bool = False) -> Answer:
        """The consent page. `again`: the app wants the person to log in anew."""
        return consent.consent_page(
            self.label, self.tint, client.client_id, tuple(wishes), self.person,
            again=again, coop=self.coop or self.fault == "coop",
        )  # fmt: skip

    def pressed(self, request: Request) -> Press:
        """What was pressed on the consent page.

        Raises:
            Refused: nothing that the page offers.
        """
        button = body_form(request).get("press", "")
        person = self.person if button == "grant" else PEOPLE.get(button)
        if button in ("deny", "denied") or (person and self._spoils("denied", None, "authorize")):
            return Press(None)
        if person:
            return Press(person)
        if button in FAULTS:
            return Press(self.person, button)
        raise Refused(self.problem("Nothing was chosen", "This page does not offer that."))

    def state_to_return(self, state: str, carried: str | None) -> str:
        """The state as it goes back to the app: wrong, if that was asked for."""
        return f"{state}x" if self._spoils("wrong_state", carried, "authorize") else state

    def is_revoked(self, carried: str | None) -> bool:
        return self._spoils("revoked", carried, "userinfo")

    def seen(self, person: Person, carried: str | None) -> Person:
        """The person as the provider tells of them in this login."""
        return withhold(withhold(person, carried), self.fault)

    def finish(self, step: Step, carried: str | None, answer: Answer) -> Answer:
        """The answer, spoiled by the fault that this login carries or that is set for all."""
        for fault in FAULTS:
            if self._spoils(fault, carried, step):
                answer = self._spoil(fault, answer)
        return answer

    def picture(self, username: str) -> Answer:
        """The picture of a person, or the silhouette, spoiled by a fault that is set for it."""
        answer = answers.raw(portrait(username), "image/png")
        return self.finish("picture", None, answer)

    # What each provider says in its own way.

    def unreadable(self, step: Step) -> Answer:
        """The answer to a request that gives a parameter twice, or is no text."""
        return self.problem("Invalid request", "A parameter is given twice, or is unreadable.")

    def rate_limited(self) -> Answer:
        """The answer to a request too many."""
        raise NotImplementedError

    # Inside.

    def _spoils(self, fault: str, carried: str | None, step: Step) -> bool:
        steps = FAULTS[fault].steps
        if fault == self.fault:
            return step in (self.fault_at or steps)
        return fault == carried and step in steps

    def _spoil(self, fault: str, answer: Answer) -> Answer:
        body = answer.response.body
        match fault:
            case "slow":
                return replace(answer, delay=SLOW_SECONDS)
            case "timeout":
                return replace(answer, delay=TIMEOUT_SECONDS)
            case "truncated":
                return replace(answer, cut_at=len(body) // 2)
            case "bad_json":
                broken = body[: len(body) // 2] + b",,"
                return Answer(Response(200, answer.response.headers, broken))
            case "html_error":
                return answers.html("<!doctype html><title>Sorry</title><p>Something went wrong.")
            case "server_error":
                return answers.html("<!doctype html><title>503</title><p>Come back later.", 503)
            case "rate_limited":
                return self.rate_limited()
        return answer

    def _is_at(self, route: Route, url: str) -> bool:
        address = url.partition("?")[0].partition("#")[0]
        return _pattern(self._at(route.host), route.path).fullmatch(address) is not None

    def _route(self, request: Request) -> Route | Answer:
        found = [route for route in self._routes if self._is_at(route, request.url)]
        for route in found:
            if route.method == request.method:
                return route
        if found:
            allowed = ", ".join(sorted({route.method for route in found}))
            answer = self.problem("Method not allowed", f"Allowed here: {allowed}.", 405)
            headers = {**answer.response.headers, "allow": allowed}
            return replace(answer, response=replace(answer.response, headers=headers))
        return self.problem("Not found", "The provider has no such address.", 404)

    def _picture(self, request: Request) -> Answer:
        key = re.split("[_.]", request.url.rpartition("/")[2])[0]
        person = PEOPLE.get(key)
        return self.picture(person.username if person else "")


@lru_cache(maxsize=256)
def _pattern(origin: str, path: str) -> re.Pattern[str]:
    """The addresses of a route; `path` is a regular expression."""
    return re.compile(re.escape(origin) + path)
