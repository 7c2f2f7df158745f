"""What providers say of somebody."""

import json
from typing import Any

from sociallogin.emulators import Answer
from sociallogin.flows import Response


def told(provider: str, protocol: str, name: str, email: str, url: str) -> dict[str, Any]:
    """A userinfo answer with these strings in every place."""
    if provider == "wordpress":
        return {"ID": 7, "display_name": name, "username": name, "email": email, "language": name,
                "email_verified": True, "avatar_URL": url, "profile_URL": url,
                "primary_blog_url": url}  # fmt: skip
    if provider == "facebook":
        picture = {"data": {"url": url, "is_silhouette": False}}
        return {"id": "7", "name": name, "email": email, "picture": picture}
    urls = {"url": {"urls": [{"expanded_url": url}]}}
    if protocol == "oauth1":
        return {"id_str": "1534887201662763001", "name": name, "screen_name": name,
                "email": email, "profile_image_url_https": url, "entities": urls}  # fmt: skip
    data = {"id": "7", "name": name, "username": name, "confirmed_email": email,
            "profile_image_url": url, "entities": urls}  # fmt: skip
    return {"data": data}


def scripted(value: Any) -> Answer:
    """The same as a JSON answer."""
    return Answer(Response(200, {"content-type": "application/json"}, json.dumps(value).encode()))
