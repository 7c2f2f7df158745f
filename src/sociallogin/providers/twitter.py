"""X (Twitter): OAuth 2.0 with PKCE, or OAuth 1.0a. Source: docs.x.com, "Authentication"."""

import re
from collections.abc import Mapping, Sequence

from ..identity import Claims, Profile
from ..protocols.oauth1 import OAuth1Provider
from ..protocols.oauth2 import OAuth2Provider
from ..protocols.provider import Client, Fault, Step, Token, pick

ISSUER = "https://x.com"
PICTURE_HOSTS = ("pbs.twimg.com",)  # at abs.twimg.com is the default picture, which is nobody's
API = "https://api.x.com"
FIELDS = "entities,profile_image_url,url"
NEEDED_SCOPES = ("users.read", "tweet.read")  # with either one alone, /2/users/me answers 403

_REJECTED = "provider_rejected_client"
_LOGIN: tuple[Step, ...] = ("request_token", "token")
V1_FAULTS = {
    "32": Fault(_REJECTED, "it cannot authenticate this app: the API key and secret are wrong (the "
                "OAuth 2.0 client id is not one of them), or the server's clock is off", _LOGIN),
    "135": Fault(_REJECTED, "the timestamp is out of bounds: set the server's clock", _LOGIN),
    "215": Fault(_REJECTED, "it could not read the credentials sent", _LOGIN),
    "415": Fault(_REJECTED, "the callback URL is not registered exactly as it is sent", _LOGIN),
    "453": Fault(_REJECTED, "the app's access level lacks this endpoint: raise it", _LOGIN),
    "89": Fault("token_invalid", "the token is invalid or expired", _LOGIN),
}  # fmt: skip
NOT_ENROLLED = Fault(
    "provider_refused_userinfo",
    "the app belongs to no project, or has no API credit: see its registration at developer.x.com",
    ("userinfo",),
    link="registration_url",
)


def scopes_fault(scopes: Sequence[str]) -> str | None:
    missing = [scope for scope in NEEDED_SCOPES if scope not in scopes]
    return f"a login needs {' and '.join(missing)} too" if missing else None


def original_picture(url: object) -> object:
    """The picture in its original size; `_normal` before the extension means 48 pixels."""
    return re.sub(r"_normal(?=\.\w+$)", "", url) if isinstance(url, str) else None


def profile_url(username: object) -> object:
    return f"https://x.com/{username}" if isinstance(username, str) and username else None


def add_email_field(query: Mapping[str, str], token: Token, _: Client) -> Mapping[str, str]:
    """Asking for the e-mail without its scope can fail the whole call."""
    if "users.email" not in (token.scopes or ()):
        return query
    return {**query, "user.fields": f"{query['user.fields']},confirmed_email"}


def normalize(me: Claims) -> Profile:
    user = pick(me, "data")
    return Profile(
        subject=pick(user, "id"),
        name=pick(user, "name"),
        username=pick(user, "username"),
        email=pick(user, "confirmed_email"),
        email_verified=True,  # X gives confirmed addresses only; `verified` is the badge
        profile_url=profile_url(pick(user, "username")),
        picture_url=original_picture(pick(user, "profile_image_url")),
        website_url=pick(user, "entities", "url", "urls", 0, "expanded_url"),  # `url` is t.co
    )


def normalize_oauth1(me: Claims) -> Profile:
    return Profile(
        subject=pick(me, "id_str"),  # `id` overflows the numbers of many JSON readers
        name=pick(me, "name"),
        username=pick(me, "screen_name"),
        email=pick(me, "email"),
        email_verified=True,  # null unless confirmed
        profile_url=profile_url(pick(me, "screen_name")),
        picture_url=original_picture(pick(me, "profile_image_url_https")),
        website_url=pick(me, "entities", "url", "urls", 0, "expanded_url"),
    )


twitter = OAuth2Provider(
    name="twitter",
    label="X (Twitter)",
    issuer=ISSUER,
    # Not twitter.com: it does not see the session at x.com.
    authorize_url="https://x.com/i/oauth2/authorize",
    token_url=f"{API}/2/oauth2/token",
    userinfo_url=f"{API}/2/users/me",
    userinfo_params={"user.fields": FIELDS},
    prepare_userinfo=add_email_field,
    scopes=("users.read", "tweet.read", "users.email"),
    scopes_fault=scopes_fault,
    client_auth="header",
    logout_url="https://x.com/logout",  # no way to ask for another account is documented
    faults={
        # X's words for a code that was used or is older than 30 seconds.
        "invalid_request": Fault("token_invalid", "the code was used or is too old", ("token",)),
        "client-not-enrolled": NOT_ENROLLED,
        **V1_FAULTS,
    },
    rate_limit_reset="x-rate-limit-reset",
    picture_hosts=PICTURE_HOSTS,
    normalize=normalize,
)

twitter_oauth1 = OAuth1Provider(
    name="twitter",
    label="X (Twitter)",
    issuer=ISSUER,
    request_token_url=f"{API}/oauth/request_token",
    authorize_url=f"{API}/oauth/authenticate",
    access_token_url=f"{API}/oauth/access_token",
    userinfo_url=f"{API}/1.1/account/verify_credentials.json",
    userinfo_params={"include_email": "true", "skip_status": "true"},
    subject_path=("id_str",),
    change={"force_login": "true"},
    faults=V1_FAULTS,
    rate_limit_reset="x-rate-limit-reset",
    picture_hosts=PICTURE_HOSTS,
    normalize=normalize_oauth1,
)

records = (twitter, twitter_oauth1)
