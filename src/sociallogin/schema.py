"""What a configuration may say: every key with its meaning, default, and check.

The configuration reference in the docs is made from these tables.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from . import cleaning
from .sealing import MIN_KEY_BYTES
from .spelling import did_you_mean
from .stores import MEMORY

#: A check gives the value to use, or raises `Unfit`.
Check: TypeAlias = Callable[[Any], Any]

#: The languages of the box, as BCP 47 writes them; for each but English there is a catalogue.
LANGUAGES = ("ar", "de", "en", "es", "fr", "he", "ja", "pt-BR")

#: Browsers keep no cookie for longer (RFC 6265bis section 5.5).
_MAX_COOKIE_SECONDS = 400 * 24 * 3600
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 section 3.3
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = rf"(\[[0-9a-f:.]+\]|{_LABEL}(?:\.{_LABEL})*\.?)(:[0-9]{{1,5}})?"
_PICTURE_HOST = re.compile(rf"(\*\.)?{_HOST}")
_ORIGIN = re.compile(rf"https?://{_HOST}", re.IGNORECASE)
_URL = re.compile(rf"https?://{_HOST}([/?][!$%&'()*+,./0-9:;=?@A-Z_a-z~-]*)?", re.IGNORECASE)


class Unfit(ValueError):
    """A value that a key does not allow; its text is advice for the site owner, or empty."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table.

    `default` is what counts when it is absent, as the reference prints it; `secret` keeps its
    value out of every error; `parse` reads the value where only text can be written, in a
    variable or a file.
    """

    name: str
    allowed: str
    meaning: str
    check: Check
    default: Any = None
    required: bool = False
    secret: bool = False
    parse: Callable[[str], Any] = str


def is_loopback(host: str | None) -> bool:
    """Whether plain http may be used with this host."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Unfit("")
    return value


def _is_text(value: str) -> bool:
    """A variable that holds no UTF-8 reaches Python as half characters."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _credential(value: Any) -> str:
    if not _text(value).isprintable() or value != value.strip():
        raise Unfit("It begins or ends with a space, or holds a line break; copy it anew.")
    return str(value)


def _label(value: Any) -> str:
    if cleaning.text(_text(value)) != value or len(value) > 50:
        raise Unfit("")
    return str(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit("")
    return value


def _one_of(*allowed: str) -> Check:
    def check(value: Any) -> str:
        if value not in allowed:
            raise Unfit("")
        return str(value)

    return check


def _matches(pattern: str) -> Check:
    def check(value: Any) -> str:
        if not re.fullmatch(pattern, _text(value)):
            raise Unfit("")
        return str(value)

    return check


def origin(value: Any) -> str:
    """An origin as browsers write it (RFC 6454): scheme and host in lower case, no path."""
    if not _ORIGIN.fullmatch(_text(value)):
        raise Unfit(_origin_advice(value))
    scheme = _checked_scheme(value)
    return str(value).lower().removesuffix({"https": ":443", "http": ":80"}[scheme])


def _origin_advice(value: str) -> str:
    if not re.match(r"https?://", value, re.IGNORECASE):
        return "It begins with https:// and goes on with the host."
    if "@" in value:
        return "Leave out the user name and the password."
    if not value.isascii():
        return "Write the host as browsers send it (xn--…)."
    if re.match(rf"https?://{_HOST}[/?#]", value, re.IGNORECASE):
        return "Nothing stands behind the host; the path of the login is `mount`."
    return ""


def endpoint_url(value: Any) -> str:
    """A provider's endpoint."""
    if "@" in urlsplit(_text(value)).netloc:
        raise Unfit("Leave out the user name and the password.")
    if "#" in _text(value):
        raise Unfit("Leave out the fragment.")
    if not _URL.fullmatch(value):
        raise Unfit("Percent-encode spaces, braces, brackets and letters beyond ASCII.")
    _checked_scheme(value)
    return str(value)


def _checked_scheme(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:  # whose text quotes the value
        raise Unfit("") from None
    if port == 0:
        raise Unfit("")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise Unfit("Use https; http is for localhost and loopback addresses only.")
    return parts.scheme


def comma_separated(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def true_or_false(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text.lower(), text)


def whole_number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else text


def _keys(value: Any) -> tuple[str, ...]:
    keys = [value] if isinstance(value, str) else value
    if not isinstance(keys, list | tuple) or not keys:
        raise Unfit("")
    for key in keys:
        if not isinstance(key, str) or not _is_text(key):
            raise Unfit("")
        if len(key.encode()) < MIN_KEY_BYTES:
            raise Unfit(
                f"One has {len(key.encode())} bytes. Make one with: "
                "python -c 'import secrets; print(secrets.token_urlsafe(32))'"
            )
    if len(set(keys)) != len(keys):
        raise Unfit("The same key stands there twice.")
    return tuple(keys)


def _origins(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise Unfit("")
    return tuple(map(origin, value))


def _scopes(value: Any) -> tuple[str, ...]:
    scopes: Sequence[Any] = value if isinstance(value, list | tuple) else ()
    if not scopes or not all(isinstance(s, str) and _SCOPE.fullmatch(s) for s in scopes):
        raise Unfit("")
    return tuple(scopes)


def _picture_hosts(value: Any) -> tuple[str, ...]:
    hosts: Sequence[Any] = value if isinstance(value, list | tuple) else ()
    if hosts is not value or not all(
        isinstance(host, str) and _PICTURE_HOST.fullmatch(host) for host in hosts
    ):
        raise Unfit("Host names in lower case, without scheme and path.")
    return tuple(hosts)


def _folder(value: Any) -> str:
    if "\0" in _text(value):
        raise Unfit("")
    return str(value)


def picture_url(value: Any) -> str:
    """Where a picture is named by what is appended to it."""
    if "?" in endpoint_url(value):
        raise Unfit("Leave out the query.")
    return str(value).removesuffix("/")


def _seconds(value: Any) -> int:
    if type(value) is not int or not 60 <= value <= _MAX_COOKIE_SECONDS:
        raise Unfit("")
    return value


def _locale(value: Any) -> str:
    """The one of `LANGUAGES` that is meant: en-GB is spoken as en, pt_BR and pt as pt-BR."""
    tag = (cleaning.locale(_text(value)) or "").lower()
    primary = tag.partition("-")[0]
    spoken = [known for known in LANGUAGES if known.partition("-")[0] == primary]
    if spoken:
        return spoken[0]
    raise Unfit(did_you_mean(tag, LANGUAGES))


def _store(value: Any) -> str:
    if _text(value) == MEMORY:
        return MEMORY
    if value.partition("://")[0] not in {"redis", "rediss", "unix"}:
        raise Unfit("")
    if find_spec("redis") is None:
        raise Unfit("Redis needs the extra: pip install 'sociallogin[redis]'")
    from .stores.redis import RedisStore

    try:
        RedisStore(value)
    except ValueError:  # whose text tells a site owner nothing
        raise Unfit(
            "Percent-encode what stands before the @, give the database as a number, and behind "
            "a ? only options of redis-py."
        ) from None
    return str(value)


SITE_KEYS = (
    Key("base_url", "an origin such as https://blog.example.com (http for loopback only)",
        "Where the site is reached from outside. Configured, never guessed from headers.",
        origin, required=True),
    Key("secret_keys", f"a list of different texts of at least {MIN_KEY_BYTES} bytes each",
        "The first signs and seals, the rest still open: put a new key in front and nobody is "
        "logged out.", _keys, required=True, secret=True, parse=comma_separated),
    Key("mount", "a path such as /auth, without a final slash",
        "The path below which the endpoints are served.",
        _matches(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+"), "/auth"),
    Key("policy", "open, name-and-email, login-required",
        "Who may comment: anybody; guests who give name and e-mail address, and accounts that "
        "have an address; or only those who log in.",
        _one_of("open", "name-and-email", "login-required"), "open"),
    Key("session_max_age", f"whole seconds from 60 to {_MAX_COOKIE_SECONDS}",
        "How long a login lasts.", _seconds, 30 * 24 * 3600, parse=whole_number),
    Key("cookie_prefix", "lower-case letters, digits, - and _, beginning with a letter",
        "What the names of the cookies begin with.", _matches(r"[a-z][a-z0-9_-]{0,39}"),
        "sociallogin"),
    Key("locale", f"a language tag: {', '.join(LANGUAGES)}",
        "The language of visitors for whom neither the app nor their browser names one that is "
        "known.", _locale, "en"),
    Key("embed_origins", "a list of origins",
        "Other sites whose pages may show the box, as their address bar says them. Any other site "
        "is refused.", _origins, (),
        parse=comma_separated),
    Key("store", "memory, or a redis://, rediss:// or unix:// URL (extra `redis`)",
        "Where used logins are counted, and those of other sites' pages kept: in each process "
        "alone, or in Redis for all that share it.",
        _store, MEMORY, secret=True),
    Key("templates", "a folder, relative to the configuration file",
        "Templates of your own in place of the box's and the pages', one by one.", _folder),
)  # fmt: skip

ENABLED = Key("enabled", "true or false", "Whether visitors may use it.", _flag, True,
              parse=true_or_false)  # fmt: skip
PROTOCOL = Key("protocol", "a protocol that the provider speaks",
               "Which one, where it speaks several.", _text, "the provider's first")  # fmt: skip

PICTURE_HOSTS = Key("picture_hosts", "a list of hosts: a name, a name with a port, or *.name",
                    "The only hosts that people's pictures are fetched from. A loopback name may "
                    "be fetched from only where it stands here.", _picture_hosts,
                    "the provider's", parse=comma_separated)  # fmt: skip

LABEL = Key("label", "1 to 50 visible characters", "Its name for visitors.", _label,
            "the provider's")  # fmt: skip
SCOPES = Key("scopes", "a list of scopes without spaces", "What to ask for.", _scopes,
             "the provider's", parse=comma_separated)  # fmt: skip

PROVIDER_KEYS = (
    Key("client_id", "the id from the provider's console",
        "Names this site to the provider.", _credential, required=True),
    Key("client_secret", "the secret from the provider's console",
        "Proves it. Better `env:NAME` or `file:PATH` than the secret itself.", _credential,
        required=True, secret=True),
    ENABLED,
    PROTOCOL,
    LABEL,
    SCOPES,
    Key("pkce", "true or false", "Turns PKCE off for this provider (OAuth 2.0 only).", _flag,
        "true where the provider knows it", parse=true_or_false),
    PICTURE_HOSTS,
)  # fmt: skip

AVATAR_KEYS = (
    Key("enabled", "true or false", "Whether pictures are shown.", _flag, True,
        parse=true_or_false),
    Key("folder", "a path, relative to the configuration file",
        "Where fetched pictures are kept, for all workers. Without one they are kept in the memory "
        "of each process, some hundreds of them.", _folder),
    Key("gravatar", "true or false",
        "Whether guests who give an e-mail address are shown with their Gravatar. Gravatar then "
        "learns a hash of the address.", _flag, False, parse=true_or_false),
    Key("gravatar_url", "an https URL without a query (http for loopback only)",
        "Where Gravatars are; another service of the same kind will do.", picture_url,
        "https://gravatar.com/avatar"),
)  # fmt: skip

AKISMET_KEYS = (
    Key("api_key", "the key from akismet.com", "Names this site to Akismet. Better `env:NAME` or "
        "`file:PATH` than the key itself.", _credential, required=True, secret=True),
    Key("test", "true or false", "Marks every request as a test: Akismet learns nothing from it.",
        _flag, False, parse=true_or_false),
    Key("endpoint", "an https URL (http for loopback only)",
        "Replaces Akismet's own; that is how the emulator is reached.", endpoint_url,
        "https://rest.akismet.com/1.1"),
)  # fmt: skip

#: The tables of keys; their absence leaves off what they turn on.
TABLE_KEYS = {"avatars": AVATAR_KEYS, "akismet": AKISMET_KEYS}

#: All tables of a configuration; that of the providers holds one for each of them.
TABLES = ("providers", *TABLE_KEYS)


def option_key(option: Any) -> Key:
    """The key that a record's option adds to its table."""
    return Key(option.name, option.allowed, option.meaning, _matches(option.pattern),
               option.default)  # fmt: skip


def url_key(name: str) -> Key:
    """The key that overrides one of a record's URLs."""
    return Key(name, "an https URL (http for loopback only)",
               "Replaces the provider's own; that is how the emulators are reached.",
               endpoint_url, "the provider's")  # fmt: skip
