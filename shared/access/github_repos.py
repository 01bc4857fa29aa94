"""GitHub's answer to which repositories somebody can read, asked with what they let Fettle ask with."""

import os
import threading
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import requests

from shared.access.sealing import unseal
from shared.access.sessions import Ended, Session
from shared.errors import FettleError

RENEWED_EVERY_S = 15 * 60.0
"""After so long it is asked again, by the next request of the session."""

GOOD_FOR_S = 60 * 60.0
"""An older answer counts no longer: who cannot be told to be allowed to see something sees it no more."""

PAUSE_S = 60.0
"""Between two tries while GitHub does not answer."""

MOST_PAGES = 100
"""Of 100 repositories each; what comes after them is not seen."""

TIMEOUT_S = (5.0, 20.0)

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


class GitHubSilent(FettleError):
    """GitHub did not say, now."""


class GitHubRefuses(FettleError):
    """What GitHub was asked with is good no longer."""


def authorities() -> str | bool:
    """Whom to trust: the PEM file that a variable names, else those that come with requests."""
    return next((found for name in BUNDLES if (found := os.environ.get(name))), True)


def ask_github(api: str, path: str, secret: str) -> requests.Response:
    """An answer of GitHub's API to somebody; path: below it, or a whole address there.

    Raises GitHubRefuses or GitHubSilent.
    """
    url = path if "://" in path else f"{api}{path}"
    if urlsplit(url)[:2] != urlsplit(api)[:2]:
        raise GitHubSilent("GitHub's answer goes on at another server, which is not asked.")
    headers = {
        "Authorization": f"Bearer {secret}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": "fettle",
    }
    try:
        with requests.Session() as line:
            line.auth = _as_it_is
            answer = line.get(url, headers=headers, timeout=TIMEOUT_S, allow_redirects=False, verify=authorities())
    except requests.RequestException as error:
        raise GitHubSilent(f"GitHub does not answer ({type(error).__name__}); try again later.") from error
    if answer.status_code == 401:
        raise GitHubRefuses("GitHub takes what it was asked with no longer (401); sign in again.")
    if answer.status_code != 200:
        raise GitHubSilent(f"GitHub does not say who may see what ({answer.status_code}); try again later.")
    return answer


def json_of(answer: requests.Response) -> Any:  # noqa: ANN401 - whatever was sent
    """What an answer says. Raises GitHubSilent if it is not JSON."""
    try:
        return answer.json()
    except ValueError as error:
        raise GitHubSilent("GitHub's answer is not JSON; does GITHUB_API_URL lead to GitHub?") from error


def readable_repos(api: str, secret: str) -> frozenset[str]:
    """`org/name` of the repositories that somebody can read. Raises GitHubRefuses or GitHubSilent."""
    found, path = set[str](), "/user/repos?per_page=100&sort=full_name"
    for _ in range(MOST_PAGES):
        answer = ask_github(api, path, secret)
        rows = json_of(answer)
        if not isinstance(rows, list):
            raise GitHubSilent("GitHub's answer is no list of repositories; does GITHUB_API_URL lead to GitHub?")
        found |= {str(row["full_name"]) for row in rows if isinstance(row, dict) and row.get("full_name")}
        path = answer.links.get("next", {}).get("url", "")
        if not path:
            break
    return frozenset(found)


class GitHubRepos:
    """Brings up to date what sessions may see, while they are in use."""

    def __init__(self, api: str) -> None:
        self._api = api
        self._asking, self._silent_until = threading.Lock(), 0.0

    def renew(self, session: Session, token: str, now: float) -> Session:
        """The session with the repositories of now. Raises Ended where that can no longer be told."""
        age = now - (session.repos_at or 0.0)
        if session.provider != "github" or age <= RENEWED_EVERY_S:
            return session
        if now < self._silent_until and age <= GOOD_FOR_S:
            return session
        if not self._asking.acquire(blocking=age > GOOD_FOR_S):
            return session  # somebody else is asking; until then the last answer is good
        try:
            return self._renewed(session, token, now)
        except GitHubRefuses as refusal:
            raise Ended(str(refusal)) from refusal
        except GitHubSilent as silence:
            self._silent_until = now + PAUSE_S
            if age > GOOD_FOR_S:
                raise Ended(str(silence)) from silence
            return session
        finally:
            self._asking.release()

    def _renewed(self, session: Session, token: str, now: float) -> Session:
        secret = unseal(token, session.sealed or "")
        if secret is None:
            raise Ended("What GitHub is asked with cannot be opened.")
        return replace(session, repos=tuple(sorted(readable_repos(self._api, secret))), repos_at=now)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No credentials of this machine's .netrc in place of the person's."""
    return request
