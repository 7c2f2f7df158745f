"""An app that speaks to an emulator by hand."""

import hashlib
import hmac
import json
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from sociallogin.emulators import Client, Emulators
from sociallogin.flows import Request, Response

PROVIDERS = ("wordpress", "twitter", "facebook")
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
AUTHORIZE = {
    "wordpress": {"scope": "auth"},
    "twitter": {"scope": "users.read tweet.read users.email"},
    "facebook": {"scope": "public_profile,email"},
}
USERINFO = {
    "wordpress": {"fields": "ID,display_name,email"},
    "twitter": {"user.fields": "entities,confirmed_email"},
    "facebook": {"fields": "id,name,email,picture.width(200).height(200){url,is_silhouette}"},
}
#: In a table of changes: leave the parameter out.
LEFT_OUT = None


@dataclass
class App:
    """An app that speaks to one provider by hand, right unless it is told otherwise."""

    emulators: Emulators
    provider: str
    urls: dict[str, str] = field(init=False)
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        emulator = self.emulators.of(self.provider)
        self.urls = emulator.urls()
        self.client = next(iter(emulator.clients.values()))

    def authorize_url(self, **changes: str | None) -> str:
        parameters = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uris[0],
            "state": "the state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **AUTHORIZE[self.provider],
        }
        return f"{self.urls['authorize_url']}?{urlencode(changed(parameters, changes))}"

    def code(self, button: str = "grant", **changes: str | None) -> str:
        callback = self.emulators.press(self.authorize_url(**changes), button)
        return dict(parse_qsl(urlsplit(callback).query))["code"]

    def token_answer(self, code: str, /, **changes: str | None) -> Response:
        parameters: dict[str, str] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uris[0],
            "code_verifier": VERIFIER,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        credentials = {
            "client_id": self.client.client_id,
            "client_secret": self.client.client_secret,
        }
        if self.provider == "twitter":
            basic = changed(credentials, {k: v for k, v in changes.items() if k in credentials})
            changes = {k: v for k, v in changes.items() if k not in credentials}
            if len(basic) == 2:
                pair = ":".join(quote_plus(value) for value in basic.values())
                headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            parameters |= credentials
        body = urlencode(changed(parameters, changes)).encode()
        return self.emulators.send(Request("POST", self.urls["token_url"], headers, body))

    def token(self, **changes: str | None) -> str:
        answer = self.token_answer(self.code(**changes))
        assert answer.status == 200, answer.body
        token: str = json.loads(answer.body)["access_token"]
        return token

    def userinfo(self, token: str | None, **changes: str | None) -> Response:
        parameters = dict(USERINFO[self.provider])
        if self.provider == "facebook" and token:
            proof = hmac.new(self.client.client_secret.encode(), token.encode(), hashlib.sha256)
            parameters["appsecret_proof"] = proof.hexdigest()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.urls['userinfo_url']}?{urlencode(changed(parameters, changes))}"
        return self.emulators.send(Request("GET", url, headers))


def changed(parameters: dict[str, str], changes: dict[str, str | None]) -> dict[str, str]:
    together = {**parameters, **{name.replace("__", "."): v for name, v in changes.items()}}
    return {name: value for name, value in together.items() if value is not None}


def named(answer: Response) -> Any:
    """What an error answer names: a slug, a number with its subnumber, or a title."""
    value = json.loads(answer.body)
    error = value.get("error", value.get("title"))
    if isinstance(error, dict):
        return error["code"], error.get("error_subcode")
    return error
