"""Keys and their rotation; encrypted values and signed values.

What the browser must not read (transactions, identities) is encrypted with AES-256-GCM; what it
may read but not forge (CSRF tokens) is signed by itsdangerous. Both are bound to a purpose and
to the site, so no value passes for one of another kind or of another site with the same key, and
what is sealed also to its issue time and its end.

What must be unreadable and yet the same text each time (the address of a picture, which browsers
cache) is encrypted with AES-256-SIV (RFC 5297). It tells when two values are equal, and has no
end.

The first key of the list seals and signs; all of them open: a new key put in front logs nobody
out.
"""

import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadSignature, Signer

MIN_KEY_BYTES = 32

_KEY_ID_BYTES, _NONCE_BYTES = 4, 12
_PREFIX_BYTES = _KEY_ID_BYTES + _NONCE_BYTES
_TIMES = Struct(">QQ")  # issued at, ends at: seconds since the epoch, inside the seal
_TAG_BYTES = 16
_LEAST_BYTES = _PREFIX_BYTES + _TIMES.size + _TAG_BYTES
_BASE64URL = re.compile(rb"[A-Za-z0-9_-]+")


#: The last characters that leave no bits over, by the length of the last group.
_LAST = {0: None, 2: b"AQgw", 3: b"AEIMQUYcgkosw048"}


class SealBroken(Exception):
    """The text was not sealed by this site for this purpose, or was altered."""


class UnknownKey(SealBroken):
    """The text was sealed under a key that is not in the list (any more)."""


class SealEnded(Exception):
    """The text is genuine, but its time is over. `opened` holds what it says."""

    def __init__(self, opened: "Opened") -> None:
        super().__init__("sealed value has ended")
        self.opened = opened


class Opened(NamedTuple):
    """What a sealed text says."""

    value: Any
    issued_at: int
    ends_at: int


class Sealer:
    """Seals and opens values for one site.

    Args:
        secret_keys: at least one text of 32 bytes or more; the first seals, all open.
        site: the site's `base_url`.
        clock: seconds since the epoch.
        random: so many random bytes.
    """

    def __init__(
        self,
        secret_keys: Sequence[str],
        site: str,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
    ) -> None:
        self._site = site
        self._clock = clock
        self._random = random
        self._secret_keys = tuple(secret_keys)
        # The AEAD objects are kept: making one costs as much as opening a cookie.
        self._ciphers: dict[bytes, AESGCM] = {}
        for secret in self._secret_keys:
            derived = HKDF(SHA256(), _KEY_ID_BYTES + 32, None, b"sociallogin seal").derive(
                secret.encode()
            )
            self._ciphers[derived[:_KEY_ID_BYTES]] = AESGCM(derived[_KEY_ID_BYTES:])
        self._first_id, self._first_cipher = next(iter(self._ciphers.items()))
        self._deterministic: dict[bytes, AESSIV] = {}

    def __repr__(self) -> str:
        return f"<Sealer for {self._site}, {len(self._secret_keys)} keys>"

    def seal(self, purpose: str, value: Any, lifetime: int) -> str:
        """`value` (anything JSON can say) as URL-safe text that ends after `lifetime` seconds."""
        now = int(self._clock())
        written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        plain = _TIMES.pack(now, now + lifetime) + written.encode()
        nonce = self._random(_NONCE_BYTES)
        sealed = self._first_cipher.encrypt(nonce, plain, self._bound_to(purpose))
        return _encoded(self._first_id + nonce + sealed)

    def open(self, purpose: str, text: str) -> Opened:
        """What `seal` wrote for this purpose and site.

        Raises:
            UnknownKey: sealed under a key that is not in the list.
            SealBroken: anything else that `seal` did not write for this purpose and site.
            SealEnded: genuine, but its lifetime is over.
        """
        raw = _decoded(text)
        if len(raw) < _LEAST_BYTES:
            raise SealBroken("cut off")
        cipher = self._ciphers.get(raw[:_KEY_ID_BYTES])
        if cipher is None:
            raise UnknownKey("sealed under a key that is not in secret_keys")
        try:
            plain = cipher.decrypt(
                raw[_KEY_ID_BYTES:_PREFIX_BYTES], raw[_PREFIX_BYTES:], self._bound_to(purpose)
            )
        except (InvalidTag, ValueError) as error:
            raise SealBroken("altered, or sealed for another purpose or site") from error
        issued_at, ends_at = _TIMES.unpack_from(plain)
        opened = Opened(json.loads(plain[_TIMES.size :].decode()), issued_at, ends_at)
        if self._clock() >= ends_at:
            raise SealEnded(opened)
        return opened

    def seal_deterministic(self, purpose: str, value: Any) -> str:
        """`value` (anything JSON can say) as URL-safe text, the same for the same value."""
        key_id, cipher = next(iter(self._deterministic_ciphers().items()))
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return _encoded(key_id + cipher.encrypt(plain, [self._bound_to(purpose)]))

    def open_deterministic(self, purpose: str, text: str) -> Any:
        """What `seal_deterministic` wrote for this purpose and site.

        Raises:
            UnknownKey: sealed under a key that is not in the list.
            SealBroken: anything else that it did not write for this purpose and site.
        """
        raw = _decoded(text)
        cipher = self._deterministic_ciphers().get(raw[:_KEY_ID_BYTES])
        if cipher is None:
            raise UnknownKey("sealed under a key that is not in secret_keys")
        try:
            plain = cipher.decrypt(raw[_KEY_ID_BYTES:], [self._bound_to(purpose)])
        except (InvalidTag, ValueError) as error:
            raise SealBroken("altered, or sealed for another purpose or site") from error
        return json.loads(plain)

    def sign(self, purpose: str, value: str) -> str:
        """`value`, readable, with a signature that `verify` knows."""
        return self._signer(purpose).sign(value).decode()

    def verify(self, purpose: str, signed: str) -> str | None:
        """The value that `sign` signed for this purpose and site; None for anything else."""
        try:
            return self._signer(purpose).unsign(signed).decode()
        except (BadSignature, ValueError):
            return None

    def _bound_to(self, purpose: str) -> bytes:
        return f"{purpose} {self._site}".encode()

    def _deterministic_ciphers(self) -> dict[bytes, AESSIV]:
        """By the ids of their keys; made when first needed, which at most sites is never."""
        if not self._deterministic:
            made = {}
            for secret in self._secret_keys:
                derived = HKDF(
                    SHA256(), _KEY_ID_BYTES + 64, None, b"sociallogin deterministic seal"
                ).derive(secret.encode())
                made[derived[:_KEY_ID_BYTES]] = AESSIV(derived[_KEY_ID_BYTES:])
            self._deterministic = made
        return self._deterministic

    def _signer(self, purpose: str) -> Signer:
        # itsdangerous signs with the last key of its list; ours come first.
        keys = list(reversed(self._secret_keys))
        salt = f"sociallogin {purpose} {self._site}"
        return Signer(keys, salt=salt, digest_method=hashlib.sha256)


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        encoded = text.encode("ascii")
        if not _is_canonical(encoded):
            raise SealBroken("not sealed text")
        return urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))
    except ValueError as error:
        raise SealBroken("not sealed text") from error


def _is_canonical(encoded: bytes) -> bool:
    """Whether this is the one way to write it: decoders skip other characters and spare bits."""
    last = _LAST.get(len(encoded) % 4, b"")
    return _BASE64URL.fullmatch(encoded) is not None and (last is None or encoded[-1] in last)
