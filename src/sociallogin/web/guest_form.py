"""One comments as a guest, who has only said who they are."""

from ..errors import RequestError
from ..flows import Call, Flow
from ..identity import GUEST
from ..next_url import safe_next
from .forms import GUESTS, OURS, is_yes, without
from .messages import WebRequest, WebResponse, see_other
from .site import Site


def guest(site: Site, request: WebRequest) -> Flow[WebResponse]:
    """Signs the guest in, or gives the form back with what is wrong and what was typed."""
    form = site.posted(request)
    try:
        identity = site.guest(request, form)
    except RequestError as error:
        return site.failure(request, error, values=form)
    if site.on_begin is not None:
        yield Call(site.on_begin, (GUEST, without(form, OURS | GUESTS)))
    remember = is_yes(form.get("remember"))
    return see_other(safe_next(form.get("next"))).adding(
        site.signing_in(identity, remember=remember)
    )
