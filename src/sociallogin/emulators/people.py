"""Who can log in at an emulator. Each provider's file says how it tells of a person."""

import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack


@dataclass(frozen=True, slots=True)
class Person:
    """One account, the same at every emulator but for its ids.

    Attributes:
        key: its name on the consent page's buttons and in `press`; letters only.
        about: what is special about it, as the consent page tells.
        number: its stable number; the ids at the providers are made from it.
        name: the name to show; empty where the person gave none.
        username: the handle, where the provider has handles.
        email: the address, or None.
        email_confirmed: whether the person has proved to own it.
        website: the person's own site, or None.
        has_picture: False: the provider shows its grey silhouette.
        language: as WordPress.com writes it.
    """

    key: str
    about: str
    number: int
    name: str
    username: str
    email: str | None = None
    email_confirmed: bool = True
    website: str | None = None
    has_picture: bool = True
    language: str = "en"


_EVERYBODY = (
    Person("complete", "complete profile", 1, "Nora Lind", "noralind", "nora.lind@example.org",
           website="https://noralind.example.org/", language="en-gb"),
    Person("phone", "no e-mail address", 2, "Tom Field", "tomfield"),
    Person("unverified", "e-mail address not verified", 3, "Ines Moreau", "inesmoreau",
           "ines@example.com", email_confirmed=False, language="fr"),
    Person("arabic", "name written from right to left", 4, "ليلى حداد", "laylahaddad",
           "layla@example.org", website="https://layla.example.org/ar", language="ar"),
    Person("script", "a name that is markup", 5, "<script>alert(1)</script>", "scripted",
           "script@example.org"),
    Person("nameless", "no name", 6, "", "quietone", "quiet@example.org"),
    Person("faceless", "no picture of their own", 7, "Sam Grey", "samgrey", "sam@example.org",
           has_picture=False),
)  # fmt: skip
PEOPLE: Mapping[str, Person] = {person.key: person for person in _EVERYBODY}
COMPLETE = PEOPLE["complete"]


class About(TypedDict, total=False):
    """What may be said of a person who is made up: fields of `Person`."""

    number: int
    name: str
    username: str
    email: str | None
    email_confirmed: bool
    website: str | None
    has_picture: bool
    language: str


def made_up(person: Person = COMPLETE, **about: Unpack[About]) -> Person:
    """Somebody who is like `person` but for what is said.

    With another name or user name it is another account, with an address of its own, and with
    ids made from the user name (or the name): said again, it is that account again.
    """
    known = about.get("username") or about.get("name")
    if not known:
        return replace(person, **about)
    digest = hashlib.sha256(known.encode("utf-8", "surrogatepass")).digest()
    letters = "".join(letter for letter in known.lower() if letter.isascii() and letter.isalnum())
    username = about.get("username") or letters[:15] or "somebody"
    somebody = replace(
        person,
        key="somebody",
        about="made up by a test",
        number=10_000 + int.from_bytes(digest[:4]),
        username=username,
        email=f"{letters or username}@example.org",
        website=None,
    )
    return replace(somebody, **about)


def withhold(person: Person, fault: str | None) -> Person:
    """What is left of a person's profile under a fault; most faults leave it whole."""
    match fault:
        case "no_email":
            return replace(person, email=None)
        case "no_name":
            return replace(person, name="")
        case "unverified_email":
            return replace(person, email_confirmed=False)
        case "silhouette":
            return replace(person, has_picture=False)
    return person


def portrait(username: str, side: int = 96) -> bytes:
    """A picture as PNG: blocks drawn from the user name; without a user name, a grey square."""
    digest = hashlib.sha256(username.encode()).digest()
    colour = bytes(64 + byte // 2 for byte in digest[:3]) if username else b"\xaa\xaa\xaa"
    rows = []
    for row in range(6):
        half = [digest[3 + row * 3 + column] % 2 and bool(username) for column in range(3)]
        blocks = (colour if block else b"\xee\xee\xee" for block in (*half, *reversed(half)))
        rows.append(b"\0" + b"".join(block * (side // 6) for block in blocks))
    pixels = b"".join(row * (side // 6) for row in rows)
    header = struct.pack(">IIBBBBB", side // 6 * 6, side // 6 * 6, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
