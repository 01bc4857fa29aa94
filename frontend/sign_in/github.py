"""GitHub: OAuth, which tells by its API who somebody is, and which repositories they can read."""

import re
from urllib.parse import urlsplit, urlunsplit

from frontend.sign_in.attempt import Attempt
from frontend.sign_in.ways import NotSignedIn, clean_name, client, token_of
from shared.access.github_repos import GitHubRefuses, GitHubSilent, ask_github, json_of, readable_repos
from shared.access.people import GITHUB, Provider
from shared.access.sessions import SignedIn

SCOPE = "repo"
"""Without it an OAuth app is not told of private repositories; a GitHub App has permissions in place of scopes."""


class GitHub:
    """GitHub, or a GitHub Enterprise Server."""

    provider: Provider = "github"
    words = "Sign in with GitHub"

    def __init__(self, api: str, client_id: str, secret: str) -> None:
        self._api, self._web = api, web_of(api)
        self._client_id, self._secret = client_id, secret

    def start(self, attempt: Attempt, back: str) -> str:
        """The address at which somebody signs in."""
        asked = client(self._client_id, self._secret, SCOPE, back, "client_secret_post")
        url, _ = asked.create_authorization_url(
            f"{self._web}/login/oauth/authorize", state=attempt.state, code_verifier=attempt.verifier
        )
        return str(url)

    def finish(self, attempt: Attempt, back: str, code: str) -> SignedIn:
        """Who came back with this code, and what they can read. Raises NotSignedIn."""
        with client(self._client_id, self._secret, SCOPE, back, "client_secret_post") as asked:
            given = token_of(asked, f"{self._web}/login/oauth/access_token", code, attempt)
        secret = str(given["access_token"])
        try:
            told = json_of(ask_github(self._api, "/user", secret))
            login = clean_name(told.get("login")) if isinstance(told, dict) else None
            if login is None:
                raise NotSignedIn("GitHub does not say who you are; sign in again.")
            repos = readable_repos(self._api, secret)
        except (GitHubRefuses, GitHubSilent) as error:
            raise NotSignedIn(str(error)) from error
        return SignedIn(self.provider, f"{GITHUB}{login}", repos=repos, secret=secret)


def web_of(api: str) -> str:
    """Where people meet GitHub, by the address of its API."""
    parts = urlsplit(api)
    path = re.sub(r"/api/v3$", "", parts.path)
    return urlunsplit((parts.scheme, parts.netloc.removeprefix("api."), path, "", ""))
