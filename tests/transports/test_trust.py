"""Whom a request may reach: schemes, certificates, authorities."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
import trustme

from ports import free_port
from sociallogin.errors import ConfigError, ProviderError
from transports.asking import ask


def test_i1_a_refused_connection_is_unreachable(get):
    port = free_port()
    with pytest.raises(ProviderError) as caught:
        get(f"http://localhost:{port}/me?appsecret_proof=abc")
    assert caught.value.code == "provider_unreachable"
    assert "localhost: it refuses connections" in caught.value.hint
    assert "abc" not in caught.value.hint


def test_what_the_caller_was_handling_is_not_taken_for_the_cause(get):
    port = free_port()
    try:
        raise TimeoutError("of the app's own")
    except TimeoutError:
        for url, headers in ((f"http://localhost:{port}", {}), ("http://localhost:1", {"A": "\n"})):
            with pytest.raises(ProviderError) as caught:
                get(url, **headers)
            assert caught.value.code == "provider_unreachable"


def test_i1_a_name_that_cannot_be_resolved_is_unreachable(get, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ProviderError) as caught:
        get("https://login.example.org/")
    assert caught.value.code == "provider_unreachable"
    assert "login.example.org: its name cannot be resolved" in caught.value.hint


@pytest.mark.parametrize(
    ("certificate", "cause"),
    [
        ({"expired": True}, "has expired"),
        ({"issuer": trustme.CA()}, "authority that is not trusted"),
        ({"names": ["elsewhere.example"]}, "is for another name"),
    ],
    ids=["expired", "untrusted", "wrong-name"],
)
def test_i1_a_bad_certificate_is_named_and_nothing_is_sent(peer, post, context, certificate, cause):
    named = {name: value for name, value in certificate.items() if name != "names"}
    provider = peer(context=context(*certificate.get("names", []), **named))
    with pytest.raises(ProviderError) as caught:
        post(provider.origin)
    assert caught.value.code == "provider_unreachable"
    assert cause in caught.value.hint
    assert provider.requests == []


@pytest.mark.server
def test_i1_a_server_that_speaks_no_tls_is_unreachable(get):
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as executor:

        def refuse():
            with listener.accept()[0] as sock:
                sock.recv(65536)
                sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        executor.submit(refuse)
        with pytest.raises(ProviderError) as caught:
            get(f"https://localhost:{listener.getsockname()[1]}/")
    assert caught.value.code == "provider_unreachable"
    assert "TLS failed: WRONG_VERSION_NUMBER" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example.org/token", "ftp://localhost/token", "file:///etc/passwd",
        "//localhost/", "https:///token", "https://localhost:99999/", "https://[::1/", "",
        "http://127.0.0.1.example.org/", "http://[::2]/",
    ],
)  # fmt: skip
def test_only_https_is_used_but_on_this_machine(get, url, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", pytest.fail)
    with pytest.raises(ProviderError) as caught:
        get(url)
    assert caught.value.code == "provider_unreachable"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST"])
def test_plain_http_reaches_this_machine(peer, get, host):
    assert get(f"http://{host}:{peer().port}/").status == 200


def test_a_second_address_is_tried_where_the_first_refuses(peer, get, monkeypatch):
    provider, real = peer(), socket.getaddrinfo

    def two(host, *args, **kwargs):
        found = real("127.0.0.1", *args, **kwargs)
        refused = (*found[0][:4], ("127.0.0.2", found[0][4][1]))
        return [refused, *found] if host == "localhost" else real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", two)
    assert get(provider.origin).status == 200


def test_requests_ca_bundle_comes_before_ssl_cert_file(make, peer, context, bundle, tmp_path):
    other = tmp_path / "other.pem"
    other.write_bytes(trustme.CA().cert_pem.bytes())
    provider = peer(context=context())
    environ = {"REQUESTS_CA_BUNDLE": bundle, "SSL_CERT_FILE": str(other)}
    assert ask(make(environ), provider.origin).status == 200
    assert ask(make({"SSL_CERT_FILE": bundle}), provider.origin).status == 200
    with pytest.raises(ProviderError):
        ask(make({"SSL_CERT_FILE": str(other)}), provider.origin)
    with pytest.raises(ProviderError):
        ask(make({}), provider.origin)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("content", [None, "no certificate"], ids=["absent", "no-pem"])
def test_a_wrong_bundle_is_told_at_the_start(make, variable, content, tmp_path):
    path = tmp_path / "bundle.pem"
    if content:
        path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        make({variable: str(path)})
    assert variable in str(caught.value)
    assert str(path) in str(caught.value)
