"""What may go wrong between Fettle and Devin. Never BadToken or RateLimited, which would end GitHub's part, too."""

from collections.abc import Mapping

import orjson
import requests

from backend.collect.answers import Broken
from backend.collect.connection.line import Reply
from backend.collect.connection.obstacles import obstacle
from backend.collect.problems import Forbidden, GitHubError, NotFound, Unavailable, quoted
from shared.observing.redaction import HIDDEN


def devin_problem(reply: Reply, path: str, key: str) -> GitHubError:
    """The error that an answer of status 400 or more stands for; rate limits and 5xx are judged before.

    key: what the request was signed with; it is not shown, even if Devin repeats it.
    """
    what = f"{path} ({reply.status}{quoted(_said(reply.body).replace(key, HIDDEN))})"
    if reply.status == 401:
        return Forbidden(f"DEVIN_API_KEY was rejected for {what}; make a new key and set DEVIN_API_KEY to it.")
    if reply.status == 403:
        return Forbidden(
            f"Devin refuses {what}; give the owner of DEVIN_API_KEY the permission ViewOrgSessions, and check "
            "DEVIN_ORG_ID."
        )
    if reply.status == 404:
        return NotFound(f"Devin knows no {what}; check DEVIN_ORG_ID and DEVIN_API_URL.")
    return Unavailable(f"Devin answered {what}; check DEVIN_ORG_ID and DEVIN_API_URL, or try again later.")


def devin_obstacle(error: requests.RequestException, url: str) -> Broken | Unavailable:
    """What stands between us and Devin, with the variable that names Devin's address in place of GitHub's."""
    found = obstacle(error, url)
    return type(found)(str(found).replace("GITHUB_API_URL", "DEVIN_API_URL"))


def _said(body: bytes) -> str:
    """Devin's own words in the body of an error; empty if there are none."""
    try:
        said = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        return ""
    words: Mapping[str, object] = said if isinstance(said, dict) else {}
    return str(words.get("detail") or words.get("message") or "")
