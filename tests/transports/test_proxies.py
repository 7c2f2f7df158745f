"""The way through the proxies that the environment names."""

import logging
import select
import socket
from base64 import b64encode

import pytest

from ports import free_port
from sociallogin.errors import ConfigError, ProviderError
from transports.asking import ask
from transports.peer import answer, until_hung_up


def tunnel(received):
    """A proxy that connects wherever it is told to."""
    host, _, port = received.line.split()[1].rpartition(":")

    def carry(sock):
        with socket.create_connection((host, int(port))) as far:
            ends = {sock: far, far: sock}
            while True:
                for readable in select.select(list(ends), [], [])[0]:
                    data = readable.recv(65536)
                    if not data:
                        return
                    ends[readable].sendall(data)

    return [b"HTTP/1.1 200 Connection established\r\n\r\n", carry]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_https_goes_through_the_proxy_of_the_environment(
    make, kind, peer, context, bundle, variable, tls
):
    provider, proxy = peer(context=context()), peer(tunnel, context() if tls else None)
    environ = {variable: proxy.origin, "REQUESTS_CA_BUNDLE": bundle}
    transport = make(environ)
    environ.clear()  # the environment is read once
    assert ask(transport, provider.origin, Authorization="Bearer secret").status == 200
    assert ask(transport, provider.origin).status == 200
    (connect,) = proxy.requests  # one tunnel, kept alive
    assert connect.line.startswith(f"CONNECT localhost:{provider.port} HTTP/1.")
    assert "authorization" not in connect.headers
    assert provider.requests[0].headers["authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    "hosts", ["localhost", "*", "example.org, localhost", ".example, LOCALHOST"]
)
def test_no_proxy_names_hosts_that_are_asked_directly(make, peer, context, bundle, hosts):
    provider, proxy = peer(context=context()), peer(tunnel)
    environ = {"HTTPS_PROXY": proxy.origin, "NO_PROXY": hosts, "REQUESTS_CA_BUNDLE": bundle}
    assert ask(make(environ), provider.origin).status == 200
    assert proxy.connections == 0


def test_a_proxy_s_password_is_sent_to_it_alone_and_told_nobody(make, peer, bundle):
    proxy = peer(answer(status="407 Proxy Authentication Required"))
    url = proxy.origin.replace("//", "//somebody:hunter2@")
    transport = make({"HTTPS_PROXY": url, "REQUESTS_CA_BUNDLE": bundle})
    with pytest.raises(ProviderError) as caught:
        ask(transport, "https://login.example.org/")
    assert proxy.requests[0].headers["proxy-authorization"] == "Basic c29tZWJvZHk6aHVudGVyMg=="
    assert caught.value.code == "provider_unreachable"
    assert "(through the proxy localhost): the proxy makes no connection" in caught.value.hint
    assert "hunter2" not in str(caught.value)


def test_a_proxy_that_is_down_is_named(make, bundle):
    port = free_port()
    transport = make({"HTTPS_PROXY": f"127.0.0.1:{port}", "REQUESTS_CA_BUNDLE": bundle})
    with pytest.raises(ProviderError) as caught:
        ask(transport, "https://login.example.org/")
    assert caught.value.code == "provider_unreachable"
    assert "(through the proxy 127.0.0.1): the proxy makes no connection" in caught.value.hint


def test_plain_http_goes_through_a_proxy_on_this_machine_only(make, peer):
    provider, proxy = peer(), peer()
    ask(make({"HTTP_PROXY": proxy.origin.replace("//", "//a:b@")}), f"{provider.origin}/me?a=1")
    assert proxy.requests[0].line == f"GET {provider.origin}/me?a=1 HTTP/1.1"
    assert proxy.requests[0].headers["proxy-authorization"] == "Basic YTpi"
    assert provider.requests == []
    ask(make({"HTTP_PROXY": "http://proxy.example.org:3128"}), provider.origin)
    assert len(provider.requests) == 1


@pytest.mark.parametrize("url", ["socks5://localhost:1080", "http://", "http://localhost:none"])
def test_a_wrong_proxy_is_told_at_the_start(make, url):
    with pytest.raises(ConfigError, match="HTTPS_PROXY"):
        make({"HTTPS_PROXY": url})


def test_d1_the_log_of_a_login_through_a_tunnel_holds_no_secret(
    make, peer, context, bundle, caplog
):
    caplog.set_level(logging.DEBUG)
    provider, proxy = peer(answer(b"hunter3"), context()), peer(tunnel)
    url = proxy.origin.replace("//", "//somebody:hunter2@")
    transport = make({"HTTPS_PROXY": url, "REQUESTS_CA_BUNDLE": bundle})
    answered = ask(transport, provider.origin, "POST", body=b"hunter4", Authorization="hunter5")
    assert (answered.body, provider.requests[0].body) == (b"hunter3", b"hunter4")
    credentials = b64encode(b"somebody:hunter2").decode()
    assert proxy.requests[0].headers["proxy-authorization"] == f"Basic {credentials}"
    assert "hunter" not in caplog.text
    assert credentials not in caplog.text


@pytest.mark.parametrize("said", [b"", b"SSH-2.0\r\n\r\n", answer(status="502 Bad Gateway")])
def test_a_proxy_that_fails_leaves_no_connection(make, peer, bundle, said):
    proxy = peer(lambda _: [said, until_hung_up])
    transport = make({"HTTPS_PROXY": proxy.origin, "REQUESTS_CA_BUNDLE": bundle})
    with pytest.raises(ProviderError):
        ask(transport, "https://login.example.org/", seconds=0.3)
    proxy.wait_until_hung_up()
