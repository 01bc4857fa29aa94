"""What a provider has signed is believed only if it did, for us, now and for this attempt."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from frontend.sign_in import oidc
from frontend.sign_in.attempt import Attempt
from frontend.sign_in.oidc import Oidc
from frontend.sign_in.ways import NotSignedIn

ISSUER = "https://login.example.com/"

KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER = RSAKey.generate_key(2048, {"kid": "one"})
NEW = RSAKey.generate_key(2048, {"kid": "two"})

ATTEMPT = Attempt.begin("oidc", "/")


class Provider:
    """A provider as `Oidc` asks it, without a network."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.keys, self.asked = [KEY], list[str]()
        self.told: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}authorize",
            "token_endpoint": f"{ISSUER}token",
            "jwks_uri": f"{ISSUER}keys",
        }
        self.id_token = ""
        monkeypatch.setattr(Oidc, "_asked", staticmethod(self._answer))
        monkeypatch.setattr(oidc, "token_of", lambda *_: {"access_token": "at", "id_token": self.id_token})

    def _answer(self, url: str) -> dict[str, Any]:
        self.asked.append(url.removeprefix(ISSUER))
        return (
            self.told if url.endswith("configuration") else {"keys": [key.as_dict(private=False) for key in self.keys]}
        )

    def claims(self, **changed: object) -> dict[str, Any]:
        now = int(time.time())
        usual = {
            "iss": ISSUER, "aud": "fettle", "sub": "1", "iat": now, "exp": now + 300, "nonce": ATTEMPT.nonce,
            "email": "ann@example.com", "email_verified": True,
        }  # fmt: skip
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    def name(self, signed: str | None = None, issuer: str = ISSUER, **changed: Any) -> str:
        """Who comes in with a token of these claims."""
        self.id_token = signed or jwt.encode({"alg": "RS256", "kid": "one"}, self.claims(**changed), KEY)
        return Oidc(issuer, "fettle", "secret" * 8).finish(ATTEMPT, "https://us", "code").name


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    return Provider(monkeypatch)


def test_a_token_that_is_in_order_names_who_it_is(provider: Provider) -> None:
    assert provider.name(email="Ann@Example.com") == "ann@example.com"
    assert provider.name(aud=["fettle", "other"], azp="fettle") == "ann@example.com"
    assert provider.name(issuer=ISSUER.rstrip("/")) == "ann@example.com"
    assert provider.name(email=None, email_verified=None, preferred_username="b@c.de") == "b@c.de"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example/"},
        {"aud": "another"},
        {"aud": None},
        {"aud": ["another", "fettle"], "azp": "another"},
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"nbf": int(time.time()) + 3_600},
        {"at_hash": "b2YgYW5vdGhlciB0b2tlbg"},
    ],
)
def test_a_token_that_is_not_for_this_is_refused(provider: Provider, changed: dict[str, Any]) -> None:
    with pytest.raises(NotSignedIn, match="not to be relied on"):
        provider.name(**changed)


def signed_with_text(claims: dict[str, Any], secret: bytes) -> str:
    """With the public key's text as if it were a secret that two share, which joserfc itself refuses to do."""
    header, body = ({"alg": "HS256", "kid": "one"}, claims)
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, body)]
    proof = hmac.digest(secret, b".".join(parts), "sha256")
    return b".".join((*parts, base64.urlsafe_b64encode(proof).rstrip(b"="))).decode()


@pytest.mark.parametrize(
    "forge",
    [
        lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, OTHER),
        lambda claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("secret" * 8), algorithms=["HS256"]),
        lambda claims: signed_with_text(claims, KEY.as_pem(private=False)),
        lambda claims: jwt.encode({"alg": "none"}, claims, OctKey.generate_key(), algorithms=["none"]),
        lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY)[:-8] + "AAAAAAAA",
        lambda _: "not.a.token",
        lambda _: "",
    ],
)
@pytest.mark.filterwarnings("ignore")  # joserfc warns of what is forged here
def test_a_forged_token_is_refused(provider: Provider, forge: Callable[[dict[str, Any]], str]) -> None:
    with pytest.raises(NotSignedIn, match="not to be relied on"):
        provider.name(forge(provider.claims()) or "..")


@pytest.mark.parametrize(
    "changed",
    [
        {"email_verified": False},
        {"email_verified": "false"},
        {"email": None},
        {"email": "ann"},
        {"email": ["ann@example.com"]},
        {"email": "ann@example.com\nadmin"},
        {"email": "a" * 300 + "@example.com"},
        {"email": None, "preferred_username": "ann@example.com"},
    ],
)
def test_an_address_that_may_be_anybodys_is_nobodys(provider: Provider, changed: dict[str, Any]) -> None:
    with pytest.raises(NotSignedIn, match="e-mail address"):
        provider.name(**changed)


def test_new_keys_are_asked_for_and_not_for_every_token(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    way = Oidc(ISSUER, "fettle", "secret")
    provider.id_token = jwt.encode({"alg": "RS256", "kid": "one"}, provider.claims(), KEY)
    way.finish(ATTEMPT, "https://us", "code")
    provider.keys = [NEW]
    provider.id_token = jwt.encode({"alg": "RS256", "kid": "two"}, provider.claims(), NEW)
    for _ in range(3):
        with pytest.raises(NotSignedIn):
            way.finish(ATTEMPT, "https://us", "code")
    assert provider.asked.count("keys") == 1
    monkeypatch.setattr(oidc, "ASKED_AGAIN_S", -1.0)
    assert way.finish(ATTEMPT, "https://us", "code").name == "ann@example.com"
    assert provider.asked.count("keys") == 2
    assert provider.asked.count(".well-known/openid-configuration") == 1


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({"issuer": "https://login.example.com.evil.example"}, "calls itself 'https://login.example.com.evil.example'"),
        ({"issuer": None}, "calls itself 'None'"),
        ({"authorization_endpoint": None}, "does not tell its authorization_endpoint"),
        ({"authorization_endpoint": "http://login.example.com/"}, "is not an https address"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "does not tell its authorization_endpoint"),
    ],
)
def test_a_provider_that_is_another_one_is_not_asked(provider: Provider, told: dict[str, object], text: str) -> None:
    provider.told |= told
    with pytest.raises(NotSignedIn, match=text):
        Oidc(ISSUER, "fettle", "secret").start(ATTEMPT, "https://us")


def test_an_attempt_comes_back_as_it_left_or_not_at_all() -> None:
    attempt = Attempt.begin("oidc", "/sla?range=7d&x=ä")
    assert Attempt.of(attempt.cookie, "oidc", attempt.state) == attempt
    for cookie, provider_, state in (
        (attempt.cookie, "github", attempt.state),
        (attempt.cookie, "oidc", "x" + attempt.state),
        (attempt.cookie, "oidc", None),
        (attempt.cookie + ".x", "oidc", attempt.state),
        (None, "oidc", attempt.state),
        ("", "oidc", ""),
        (f"oidc.{attempt.state}.n.v.ä", "oidc", attempt.state),
    ):
        assert Attempt.of(cookie, provider_, state) is None  # type: ignore[arg-type]
    assert Attempt.begin("oidc", "//evil.example").then == "/"
