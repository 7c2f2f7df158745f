"""Facebook Login, code flow. Source: developers.facebook.com, "Manually Build a Login Flow"."""

import hashlib
import hmac
from collections.abc import Mapping

from ..identity import Claims, Profile
from ..protocols.oauth2 import OAuth2Provider
from ..protocols.provider import Client, Fault, Option, Token, pick

GRAPH = "v25.0"
GRAPH_EXPIRES = "2028-07-29"
FIELDS = "id,name,email,picture.width(200).height(200){url,is_silhouette}"
PICTURE = ("picture", "data")

LIMITED = Fault("provider_rate_limited", "the app or its users ask too often")
TEMPORARY = Fault("provider_unreachable", "a temporary fault at its side")
REJECTED = "provider_rejected_client"
TOKEN_REFUSED = Fault("provider_refused_userinfo", "it refused the token", ("userinfo",))


def add_appsecret_proof(
    query: Mapping[str, str], token: Token, client: Client
) -> Mapping[str, str]:
    """Proves that the token is used by this app ("Securing Graph API Requests")."""
    key, message = client.client_secret.encode(), token.access_token.encode()
    return {**query, "appsecret_proof": hmac.new(key, message, hashlib.sha256).hexdigest()}


def normalize(me: Claims) -> Profile:
    silhouette = pick(me, *PICTURE, "is_silhouette")
    return Profile(
        subject=pick(me, "id"),  # app-scoped: another app sees another id
        name=pick(me, "name"),
        email=pick(me, "email"),  # may be absent even when granted
        email_verified=None,  # Facebook does not say
        picture_url=None if silhouette else pick(me, *PICTURE, "url"),
    )


facebook = OAuth2Provider(
    name="facebook",
    label="Facebook",
    issuer="https://www.facebook.com",
    server_issuer="https://www.facebook.com",
    authorize_url="https://www.facebook.com/{graph_version}/dialog/oauth",
    token_url="https://graph.facebook.com/{graph_version}/oauth/access_token",
    userinfo_url="https://graph.facebook.com/{graph_version}/me",
    userinfo_params={"fields": FIELDS},
    prepare_userinfo=add_appsecret_proof,
    scopes=("public_profile", "email"),
    change={"auth_type": "reauthenticate"},  # the nearest thing to a chooser that is documented
    ask_email={"auth_type": "rerequest"},  # without it, what was declined is not asked for again
    options=(
        Option(
            name="graph_version",
            default=GRAPH,
            pattern=r"v[0-9]{1,3}\.[0-9]{1,2}",
            allowed=f'a version such as "{GRAPH}"',
            meaning=f"Version of the Graph API. The default is served until {GRAPH_EXPIRES}.",
        ),
    ),
    # Facebook answers 400 to everything: its numbers decide ("Handling Errors").
    faults={
        **dict.fromkeys(("4", "17", "341"), LIMITED),
        "2": TEMPORARY,
        **dict.fromkeys(("102", "190"), TOKEN_REFUSED),
        "100": Fault("token_invalid", "the code was used already or is too old", ("token",)),
        # Documented as temporary, and with 400 what a wrong secret gets.
        "1": Fault(REJECTED, "client_secret is wrong", ("token",)),
        "101": Fault(REJECTED, "client_id is not the id of a live app", ("token",)),
        "191": Fault(REJECTED, "the callback URL is not listed in its console", ("token",)),
    },
    # The first redirects to the second.
    picture_hosts=("platform-lookaside.fbsbx.com", "*.fbcdn.net", "graph.facebook.com"),
    clear_fragment=True,  # it appends #_=_ to the callback URL
    normalize=normalize,
)

records = (facebook,)
