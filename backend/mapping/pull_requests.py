"""Pull requests: GitHub's pull request object to a row."""

from backend.mapping.code_scanning import branch_name
from backend.mapping.references import alert_refs, session_ids
from backend.mapping.repositories import owner, repository_name, repository_of
from backend.mapping.stamp import Raw, Row, Stamp, Unusable
from backend.mapping.values import boolean, integer, moment, nested, text
from backend.mapping.workflow_runs import is_bot

STATES = ("open", "closed", "merged")


def pull_request_row(raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    """A row of `pull_requests`. Raises Unusable without a number or a repository.

    - state: merged when it was merged, which GitHub calls closed; anything but STATES is null.
    - updated_at: missing, it is the latest other time of the pull request, so that a later reading wins.
    - session_id: the first agent session that title, body or branch name, in the order of session_ids. What sessions
      say in turn is for links.
    - alert_refs: all alerts that title, body or branch refer to.
    """
    number = integer(raw.get("number"))
    if number is None:
        raise Unusable("no number")
    full_name = repository_of(raw, repository_name(nested(raw, "base", "repo", "full_name")) or repo)
    author, branch = raw.get("user"), branch_name(nested(raw, "head", "ref"))
    said = text(raw.get("title")), text(raw.get("body")), branch
    return {
        "repo": full_name,
        "org": owner(full_name),
        "number": number,
        "title": text(raw.get("title")),
        "author": text(nested(author, "login")),
        "author_is_bot": is_bot(author),
        "state": _state(raw),
        "head_branch": branch,
        "base_branch": branch_name(nested(raw, "base", "ref")),
        **_times(raw),
        "session_id": next(iter(session_ids(*said)), None),
        "alert_refs": alert_refs(*said),
        "html_url": text(raw.get("html_url")),
        **stamp.columns,
    }


def _state(raw: Raw) -> str | None:
    if moment(raw.get("merged_at")) or boolean(raw.get("merged")):
        return "merged"
    state = (text(raw.get("state")) or "").lower()
    return state if state in STATES else None


def _times(raw: Raw) -> Row:
    times = {name: moment(raw.get(name)) for name in ("created_at", "updated_at", "merged_at", "closed_at")}
    latest = max((time for time in times.values() if time), default=None)
    return {**times, "updated_at": times["updated_at"] or latest}
