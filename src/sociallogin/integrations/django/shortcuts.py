"""What views use: the box, signing in, and a guard."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe

from ...errors import SocialLoginError
from ...identity import Identity
from ...web.visit import Visit
from .messages import django_response, set_cookie, web_request
from .site import site

#: What a request has whose page shows the box, which is in the language of its browser.
SHOWS_BOX = "sociallogin box"

View = TypeVar("View", bound=Callable[..., Any])
Reply = TypeVar("Reply", bound=HttpResponse)


def box(
    request: HttpRequest,
    next_url: str | None = None,
    change: bool = False,
    error: SocialLoginError | None = None,
    form: str | None = None,
    values: Mapping[str, str] | None = None,
) -> SafeString:
    """The comment box as markup; in templates `{% sociallogin_box next_url form=… %}`.

    Args:
        request: the page's request.
        next_url: the page that it stands in, where logins come back to; by default this one.
        change: whether to show the choices although somebody is logged in.
        error: a failure to report, `guest_invalid` with its fields.
        form: the id of the app's own form, which the buttons and fields then belong to.
        values: what stood in the guest fields.
    """
    getattr(request, "identity", None)  # so that the middleware says `Vary: Cookie`
    vars(request)[SHOWS_BOX] = True
    markup = visit_of(request).box(next_url, change, error, form, values)
    return mark_safe(markup)  # noqa: S308  (rendered with every value escaped)


def commenter(request: HttpRequest, form: Mapping[str, str]) -> Identity:
    """Who comments with the app's form in which the box stands; sign them in if they are new.

    The guest whose `name`, `email` and `website` it holds; or who is logged in, with the
    `email` that the form adds where the account shared none and the policy wants one.

    Raises:
        RequestError: `guest_invalid`, with `fields`; `guest_not_allowed` by the policy;
            `login_required`: the form showed an account, whose session has ended since.
    """
    return visit_of(request).commenter(form)


def sign_in(response: Reply, identity: Identity, *, remember: bool | None = None) -> Reply:
    """Signs `identity` in; if not told to remember, a guest until the browser closes."""
    for _, header in site().endpoints.signing_in(identity, remember=remember):
        set_cookie(response, header)
    return response


def login_required(view: View) -> View:
    """Decorates a view, asynchronous or not, that needs somebody who is logged in.

    Anybody else is sent to the choices by a 303, or answered 401 where JSON is asked for. For
    views that are classes there is `LoginRequiredMixin`.
    """

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
        return view(request, *args, **kwargs) if request.identity else _turned_away(request)

    @wraps(view)
    async def guarded_async(request: Any, *args: Any, **kwargs: Any) -> Any:
        return await view(request, *args, **kwargs) if request.identity else _turned_away(request)

    return guarded_async if iscoroutinefunction(view) else guarded  # type: ignore[return-value]


class LoginRequiredMixin:
    """`login_required` for a view that is a class; it stands before `View` among the bases."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., Any]:
        view: Callable[..., Any] = super().as_view(**initkwargs)  # type: ignore[misc]  # View's
        return login_required(view)


def visit_of(request: HttpRequest) -> Visit:
    """The request, as far as the login is concerned."""
    return Visit(site().endpoints, web_request(request))


def _turned_away(request: HttpRequest) -> HttpResponse:
    return django_response(visit_of(request).login_required())
