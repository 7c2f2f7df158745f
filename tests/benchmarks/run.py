"""What a login costs, as ratios to the least that it can cost.

    python tests/benchmarks/run.py [--quick] [--json FILE]

Each ratio comes from one run: floor and subject take turns, and the medians of the rounds are
compared. Counted is the CPU time of this process; the provider runs in another one. The exit
status is 0 whatever the ratios are: a machine that is busy must not fail a build.
"""

import argparse
import asyncio
import json
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Self

import async_logins as asynchronous
import page_views as views
import subjects
import urllib3
from async_logins import repeated
from floors import oauth1, oauth2
from subjects import SITE, Stage, Work

from sociallogin.transports.httpx import HttpxTransport

THREADS = 16
TASKS = 64
ANSWER_SECONDS = 0.05
#: What the floor over TLS takes on the machine that the targets were set on. Waiting does not get
#: longer on a slower one, so there less of it would be left beside the work: it is measured with
#: answers that are later by as much, too.
FLOOR_SECONDS = 0.34e-3


@dataclass(frozen=True)
class Result:
    """One line of the table; `at_most` tells on which side of the target is good."""

    work: str
    value: float
    target: float | None
    unit: str = "× floor"
    at_most: bool = True
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        good = self.value <= self.target if self.at_most else self.value >= self.target
        return "met" if good else "NOT MET"


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    rounds: int
    logins: int
    reads: int
    imports: int
    logins_per_thread: int
    logins_per_task: int


FULL = Effort(rounds=15, logins=40, reads=3000, imports=9, logins_per_thread=20, logins_per_task=40)
QUICK = Effort(
    rounds=1, logins=2, reads=20, imports=1, logins_per_thread=1, logins_per_task=1
)  # fmt: skip


def seconds_each(works: Mapping[str, Work], rounds: int, times: int) -> dict[str, float]:
    """The median CPU seconds of each work; the works take turns after a warm-up."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        for _ in range(max(2, times // 4)):
            work()
    for _ in range(rounds):
        for name, work in works.items():
            started = time.process_time()
            for _ in range(times):
                work()
            spent[name].append((time.process_time() - started) / times)
    return {name: statistics.median(values) for name, values in spent.items()}


def logins(stage: Stage, effort: Effort) -> list[Result]:
    """Logins through the core and through Flask, over TLS and plain; OAuth 1.0a plain."""
    results = []
    for scheme, way in (("https", "over TLS"), ("http", "plain")):
        origin, pool = stage.origin(scheme), stage.pool(scheme)
        login = subjects.social_login(origin, stage.transport)
        works = {
            "floor": partial(oauth2, pool, origin, f"{SITE}/callback"),
            "core": subjects.through_core(login, "facebook"),
            "flask": subjects.through_flask(login),
            "bare flask": subjects.through_bare_flask(pool, origin),
            "floor 1.0a": partial(oauth1, pool, origin, f"{SITE}/callback"),
            "core 1.0a": subjects.through_core(login, "twitter"),
        }
        cost = seconds_each(works, effort.rounds, effort.logins)
        floor, floor1 = cost["floor"], cost["floor 1.0a"]
        note, note1 = f"floor {floor * 1e3:.2f} ms", f"floor {floor1 * 1e3:.2f} ms"
        results += [
            Result(f"OAuth 2.0 login, {way}", cost["core"] / floor, 1.8, note=note),
            Result(f"the same through Flask, {way}", cost["flask"] / floor, 3.0, note=note),
            Result(f"(a bare Flask view, {way})", cost["bare flask"] / floor, None, note=note),
            Result(f"OAuth 1.0a login, {way}", cost["core 1.0a"] / floor1, 1.8, note=note1),
        ]
    return results


def new_connections(stage: Stage, effort: Effort) -> list[Result]:
    """Connections that warm logins open."""
    results = []
    for scheme, way in (("https", "over TLS"), ("http", "plain")):
        work = subjects.through_core(
            subjects.social_login(stage.origin(scheme), stage.transport), "facebook"
        )
        work()
        before = subjects.connections(stage.origin(scheme), stage.bundle)
        for _ in range(effort.logins):
            work()
        opened = subjects.connections(stage.origin(scheme), stage.bundle) - before - 1
        results.append(
            Result(f"new connections per warm login, {way}", opened / effort.logins, 0.0, "")
        )
    return results


def session_read(stage: Stage, effort: Effort) -> list[Result]:
    """Reading the signed-in person from the cookie."""
    login = subjects.social_login(stage.origin("http"), stage.transport)
    cost = seconds_each(subjects.cookie_reads(login), effort.rounds, effort.reads)
    note = f"floor {cost['bare'] * 1e6:.1f} µs"
    return [
        Result("open_identity(cookie)", cost["new"] / cost["bare"], 1.8, note=note),
        Result("(a cookie that was opened lately)", cost["again"] / cost["bare"], None, note=note),
    ]


def answer_times(stage: Stage, effort: Effort) -> list[float]:
    """The seconds that answers take: as in the targets, and what they are to this machine."""
    origin, pool = stage.origin("https"), stage.pool("https")
    floor = partial(oauth2, pool, origin, f"{SITE}/callback")
    # The least of several, so that a machine is not taken for slower than it can be.
    least = min(seconds_each({"": floor}, 1, effort.logins)[""] for _ in range(effort.rounds))
    return [ANSWER_SECONDS, ANSWER_SECONDS * max(1.0, least / FLOOR_SECONDS)]


def waiting(who: str, seconds: float) -> str:
    """The name of the work of many who wait so long for each answer."""
    asked = "" if seconds == ANSWER_SECONDS else f", which are {ANSWER_SECONDS * 1e3:.0f} here"
    return f"{who}, answers in {seconds * 1e3:.0f} ms{asked}"


def share_of_ideal(work: Work, times: int, seconds: float) -> float:
    """How much of the time that `THREADS` threads take is the provider's, `seconds` an answer."""

    def several(_: int) -> None:
        for _ in range(times):
            work()

    with ThreadPoolExecutor(THREADS) as executor:
        started = time.perf_counter()
        list(executor.map(several, range(THREADS)))
        took = time.perf_counter() - started
    return times * 2 * seconds / took


def threads(stage: Stage, effort: Effort, seconds: float) -> list[Result]:
    """Logins of many threads while the provider takes its time, against the ideal."""
    name = waiting(f"{THREADS} threads", seconds)
    port = stage.slow(seconds)
    alone = asyncio.run(asynchronous.waited_alone(port, effort.logins_per_thread))
    origin = f"http://localhost:{port}"
    work = subjects.through_core(subjects.social_login(origin, stage.transport), "facebook")
    pool = urllib3.HTTPConnectionPool("localhost", port, maxsize=THREADS, retries=False)
    floor_work = partial(oauth2, pool, origin, f"{SITE}/callback")
    with closing(pool):
        share_of_ideal(floor_work, 1, alone)  # opens the connections
        floor = share_of_ideal(floor_work, effort.logins_per_thread, alone)
    share_of_ideal(work, 1, alone)
    before = subjects.connections(origin, stage.bundle)
    share = share_of_ideal(work, effort.logins_per_thread, alone)
    opened = subjects.connections(origin, stage.bundle) - before - 1
    note = f"floor {floor:.2f}; asked alone, an answer takes {alone * 1e3:.1f} ms"
    return [
        Result(name, share, 0.95, "of ideal", at_most=False, note=note),
        Result(
            f"{name}: new connections per login",
            opened / (THREADS * effort.logins_per_thread), 0.02, "",
        ),
    ]  # fmt: skip


def async_logins(stage: Stage, effort: Effort) -> list[Result]:
    """Asynchronous logins, beside a bare shared client that makes the two calls."""
    results = []
    transport = HttpxTransport({"REQUESTS_CA_BUNDLE": stage.bundle})
    with asynchronous.event_loop() as runner:
        client = asynchronous.bare_client(stage.bundle)
        for scheme, way in (("https", "over TLS"), ("http", "plain")):
            origin = stage.origin(scheme)
            login = asynchronous.social_login(origin, transport)
            works = {
                "bare": asynchronous.through_bare_client(client, origin),
                "core": asynchronous.through_core(login),
            }
            cost = seconds_each(
                {name: repeated(runner, work, effort.logins) for name, work in works.items()},
                effort.rounds,
                1,
            )
            note = f"bare httpx.AsyncClient {cost['bare'] / effort.logins * 1e3:.2f} ms"
            results.append(
                Result(
                    f"async login, {way}", cost["core"] / cost["bare"], 1.0, "× client", note=note
                )
            )
        runner.run(client.aclose())
    return results


def tasks(stage: Stage, effort: Effort, seconds: float) -> list[Result]:
    """Logins of many tasks while the provider takes its time, against the ideal."""
    name = waiting(f"{TASKS} tasks", seconds)
    port, times = stage.slow(seconds), effort.logins_per_task
    origin = f"http://localhost:{port}"
    transport = HttpxTransport({"REQUESTS_CA_BUNDLE": stage.bundle})
    with asynchronous.event_loop() as runner:
        alone = runner.run(asynchronous.waited_alone(port, times))
        client = asynchronous.bare_client(stage.bundle)

        def share(work: asynchronous.AsyncWork) -> tuple[float, int]:
            runner.run(asynchronous.together(work, TASKS, 1))  # opens the connections
            before = subjects.connections(origin, stage.bundle)
            started = time.perf_counter()
            runner.run(asynchronous.together(work, TASKS, times))
            took = time.perf_counter() - started
            opened = subjects.connections(origin, stage.bundle) - before - 1
            return times * 2 * alone / took, opened

        by_hand = asynchronous.ByHand(port)
        floor, _ = share(by_hand)
        bare, _ = share(asynchronous.through_bare_client(client, origin))
        login = asynchronous.social_login(origin, transport)
        ours, opened = share(asynchronous.through_core(login))
        runner.run(by_hand.aclose())
        runner.run(client.aclose())
    note = f"floor {floor:.2f}, bare httpx.AsyncClient {bare:.2f}"
    return [
        Result(name, ours, 0.95, "of ideal", at_most=False, note=note),
        Result(f"{name}: new connections per login", opened / (TASKS * times), 0.02, ""),
    ]


#: What this library can hardly do without; tells how fast the machine imports anything.
STANDARD_LIBRARY = "import dataclasses, hashlib, hmac, json, logging, re, secrets, urllib.parse"
_IMPORT = """
import time
started = time.perf_counter()
{statement}
spent = time.perf_counter() - started
try:
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    memory = [int(status[name].split()[0]) for name in ("VmRSS", "RssAnon")]
except OSError:
    memory = [0, 0]
print(spent, *memory)
"""


def page_views(effort: Effort) -> list[Result]:
    """What the login adds to a view of the app, and its two endpoints, beside bare views."""
    results = []
    with asynchronous.event_loop() as runner:
        for name, works in views.works(runner, effort.logins).items():
            cost = seconds_each(works, effort.rounds, 1)
            for work, bare, words, target in (
                ("with", "bare", "a view with the identity", None),
                ("identity", "bare identity", "GET /auth/identity", 1.5),
                ("box", "bare box", "GET /auth/box", 1.5),
            ):
                microseconds, least = (cost[of] / effort.logins * 1e6 for of in (work, bare))
                note = (
                    f"{microseconds:.0f} µs, {1e6 / microseconds:.0f} a second; "
                    f"the bare view {least:.0f} µs"
                )
                ratio = microseconds / least
                results.append(Result(f"{words}, {name}", ratio, target, "× bare", note=note))
    return results


def imports(effort: Effort) -> list[Result]:
    """Seconds and memory of imports in a fresh interpreter, over a bare one."""
    ours, bare, whole = "import sociallogin", "pass", "from sociallogin import SocialLogin"
    spent: dict[str, list[list[float]]] = {bare: [], STANDARD_LIBRARY: [], ours: [], whole: []}
    for _ in range(effort.imports + 1):  # the first one fills the disk cache
        for statement, values in spent.items():
            command = [sys.executable, "-c", _IMPORT.format(statement=statement)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            values.append([float(number) for number in printed.split()])

    def over_bare(statement: str, column: int) -> float:
        return statistics.median(
            values[column] - nothing[column]
            for values, nothing in zip(spent[statement][1:], spent[bare][1:], strict=True)
        )

    library = f"standard library alone {over_bare(STANDARD_LIBRARY, 0) * 1e3:.0f} ms"
    results = []
    # What stands in __init__ may come later; what every app imports next is told beside it.
    for statement, work, milliseconds, mebibytes in (
        (ours, ours, 60.0, 12.0),
        (whole, f"({whole})", None, None),
    ):
        private = f"{over_bare(statement, 2) / 1024:.1f} MiB of it private"
        results += [
            Result(work, over_bare(statement, 0) * 1e3, milliseconds, "ms", note=library),
            Result(
                f"{work}, memory", over_bare(statement, 1) / 1024, mebibytes, "MiB", note=private
            ),
        ]
    return results


class LoadedAuthorities:
    """Counts how often trusted authorities are loaded into a TLS context."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Self:
        self._original = ssl.SSLContext.load_verify_locations

        def counted(context: ssl.SSLContext, *args: object, **kwargs: object) -> None:
            self.count += 1
            self._original(context, *args, **kwargs)  # type: ignore[arg-type]

        ssl.SSLContext.load_verify_locations = counted  # type: ignore[method-assign, assignment]
        return self

    def __exit__(self, *_: object) -> None:
        ssl.SSLContext.load_verify_locations = self._original  # type: ignore[method-assign]


def measure(effort: Effort) -> list[Result]:
    """All lines of the table."""
    with ExitStack() as stack:
        with LoadedAuthorities() as loaded:
            stage = Stage(stack)
            work = subjects.through_core(
                subjects.social_login(stage.origin("https"), stage.transport), "facebook"
            )
            for _ in range(3):
                work()
                stage.transport.close()  # so that each login opens a connection
        results = logins(stage, effort) + new_connections(stage, effort)
        results.append(Result("TLS contexts made by a process", float(loaded.count), 1.0, ""))
        results += async_logins(stage, effort)
        for seconds in answer_times(stage, effort):
            results += threads(stage, effort, seconds) + tasks(stage, effort, seconds)
        results += session_read(stage, effort)
    results += page_views(effort)
    return results + imports(effort)


def table(results: list[Result]) -> str:
    rows = [("work", "measured", "target", "", "")]
    for result in results:
        bound = (
            "" if result.target is None else f"{'≤' if result.at_most else '≥'} {result.target:g}"
        )
        measured = f"{result.value:.2f} {result.unit}".rstrip()
        rows.append((result.work, measured, bound, result.verdict, result.note))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths).rstrip())
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="hardly measure; see that it runs")
    parser.add_argument("--json", type=Path, help="write the results there too")
    arguments = parser.parse_args()
    results = measure(QUICK if arguments.quick else FULL)
    sys.stdout.write(table(results))
    if arguments.json:
        values = [asdict(result) | {"verdict": result.verdict} for result in results]
        arguments.json.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
