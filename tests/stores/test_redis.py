"""One-time use, counted in a real Redis."""

import socket
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme

from redis_server import RedisServer
from sociallogin import StoreError
from sociallogin.stores.redis import RedisStore

PASSWORD = "S3NTINEL:p@ss/w%rd"

pytestmark = pytest.mark.server


@pytest.fixture
def store(redis_server: RedisServer) -> RedisStore:
    return RedisStore(redis_server.url)


def failure(store: RedisStore) -> StoreError:
    """How a use fails; none of what it says tells the password."""
    with pytest.raises(StoreError) as caught:
        store.use("name", 60)
    error = caught.value
    assert (error.code, error.status) == ("store_unavailable", 503)
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(store) + error.message
    assert "S3NTINEL" not in told
    return error


def test_a_name_is_used_once_for_all_who_share_it(
    store: RedisStore, redis_server: RedisServer
) -> None:
    other = RedisStore(redis_server.url)
    assert [store.use("a", 60), other.use("a", 60), store.use("a", 60)] == [True, False, False]
    assert other.use("b", 60)


def test_a_use_ends_by_itself(store: RedisStore, redis_server: RedisServer) -> None:
    store.use("site:login:1", 660)
    assert redis_server.ask("KEYS", "*") == ["sociallogin:site:login:1"]
    lasts = redis_server.ask("TTL", "sociallogin:site:login:1")
    assert isinstance(lasts, int)
    assert 650 < lasts <= 660
    redis_server.ask("PEXPIRE", "sociallogin:site:login:1", 0)
    assert store.use("site:login:1", 660)


def test_of_many_threads_at_two_stores_one_is_first(redis_server: RedisServer) -> None:
    stores = [RedisStore(redis_server.url), RedisStore(redis_server.url)]
    together = threading.Barrier(50)

    def use(number: int) -> list[bool]:
        together.wait(10)
        return [stores[number % 2].use(f"name {name}", 60) for name in range(20)]

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(use, range(50)))
    assert [sum(firsts) for firsts in zip(*answers, strict=True)] == [1] * 20


def test_connections_are_kept(store: RedisStore, redis_server: RedisServer) -> None:
    for number in range(20):
        store.use(f"name {number}", 60)
    clients = str(redis_server.ask("CLIENT", "LIST", "TYPE", "normal")).splitlines()
    assert len(clients) == 2, "the store's, and the one that asks"


def test_a_connection_that_the_server_closed_is_replaced(
    store: RedisStore, redis_server: RedisServer
) -> None:
    store.use("a", 60)
    assert redis_server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") == 1
    assert not store.use("a", 60)


@pytest.mark.skipif(not hasattr(socket, "TCP_KEEPIDLE"), reason="named otherwise here")
def test_an_idle_connection_is_kept_alive(store: RedisStore) -> None:
    store.use("a", 60)
    (connection,) = store._redis.connection_pool._available_connections
    kept = connection._sock
    assert kept.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert kept.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60


FORK = """
import os, sys
from sociallogin.stores.redis import RedisStore
store = RedisStore(sys.argv[1])
store.use("before", 60)
child = os.fork()
who = "parent" if child else "child"
firsts = [store.use(f"{who} {number}", 60) for number in range(500)]
known = store.use("before", 60)
if not child:
    os._exit(0 if all(firsts) and not known else 1)
assert os.waitpid(child, 0)[1] == 0, "the child"
assert all(firsts) and not known, "the parent"
"""


def test_connections_are_not_shared_across_a_fork(redis_server: RedisServer) -> None:
    command = [sys.executable, "-c", textwrap.dedent(FORK), redis_server.url]
    assert subprocess.run(command, timeout=30, check=False).returncode == 0


def test_a_unix_socket_serves_too(redis_program: str, tmp_path: Path) -> None:
    path = tmp_path / "redis.sock"
    with RedisServer(redis_program, tmp_path, unixsocket=str(path)) as server:
        store = RedisStore(f"unix://{path}?db=3")
        assert [store.use("a", 60), store.use("a", 60)] == [True, False]
        assert str(server.ask("INFO", "keyspace")["db3"]["keys"]) == "1"  # type: ignore[index]
        assert str(path) in repr(store)


@pytest.mark.parametrize("named", ["127.0.0.1", "redis.example.com"])
def test_over_tls_the_certificate_is_checked(
    redis_program: str, tmp_path: Path, named: str
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate = authority.issue_cert(named)
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "redis.pem"))
    pem = str(tmp_path / "redis.pem")
    options = {"tls-cert-file": pem, "tls-key-file": pem, "tls-auth-clients": "no", "port": "0"}
    server = RedisServer(redis_program, tmp_path, **options)
    server._options["tls-port"] = str(server.port)
    with server:
        url = server.url.replace("redis:", "rediss:")
        trusting = RedisStore(f"{url}?ssl_ca_certs={tmp_path / 'ca.pem'}")
        if named in url:
            assert [trusting.use("a", 60), trusting.use("a", 60)] == [True, False]
        else:
            assert "SSLCertVerificationError" in failure(trusting).hint
        assert "SSLCertVerificationError" in failure(RedisStore(url)).hint
        unchecked = RedisStore(f"{url}?ssl_cert_reqs=none")
        assert unchecked.use("b", 60)


def test_a_password_with_any_character_works_percent_encoded(redis_server: RedisServer) -> None:
    redis_server.ask("ACL", "SETUSER", "site", "on", f">{PASSWORD}", "~sociallogin:*", "+set")
    user = f"site:{quote(PASSWORD, safe='')}"
    store = RedisStore(redis_server.url.replace("//", f"//{user}@"))
    assert [store.use("a", 60), store.use("a", 60)] == [True, False]


def test_a_wrong_password_is_told_as_such(redis_server: RedisServer) -> None:
    wrong = RedisStore(redis_server.url.replace("//", "//:S3NTINEL-wrong@"))
    assert "refuses the user name or the password" in failure(wrong).hint
    redis_server.ask("CONFIG", "SET", "requirepass", "another")
    assert "refuses the user name or the password" in failure(RedisStore(redis_server.url)).hint


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (("ACL", "SETUSER", "default", "resetkeys", "~other:*"), "NoPermissionError"),
        (("CONFIG", "SET", "maxmemory", "1"), "OutOfMemoryError"),
        (("CONFIG", "SET", "min-replicas-to-write", "1"), "NOREPLICAS"),
        (("REPLICAOF", "127.0.0.1", "1"), "ReadOnlyError"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_redis_that_does_not_write_fails_closed(
    store: RedisStore, redis_server: RedisServer, setting: tuple[str, ...], said: str
) -> None:
    redis_server.ask(*setting)
    error = failure(store)
    assert said in error.hint
    assert f"127.0.0.1:{redis_server.port}" in error.hint


def failure_in_time(store: RedisStore) -> StoreError:
    """A failure that holds the caller no longer than the one second says, on a busy machine."""
    before = time.monotonic()
    error = failure(store)
    assert time.monotonic() - before < 30
    assert "does not answer in time" in error.hint
    return error


@pytest.mark.parametrize("url", ["redis://{}", "redis://:S3NTINEL@{}/1", "rediss://{}"])
def test_a_redis_that_accepts_and_never_answers_is_left_in_time(url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        failure_in_time(RedisStore(url.format(f"127.0.0.1:{silent.getsockname()[1]}")))


def test_a_redis_that_falls_silent_is_left_in_time_and_used_again(
    store: RedisStore, redis_server: RedisServer
) -> None:
    store.use("a", 60)
    redis_server.freeze()
    try:
        failure_in_time(store)
    finally:
        redis_server.thaw()
    assert not store.use("a", 60)


def test_a_redis_that_goes_and_comes_back_is_used_again(
    store: RedisStore, redis_server: RedisServer
) -> None:
    store.use("a", 60)
    redis_server.stop()
    assert "cannot be reached (ConnectionRefusedError)" in failure(store).hint
    redis_server.start()
    assert store.use("a", 60), "it kept nothing"


def test_a_host_without_an_address_cannot_be_reached() -> None:
    error = failure(RedisStore("redis://:S3NTINEL@redis.invalid:6380/2"))
    assert error.hint == "Redis at redis.invalid:6380 cannot be reached (gaierror)"


@pytest.mark.parametrize(
    "url",
    [
        "", "redis", "redis:/h", "http://h", "redis://h/x", "redis://h/1/2", "redis://h:x",
        "redis://h:70000", "redis://[::1", "redis://h\n", "redis://h h", "redis://h?db=x",
        "redis://h?colour=red", "redis://h?protocol=9", "rediss://h?ssl_cert_reqs=maybe",
        "unix://redis.sock", "unix:///",
        # A password that is not percent-encoded must not become a host, a port or an option.
        "redis://:S3NTINEL#x@h", "redis://:12?S3NTINEL@h", "redis://:12/S3NTINEL@h",
        "redis://:S3NTINEL/1@h", "redis://:S3NTINEL?db=1@h",
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_redis_url_is_a_value_error_that_quotes_nothing(url: str) -> None:
    with pytest.raises(ValueError, match=r"^not a Redis URL$") as caught:
        RedisStore(url)
    assert "S3NTINEL" not in "".join(traceback.format_exception(caught.value))
