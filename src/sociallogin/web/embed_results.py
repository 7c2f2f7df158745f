"""What a login came to is left here for the page of another site, which fetches it once.

It lies under the page's challenge for two minutes. Who brings the verifier, from that page's
origin, and the code, where the login went on in the page's own tab, is given a bearer for it.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import Any

from .. import stores
from ..errors import RequestError, SocialLoginError, StoreError
from ..flows import Flow
from ..identity import Identity
from ..sealing import SealBroken, SealEnded
from ..transactions import Embedding
from .bearers import issue, lifetime
from .cors import listed_origin
from .forms import first
from .messages import WebRequest, WebResponse, json_response, see_other
from .reading import told
from .site import Site

#: So long a result waits for its page.
SECONDS = 120

_VERIFIER = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes in base64url


def ended(
    site: Site, request: WebRequest, embedding: Embedding, outcome: Identity | SocialLoginError
) -> Flow[WebResponse]:
    """Leaves what a login came to for its page, and leads there or says so."""
    error = outcome if isinstance(outcome, SocialLoginError) else None
    code = _base64url(site.login.random(32)) if embedding.return_url else ""
    left = error is None or error.code != "state_replayed"  # or it took the place of the first
    if left:
        try:
            yield from _leave(site, embedding, code, outcome)
        except StoreError as failure:
            error, left = failure, False
    if error is not None and request.wants_json:
        return site.failure(request, error)
    if embedding.return_url and left:
        return see_other(f"{embedding.return_url}#sociallogin={code}")
    identity = outcome if isinstance(outcome, Identity) else None
    return site.with_token(
        request, lambda view: site.pages.embed_ended(view, embedding, identity), None, error=error
    )


def redeem(site: Site, request: WebRequest) -> Flow[WebResponse]:
    """Gives the page what its login came to, once; 202 where there is nothing for it (yet)."""
    try:
        result = yield from _result(site, request)
        if result is None:
            return json_response({"pending": True}, 202)
        if "identity" not in result:
            raise _error_of(result)
        identity = Identity.from_dict(result["identity"])
        bearer = yield from issue(site.login, identity, result["origin"])
    except SocialLoginError as error:
        return site.error_json(request, error)
    return json_response(
        {
            "access_token": bearer,
            "token_type": "Bearer",
            "expires_in": lifetime(site.login),
            "identity": told(site, identity),
        }
    )


def _leave(
    site: Site, embedding: Embedding, code: str, outcome: Identity | SocialLoginError
) -> Flow[None]:
    result: dict[str, Any] = {"origin": embedding.origin, "code": code}
    if isinstance(outcome, Identity):
        result["identity"] = outcome.to_dict()
    else:
        result["error"] = [outcome.code, outcome.provider, outcome.retry_after, outcome.sentence]
    sealed = site.login.sealer.seal(_PURPOSE, result, SECONDS)
    yield from stores.put(site.login.store, _name(site, embedding.challenge), sealed, SECONDS)


def _result(site: Site, request: WebRequest) -> Flow[dict[str, Any] | None]:
    """What was left for this request, which is taken by it; None where there is nothing.

    Raises:
        RequestError: `origin_not_allowed`: not for this origin; `bad_request`: no such verifier.
        StoreError: the store failed.
    """
    origin = listed_origin(site.login.config, request)
    if origin is None:
        raise RequestError("origin_not_allowed", "the page's origin is not in embed_origins")
    form = first(request.form)
    verifier = form.get("verifier", "")
    if not _VERIFIER.fullmatch(verifier):
        raise RequestError("bad_request", "`verifier` must be 32 bytes in base64url")
    name = _name(site, _base64url(hashlib.sha256(verifier.encode()).digest()))
    result = _opened(site, (yield from stores.get(site.login.store, name)))
    if result is None:
        return None
    if result["origin"] != origin:
        raise RequestError("origin_not_allowed", "the login was for a page of another origin")
    if not hmac.compare_digest(result["code"].encode(), form.get("code", "").encode()):
        return None
    taken = yield from stores.take(site.login.store, name)  # of two at once, one
    return _opened(site, taken)


_PURPOSE = "embed result"


def _opened(site: Site, sealed: str | None) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] | None = (
            None if sealed is None else site.login.sealer.open(_PURPOSE, sealed).value
        )
    except (SealBroken, SealEnded):  # its time is over, or the keys are others by now
        return None
    return found


def _error_of(result: dict[str, Any]) -> SocialLoginError:
    code, provider, retry_after, sentence = result["error"]
    error = SocialLoginError(code, provider=provider, retry_after=retry_after)
    error.sentence = sentence
    return error


def _name(site: Site, challenge: str) -> str:
    return f"{site.login.config.base_url}:embed:{challenge}"


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
