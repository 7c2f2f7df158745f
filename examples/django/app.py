"""A page with comments and the comment box: `python examples/django/app.py --port 8000`.

Needs `pip install 'sociallogin[django,testing]'`. The providers are emulators, started beside it.
"""

import argparse
import secrets
import signal
from pathlib import Path

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import include, path
from django.views.decorators.http import require_POST

from sociallogin.emulators.server import EmulatorServer
from sociallogin.integrations.django import login_required

HERE, ENGINE = Path(__file__).parent, "django.template.backends.django.DjangoTemplates"
comments: list[tuple[str, str]] = []


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "page.html", {"identity": request.identity, "comments": comments})


def comment(request: HttpRequest) -> HttpResponse:
    comments.append((request.identity.label, request.POST.get("text", "")))
    return redirect("/")


urlpatterns = [
    path("", include("sociallogin.integrations.django.urls")),
    path("", page),
    path("comment", require_POST(login_required(comment))),
]

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    address = f"127.0.0.1:{parser.parse_args().port}"
    url, key = f"http://{address}", secrets.token_urlsafe(32)  # yours stays the same
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
    # For the browser, localhost is another site than 127.0.0.1, as real providers are.
    with EmulatorServer(app_base_url=url, host="localhost") as emulators:
        settings.configure(
            DEBUG=True,
            SECRET_KEY=key,
            ROOT_URLCONF=__name__,
            INSTALLED_APPS=["sociallogin.integrations.django"],
            MIDDLEWARE=[
                "django.middleware.csrf.CsrfViewMiddleware",
                "sociallogin.integrations.django.middleware.SocialLoginMiddleware",
            ],
            TEMPLATES=[{"BACKEND": ENGINE, "DIRS": [HERE], "APP_DIRS": True}],
            SOCIALLOGIN={"base_url": url, "secret_keys": [key], **emulators.config()},
        )
        execute_from_command_line(["app.py", "runserver", "--noreload", address])
