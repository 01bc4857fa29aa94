"""Where people sign in on github.com, as far as an app that sends them there sees it: consent, codes and tokens."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from tests.standins.github.answers import Answer, answer
from tests.standins.github.tokens import Token, Tokens

PREFIX = "/login/oauth/"


@dataclass(frozen=True)
class Consent:
    """What somebody agreed to, for whom a code was given."""

    login: str
    callback: str
    challenge: str


@dataclass
class OAuth:
    """One app, and whoever sits at the browser: `login`, None for somebody who says no.

    account: whose private repositories they see besides all that is public.
    """

    tokens: Tokens
    client_id: str = "Iv1.standin"
    client_secret: str = "standin-secret"
    login: str | None = "mona"
    account: str | None = None
    codes: dict[str, Consent] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def answer(self, method: str, target: str, body: bytes) -> Answer:
        """Answers a request below PREFIX."""
        path, _, query = target.partition("?")
        if (method, path) == ("GET", f"{PREFIX}authorize"):
            return self._authorize(dict(parse_qsl(query)))
        if (method, path) == ("POST", f"{PREFIX}access_token"):
            return self._give(dict(parse_qsl(body.decode())))
        return answer({"error": "Not Found"}, status=404)

    def _authorize(self, query: dict[str, str]) -> Answer:
        self.asked.append(query)
        if query.get("client_id") != self.client_id:
            return answer({"error": "Not Found"}, status=404)
        if self.login is None:
            told = {"error": "access_denied", "error_description": "The user has denied your application access."}
        else:
            told = {"code": secrets.token_hex(10)}
            self.codes[told["code"]] = Consent(self.login, query["redirect_uri"], query.get("code_challenge", ""))
        back = f"{query['redirect_uri']}?{urlencode({**told, 'state': query.get('state', '')})}"
        return Answer(302, b"", {"location": back})

    def _give(self, form: dict[str, str]) -> Answer:
        """A token for a code, once; a problem is told with status 200, as GitHub does."""
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return answer({"error": "incorrect_client_credentials"})
        consent = self.codes.pop(form.get("code", ""), None)
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        if consent is None or consent.challenge != challenge:
            return answer({"error": "bad_verification_code"})
        if consent.callback != form.get("redirect_uri"):
            return answer({"error": "redirect_uri_mismatch"})
        token = Token(f"ghu_{secrets.token_hex(18)}", consent.login, account=self.account, private=bool(self.account))
        self.tokens.add(token)
        return answer({"access_token": token.value, "scope": "repo", "token_type": "bearer"})
