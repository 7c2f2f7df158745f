"""What a request tells about a login whose cookie is lost."""

import re

from .messages import WebRequest

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
_DEFAULT_PORT = {"http": ":80", "https": ":443"}


def mismatch(request: WebRequest, base_url: str) -> str:
    """How the request's address differs from the configured one: the end of a hint, or nothing.

    Headers are evidence here and no more: no URL is made from them.
    """
    scheme, _, ours = base_url.partition("://")
    host = request.headers.get("host", "").lower().removesuffix(_DEFAULT_PORT[scheme])
    if _HOST.fullmatch(host) and host != ours:
        return f"; this request came to the host {host}, but base_url says {ours}: use one name"
    forwarded = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    if forwarded in _DEFAULT_PORT and forwarded != scheme:
        return (
            f"; X-Forwarded-Proto says that the browser came by {forwarded}://, but base_url says "
            f"{scheme}://: use one scheme, or let the proxy send $scheme"
        )
    if not forwarded and request.scheme == "http" and scheme == "https":
        return (
            "; this request came by http:// and no proxy says in X-Forwarded-Proto that the "
            "browser used https://: on http:// a browser keeps no cookie of an https:// site"
        )
    return ""
