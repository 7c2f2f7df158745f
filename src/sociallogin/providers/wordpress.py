"""WordPress.com Connect. Source: developer.wordpress.com, "WordPress.com Connect" and "GET /me"."""

from collections.abc import Sequence

from ..identity import Claims, Profile
from ..protocols.oauth2 import OAuth2Provider
from ..protocols.provider import Fault, pick

API = "https://public-api.wordpress.com"
FIELDS = (
    "ID,username,display_name,email,email_verified,verified,"
    "avatar_URL,profile_URL,primary_blog_url,language"
)
TOKEN_REFUSED = Fault("provider_refused_userinfo", "it refused the token", ("userinfo",))


def scopes_fault(scopes: Sequence[str]) -> str | None:
    """Any other scope gives power over a blog, or ends on WordPress.com's own error page."""
    return None if tuple(scopes) == ("auth",) else 'a login uses "auth", alone'


def email_verified(me: Claims) -> object:
    """Real answers hold `email_verified`, the documented sample `verified`."""
    said = pick(me, "email_verified")
    return pick(me, "verified") if said is None else said


def normalize(me: Claims) -> Profile:
    profile_url = pick(me, "profile_URL")
    if isinstance(profile_url, str) and profile_url.startswith("http://"):
        profile_url = f"https://{profile_url.removeprefix('http://')}"
    return Profile(
        subject=pick(me, "ID"),
        name=pick(me, "display_name"),
        username=pick(me, "username"),
        email=pick(me, "email"),
        email_verified=email_verified(me),
        profile_url=profile_url,
        picture_url=pick(me, "avatar_URL"),
        website_url=pick(me, "primary_blog_url"),
        locale=pick(me, "language"),
    )


wordpress = OAuth2Provider(
    name="wordpress",
    label="WordPress.com",
    issuer="https://wordpress.com",
    server_issuer=API,
    # Not /oauth2/authorize: without the right scope that one asks for a whole blog.
    authorize_url=f"{API}/oauth2/authenticate",
    token_url=f"{API}/oauth2/token",
    userinfo_url=f"{API}/rest/v1.1/me",
    userinfo_params={"fields": FIELDS},
    scopes=("auth",),
    scopes_fault=scopes_fault,
    pkce=False,  # the classic endpoints do not document it
    picture_hosts=("gravatar.com", "*.gravatar.com"),
    logout_url="https://wordpress.com/log-out",  # no way to ask for another account is documented
    # /rest/v1.1 answers with any status: its slug decides.
    faults={
        "authorization_required": TOKEN_REFUSED,
        "invalid_token": TOKEN_REFUSED,
        "invalid_request": TOKEN_REFUSED,
    },
    normalize=normalize,
)

records = (wordpress,)
