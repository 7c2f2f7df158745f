"""The pages that a person sees at an emulator: the consent page, error pages, the landing page.

They need no script. Their one style sheet stands in the page, allowed by its hash.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from .answers import Answer, html
from .faults import FAULTS
from .people import PEOPLE, Person

_templates = Environment(
    loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
_NEUTRAL = "#3a4552"


def consent_page(
    label: str,
    tint: str,
    client_id: str,
    wishes: Iterable[str],
    person: Person,
    *,
    again: bool,
    coop: bool,
) -> Answer:
    """Asks who to be.

    Args:
        label: the provider's name.
        tint: its colour.
        client_id: the app that asks.
        wishes: the scopes it asks for.
        person: whom the first submit button logs in.
        again: whether it asks that the person log in anew.
        coop: whether to cut the page off from the window that opened it.
    """
    headers = {"cross-origin-opener-policy": "same-origin"} if coop else {}
    return _page(
        "consent.html", tint, 200, headers,
        label=label, client_id=client_id, wishes=wishes, again=again, person=person,
        others=[other for other in PEOPLE.values() if other is not person],
        faults={name: fault.words for name, fault in FAULTS.items() if fault.words},
    )  # fmt: skip


def problem_page(label: str, tint: str, title: str, text: str, status: int) -> Answer:
    """The provider's own error page, from which no way leads back to the app."""
    return _page("problem.html", tint, status, {}, label=label, title=title, text=text)


def landing_page(tables: Iterable[tuple[str, Mapping[str, Any]]], toml: str) -> Answer:
    """What stands at the root of the server: what this is, and how to use it.

    Args:
        tables: the label of each provider, and its table of the configuration.
        toml: the configuration to paste.
    """
    return _page("landing.html", _NEUTRAL, 200, {}, tables=list(tables), toml=toml)


def _page(template: str, tint: str, status: int, headers: dict[str, str], **values: Any) -> Answer:
    style = _templates.get_template("style.css").render(tint=tint)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # No form-action: Chromium would apply it to the redirect back to the app.
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
    )
    page = _templates.get_template(template).render(style=style, **values)
    return html(
        page, status,
        {
            "cache-control": "no-store",
            "content-security-policy": policy,
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            **headers,
        },
    )  # fmt: skip
