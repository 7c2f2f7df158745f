"""Ports for servers that are told theirs before they listen, so that nothing else takes them."""

import os
import socket
from collections.abc import Iterator

#: Below what Linux gives to connections (`ip_local_port_range`), above what Chromium blocks.
LOWEST = 11_000
EACH = 1_000
#: As many test processes have ports of their own.
PROCESSES = 21


def free_port() -> int:
    """A loopback port that nobody has; each is given once by a test process."""
    for port in _ports:
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise RuntimeError("this test process has given all its ports")


def _of_this_process() -> Iterator[int]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    first = LOWEST + EACH * (int(worker) % PROCESSES)
    begin = os.getpid() % EACH  # two runs at once meet less often
    for number in range(EACH):
        yield first + (begin + number) % EACH


_ports = _of_this_process()
