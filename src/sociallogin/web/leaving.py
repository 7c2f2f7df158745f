"""One leaves an account: for another one, or altogether."""

from collections.abc import Mapping
from urllib.parse import urlencode

from ..errors import RequestError
from ..flows import Call, Flow
from ..next_url import safe_next
from .bearers import bearer_of, revoke
from .cookies import CHOOSER_SECONDS
from .forms import GUESTS, OURS, without
from .messages import WebRequest, WebResponse, json_response, see_other
from .site import Site
from .visitor import left_now, remembered_guest


def change(site: Site, request: WebRequest) -> Flow[WebResponse]:
    """Leads to the choices from a box in the app's own form, whose fields must not be lost."""
    form = site.posted(request)
    yield from _leaving(site, request, form)
    query = urlencode({"next": safe_next(form.get("next")), "change": 1})
    return see_other(f"{site.login.config.mount}/?{query}")


def logout(site: Site, request: WebRequest) -> Flow[WebResponse]:
    """Ends this site's session; the next login of this browser asks for an account.

    A guest, here or remembered from another day, is forgotten.

    From a page of another site it ends the bearer, which no stranger's page can send.
    """
    bearer = bearer_of(site.login, request)
    if bearer is not None:
        if not (yield from revoke(site.login, request, bearer)):
            raise RequestError("login_required", "no bearer of the page that asks, or no more")
        return json_response({"identity": None})
    form = site.posted(request)
    yield from _leaving(site, request, form)
    identity = site.identity(request)
    left = left_now(site.login, identity)
    headers = [
        site.cookies.delete(site.cookies.identity),
        site.cookies.set(site.cookies.chooser, left, CHOOSER_SECONDS),
    ]
    if identity is None or identity.is_guest:
        headers += site.cookies.forget(request.cookies, site.cookies.guest)
    return see_other(safe_next(form.get("next"))).adding(headers)


def _leaving(site: Site, request: WebRequest, form: Mapping[str, str]) -> Flow[None]:
    """Hands the app what else stood in its form, when one leaves an account."""
    identity, others = site.identity(request), without(form, OURS | GUESTS)
    leaves = identity or remembered_guest(site.login, site.cookies, request.cookies)
    if site.on_begin is not None and leaves is not None and others:
        yield Call(site.on_begin, (leaves.provider, others))
