"""Whether a form was posted by one of our own pages."""

from collections.abc import Mapping


def is_same_origin(headers: Mapping[str, str], base_url: str) -> bool | None:
    """True or False as the browser says; None when it says nothing and a CSRF token must decide.

    `Sec-Fetch-Site` cannot be set by a page. `Origin` is `null` on pages with `no-referrer`, and
    absent in old browsers.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin", "null")
    return None if origin == "null" else origin == base_url
