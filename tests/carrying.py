"""A browser's requests carried into an app of any kind, as its server does."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urlsplit
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def location(self) -> str:
        location = self.header("Location")
        assert location is not None, f"no redirection: {self.status} {self.text[:300]}"
        return location

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def set_cookies(self) -> dict[str, str]:
        """Set-Cookie values with their attributes, by name."""
        return {value.partition("=")[0]: value for value in self.all("Set-Cookie")}


#: method, target (path and query), headers, body -> reply
App = Callable[[str, str, Mapping[str, str], bytes], Reply]


def by_wsgi(wsgi_app: Any, script_name: str = "") -> App:
    """Carries requests into a WSGI app, as its server does; `script_name` is its prefix."""

    def app(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        parts = urlsplit(target)
        path = unquote_to_bytes(parts.path).decode("latin-1").removeprefix(script_name)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": script_name,
            "PATH_INFO": path,
            "QUERY_STRING": parts.query,
            "wsgi.input": BytesIO(body),
        }
        if body:
            environ["CONTENT_LENGTH"] = str(len(body))
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        setup_testing_defaults(environ)
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            started[:] = [int(status[:3]), tuple(headers)]
            return NotImplemented

        answer = validator(wsgi_app)(environ, start)
        content = b"".join(answer)
        answer.close()
        return Reply(*started, content)

    return app


def by_asgi(asgi_app: Any, root_path: str = "", *, stripped: bool = False) -> App:
    """Carries requests into an ASGI app, as its server does; `root_path` is its prefix.

    Behind some proxies the prefix is `stripped` from the path.
    """

    def app(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        parts = urlsplit(target)
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(parts.path).removeprefix(root_path if stripped else ""),
            "root_path": root_path,
            "raw_path": parts.path.encode("latin-1"),
            "query_string": parts.query.encode("latin-1"),
            "headers": raw,
            "state": {},
        }
        sent: list[Any] = []
        received = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def carry() -> None:
            answered = asyncio.Event()

            async def receive() -> dict[str, Any]:
                for message in received:
                    return message
                await answered.wait()
                return {"type": "http.disconnect"}

            async def send(message: dict[str, Any]) -> None:
                sent.append(message)
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    answered.set()

            await asgi_app(scope, receive, send)

        asyncio.run(carry())
        answered = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return Reply(sent[0]["status"], tuple(answered), content)

    return app
