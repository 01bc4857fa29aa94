"""What may go wrong between Fettle and GitHub, told from status, headers and GitHub's own words."""

import re
from collections.abc import Mapping

from shared.errors import FettleError
from shared.observing.redaction import redacted


class GitHubError(FettleError):
    """GitHub did not give what it was asked for; the text says what, why and what to do."""


class BadToken(GitHubError):
    """401: the token is wrong, expired or revoked. Nothing is ever read anonymously in its place."""


class NotFound(GitHubError):
    """404: it is not there, or the token may not know of it."""


class Forbidden(GitHubError):
    """The token may not read this."""


class Disabled(GitHubError):
    """The feature is switched off, or has never been used: neither a failure nor a zero."""


class Unprocessable(GitHubError):
    """422: GitHub finds the question too large or malformed."""


class RateLimited(GitHubError):
    """A rate limit would keep us waiting for longer than is worth it."""


class Unavailable(GitHubError):
    """GitHub did not answer properly, although it was asked several times."""


class BudgetSpent(GitHubError):
    """As many requests were made as the collection was given; nothing more is asked."""


class Interrupted(GitHubError):
    """The collection is being stopped; nothing more is asked."""


MESSAGE_LIMIT = 200

_OFF = re.compile(
    r"must be enabled|not enabled|(is|are|been) disabled|no analysis found|not available for archived",
    re.IGNORECASE,
)

_PERMISSIONS = {
    "/actions/": "Actions: read",
    "/code-scanning/": "Code scanning alerts: read (classic token: scope security_events)",
    "/dependabot/": "Dependabot alerts: read (classic token: scope security_events)",
    "/secret-scanning/": "Secret scanning alerts: read (classic token: scope security_events)",
    "/pulls/": "Pull requests: read",
    "/agents/": "Agent tasks: read",
}


def problem(status: int, path: str, message: str, headers: Mapping[str, str]) -> GitHubError:
    """The error that an answer of status 400 or more stands for; rate limits and 5xx are judged before.

    message: GitHub's own sentence, which alone tells a feature that is off from a permission that is missing.
    """
    what = f"{path} ({status}{quoted(message)})"
    if status == 401:
        return BadToken(f"GITHUB_TOKEN was rejected for {what}; make a new token and set GITHUB_TOKEN to it.")
    if status in {403, 404, 410} and _OFF.search(message):
        return Disabled(f"Switched off or never used: {what}; enable it on GitHub to see its data.")
    if status in {404, 410}:
        return NotFound(
            f"GitHub knows no {what}, or the token may not see it; check the spelling, and that the token "
            f"has {_needed(path, headers)}."
        )
    if status in {403, 451}:
        return Forbidden(f"GitHub refuses {what}; {_next_step(path, message, headers)}.")
    if status == 422:
        return Unprocessable(f"GitHub cannot process {what}; ask for a shorter time with --since.")
    return Unavailable(f"GitHub answered {what}; check GITHUB_API_URL, or try again later.")


def quoted(message: str) -> str:
    """GitHub's own words after a space and in quotes, short and without secrets; empty if there are none."""
    shown = " ".join(redacted(message).split())[:MESSAGE_LIMIT].rstrip(". ")
    return f" '{shown}'" if shown else ""


def _next_step(path: str, message: str, headers: Mapping[str, str]) -> str:
    words = message.lower()
    if "installation has been suspended" in words:
        return "unsuspend the GitHub App in the account's settings"
    if "by integration" in words:  # as GitHub calls an app
        return f"give the GitHub App {_needed(path, headers)}, and accept that where it is installed"
    return f"give the token {_needed(path, headers)}"


def _needed(path: str, headers: Mapping[str, str]) -> str:
    if accepted := headers.get("x-accepted-github-permissions"):
        return f"the permission {accepted}"
    known = (permission for part, permission in _PERMISSIONS.items() if part in f"{path}/")
    return f"the permission {next(known, 'Metadata: read')}"
