"""What stands in for a picture: initials, on a colour drawn from the identity's key."""

import hashlib

HUES = 12


def initials(label: str) -> str:
    """The first letters of the first and the last word."""
    words = [word for word in label.split() if word[0].isalnum()]
    first = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in first).upper()[:2] or "·"


def hue(key: str) -> int:
    """A colour's number (`sociallogin-hue-0` to `-11`), the same wherever this key is shown."""
    return hashlib.sha256(key.encode()).digest()[0] % HUES
