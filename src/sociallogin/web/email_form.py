"""One adds the e-mail address that an account did not share."""

from .. import guests
from ..errors import RequestError
from ..next_url import safe_next
from .messages import WebRequest, WebResponse, see_other
from .site import Site


def email(site: Site, request: WebRequest) -> WebResponse:
    """Signs the account in with the address, or gives the form back with what is wrong.

    Raises:
        RequestError: `cross_site_request`; `login_required`: nobody is logged in.
    """
    form = site.posted(request)
    current = site.identity(request)
    if current is None:
        raise RequestError("login_required")
    answer = see_other(safe_next(form.get("next")))
    if not site.login.lacks_email(current):  # pressed twice, or given in another tab
        return answer
    try:
        identity = guests.with_email(current, form)
    except RequestError as error:
        return site.failure(request, error, values=form)
    return answer.adding(site.signing_in(identity))
