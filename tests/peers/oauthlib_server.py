"""A small OAuth 1.0a provider on oauthlib's own endpoints (RFC 5849), on a loopback socket."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from oauthlib.oauth1 import RequestValidator, WebApplicationServer


@dataclass
class Issued:
    """A token of either kind."""

    secret: str
    callback: str = ""
    verifier: str = ""


class Validator(RequestValidator):  # type: ignore[misc]  # the stubs leave it Any
    """One client; tokens of any letters. Nonces are remembered: each request counts once."""

    enforce_ssl = False
    allowed_signature_methods = ("HMAC-SHA1",)
    nonce_length = (20, 64)
    dummy_client = dummy_request_token = dummy_access_token = "dummy"

    def __init__(self, client_key: str, client_secret: str, callback: str) -> None:
        super().__init__()
        self._client = (client_key, client_secret)
        self._callback = callback
        self._request_tokens: dict[str, Issued] = {}
        self._access_tokens: dict[str, Issued] = {}
        self._nonces: set[tuple[str, str]] = set()

    # What its letters and lengths are is the provider's own affair.
    def _any(self, text: str) -> bool:
        return bool(text)

    check_client_key = check_request_token = check_access_token = check_verifier = _any

    def validate_client_key(self, client_key: str, request: Any) -> bool:
        return client_key == self._client[0]

    def get_client_secret(self, client_key: str, request: Any) -> str:
        return self._client[1]

    def validate_timestamp_and_nonce(
        self,
        client_key: str,
        timestamp: str,
        nonce: str,
        request: Any,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        fresh = (timestamp, nonce) not in self._nonces
        self._nonces.add((timestamp, nonce))
        return fresh

    def validate_redirect_uri(self, client_key: str, redirect_uri: str, request: Any) -> bool:
        return redirect_uri == self._callback

    def get_default_realms(self, client_key: str, request: Any) -> list[str]:
        return []

    def get_realms(self, token: str, request: Any) -> list[str]:
        return []

    def validate_requested_realms(self, client_key: str, realms: Any, request: Any) -> bool:
        return True

    def validate_realms(
        self, client_key: str, token: str, request: Any, uri: Any = None, realms: Any = None
    ) -> bool:
        return True

    def save_request_token(self, token: dict[str, str], request: Any) -> None:
        issued = Issued(token["oauth_token_secret"], request.redirect_uri)
        self._request_tokens[token["oauth_token"]] = issued

    def verify_request_token(self, token: str, request: Any) -> bool:
        return token in self._request_tokens

    def validate_request_token(self, client_key: str, token: str, request: Any) -> bool:
        return token in self._request_tokens

    def get_request_token_secret(self, client_key: str, token: str, request: Any) -> str:
        return self._request_tokens[token].secret if token in self._request_tokens else "dummy"

    def get_redirect_uri(self, token: str, request: Any) -> str:
        return self._request_tokens[token].callback

    def save_verifier(self, token: str, verifier: dict[str, str], request: Any) -> None:
        self._request_tokens[token].verifier = verifier["oauth_verifier"]

    def validate_verifier(self, client_key: str, token: str, verifier: str, request: Any) -> bool:
        issued = self._request_tokens.get(token)
        return issued is not None and bool(verifier) and issued.verifier == verifier

    def invalidate_request_token(self, client_key: str, request_token: str, request: Any) -> None:
        del self._request_tokens[request_token]

    def save_access_token(self, token: dict[str, str], request: Any) -> None:
        self._access_tokens[token["oauth_token"]] = Issued(token["oauth_token_secret"])

    def validate_access_token(self, client_key: str, token: str, request: Any) -> bool:
        return token in self._access_tokens

    def get_access_token_secret(self, client_key: str, token: str, request: Any) -> str:
        return self._access_tokens[token].secret if token in self._access_tokens else "dummy"


class OAuthlibServer:
    """The provider on a socket.

    Args:
        client_key, client_secret, callback: the app registered with it.
        tokens: makes its tokens, token secrets and verifiers.
        user: what it tells of whoever logs in; its `id_str` is the token's `user_id`.

    Attributes:
        url: where it is.
        refused: how many requests it did not accept.
    """

    def __init__(
        self,
        client_key: str,
        client_secret: str,
        callback: str,
        tokens: Callable[[], str],
        user: dict[str, str],
    ) -> None:
        self._provider = WebApplicationServer(Validator(client_key, client_secret, callback))
        self._provider.token_generator = tokens
        self._user = user
        self.refused = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def log_message(self, format: str, *args: Any) -> None:
                """Is silent."""

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                uri = f"{outer.url}{self.path}"
                headers, text, status = outer.answer(
                    self.command, uri, dict(self.headers.items()), body
                )
                content = (text or "").encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def answer(
        self, method: str, uri: str, headers: dict[str, str], body: str
    ) -> tuple[dict[str, str], str | None, int]:
        """Headers, body and status for a request."""
        step = uri.removeprefix(self.url).partition("?")[0]
        user_id = {"user_id": self._user["id_str"]}
        if step == "/request_token":
            result = self._provider.create_request_token_response(uri, method, body, headers)
        elif step == "/access_token":
            result = self._provider.create_access_token_response(
                uri, method, body, headers, credentials=user_id
            )
        else:
            valid, _ = self._provider.validate_protected_resource_request(
                uri, method, body, headers
            )
            kind = {"Content-Type": "application/json"}
            result = (kind, json.dumps(self._user if valid else {}), 200 if valid else 401)
        self.refused += result[2] != 200
        return result  # type: ignore[no-any-return]

    def consent(self, authorize_url: str) -> str:
        """What a person who says yes is sent to."""
        headers, _, status = self._provider.create_authorization_response(authorize_url, "POST")
        assert status == 302
        location: str = headers["Location"]
        return location

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
