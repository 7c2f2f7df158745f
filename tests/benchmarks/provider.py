"""A provider that answers at once, from memory: what is measured is the client.

    python provider.py [--certificate FILE] [--delay SECONDS]

prints its port. It runs in a process of its own, so that its work is not counted, and counts the
connections made to it (`GET /connections`).
"""

import argparse
import asyncio
import json
import ssl
import sys

TOKEN = json.dumps(
    {"access_token": "EAAB" + 180 * "t", "token_type": "bearer", "expires_in": 5184000}
)
ME = json.dumps(
    {
        "id": "10220033445566778",
        "name": "Åsa Lindqvist",
        "email": "asa@example.org",
        "picture": {
            "data": {
                "height": 200,
                "width": 200,
                "is_silhouette": False,
                "url": "https://platform-lookaside.example.com/platform/profilepic/?asid=10220033",
            }
        },
    }
)
ACCOUNT = json.dumps(
    {
        "id": 38895958,
        "id_str": "38895958",
        "name": "Åsa Lindqvist",
        "screen_name": "asalindqvist",
        "location": "Uppsala",
        "description": "Bread, trains, type systems.",
        "url": None,
        "entities": {"description": {"urls": []}},
        "protected": False,
        "verified": False,
        "profile_image_url_https": "https://pbs.example.com/profile_images/1/abc_normal.jpg",
        "email": "asa@example.org",
    }
)


def answer(body: str, content_type: str = "application/json; charset=UTF-8") -> bytes:
    """The bytes of a 200, with the headers that providers tend to send."""
    encoded = body.encode()
    head = (
        "HTTP/1.1 200 OK",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(encoded)}",
        "Cache-Control: private, no-cache, no-store, must-revalidate",
        "Pragma: no-cache",
        "Date: Tue, 24 Nov 2026 10:00:00 GMT",
        "Connection: keep-alive",
    )
    return "\r\n".join((*head, "", "")).encode() + encoded


ANSWERS = {
    b"/token": answer(TOKEN),
    b"/me": answer(ME),
    b"/request_token": answer(
        f"oauth_token={27 * 'r'}&oauth_token_secret={32 * 's'}&oauth_callback_confirmed=true",
        "text/html;charset=utf-8",
    ),
    b"/access_token": answer(
        f"oauth_token=38895958-{40 * 'a'}&oauth_token_secret={45 * 's'}"
        "&user_id=38895958&screen_name=asalindqvist",
        "text/html;charset=utf-8",
    ),
    b"/account": answer(ACCOUNT),
}


class Canned(asyncio.Protocol):
    """One connection: a whole request in, its answer out."""

    connections = 0

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        Canned.connections += 1

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        _, _, length = head.lower().partition(b"content-length: ")
        if len(body) < int(length.split(b"\r\n", 1)[0] or 0):
            return
        self._received = b""
        path = head.split(b" ", 2)[1].split(b"?", 1)[0]
        answered = ANSWERS.get(path) or answer(str(Canned.connections))
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, answered)
        else:
            self._transport.write(answered)


async def serve(certificate: str | None, delay: float) -> None:
    """Serves until standard input ends, as it does when the parent ends."""
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Canned(delay), "127.0.0.1", 0, ssl=context)
    async with server:
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate")
    parser.add_argument("--delay", type=float, default=0.0)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.certificate, arguments.delay))
