"""Agent sessions: a session of Devin, in any version of its API, or a task of GitHub Copilot, to a row."""

import json
from collections.abc import Iterator

from backend.mapping.agent_statuses import ENDED, copilot_status, devin_status
from backend.mapping.references import alert_refs, pull_request_repository, pull_request_urls, session_id
from backend.mapping.repositories import owner, repository_of
from backend.mapping.stamp import Raw, Row, Stamp, Unusable
from backend.mapping.values import moment, nested, number, strings, text

DEVIN, COPILOT = "devin", "copilot"


def devin_row(raw: Raw, stamp: Stamp) -> Row:
    """A row of `agent_sessions` from a session of Devin's API, version 1, 2 or 3. Raises Unusable without an id.

    - session_id: as `session_id` writes it, the same in all versions.
    - pull_request_urls: first those that the structured output names, then those of the result, then the session's.
    - repo, org: those of the first pull request.
    - cost_usd: null; Devin counts in ACUs, whose price is in each customer's contract.
    """
    known_as = text(raw.get("session_id"))
    if known_as is None:
        raise Unusable("no session_id")
    status, detail = text(raw.get("status_enum")) or text(raw.get("status")), text(raw.get("status_detail"))
    output, tags = _parsed(raw.get("structured_output")), strings(raw.get("tags"))
    urls = pull_request_urls(*_pull_requests(raw, output))
    repo = next((name for url in urls if (name := pull_request_repository(url))), None)
    return {
        "provider": DEVIN,
        "session_id": session_id(known_as),
        "title": text(raw.get("title")),
        "provider_status": f"{status}/{detail}" if status and detail else status,
        "repo": repo,
        "org": owner(repo) if repo else None,
        "pull_request_urls": urls,
        "alert_refs": alert_refs(text(raw.get("title")), *(tags or ()), *_texts(output)),
        "tags": tags,
        "acus": number(raw.get("acus_consumed")),
        "structured_output": _as_json(raw.get("structured_output")),
        "url": text(raw.get("url")) or f"https://app.devin.ai/sessions/{session_id(known_as)}",
        **_standing(devin_status(status, detail), raw),
        **stamp.columns,
    }


def copilot_row(raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    """A row of `agent_sessions` from a task as GitHub lists them. Raises Unusable without an id or a repository.

    - pull_request_urls: GitHub names a task's pull requests by numbers that lead to no address, so they are null where
      there are any.
    - acus, cost_usd: null; GitHub counts in AI credits, names no price, and does not list them.
    """
    task = text(raw.get("id"))
    if task is None:
        raise Unusable("no id")
    full_name, state = repository_of(raw, repo), text(raw.get("state"))
    return {
        "provider": COPILOT,
        "session_id": task,
        "title": text(raw.get("name")),
        "provider_status": state,
        "repo": full_name,
        "org": owner(full_name),
        "pull_request_urls": None if _made_pull_requests(raw) else [],
        "alert_refs": alert_refs(text(raw.get("name"))),
        "url": text(raw.get("html_url")),
        **_standing(copilot_status(state), raw),
        **stamp.columns,
    }


def _standing(status: str, raw: Raw) -> Row:
    """Status and times. No API says when a session ended: it is when it last changed, as far as is known."""
    created, updated = moment(raw.get("created_at")), moment(raw.get("updated_at"))
    return {
        "status": status,
        "created_at": created,
        "updated_at": updated or created,
        "ended_at": updated if status in ENDED else None,
    }


def _as_json(value: object) -> str | None:
    """A structured output as the JSON text that it is, or is made of; None if there is none."""
    if value is None or isinstance(value, str):
        return text(value)
    try:
        return text(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return None


def _parsed(value: object) -> object:
    """A structured output as a value; a text that is no JSON stays a text."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value


def _texts(value: object) -> Iterator[str]:
    """All texts in a value, however deep, in their order. Within JSON text, escapes would stick to the words."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, dict):
            waiting += reversed(found.values())
        elif isinstance(found, list):
            waiting += reversed(found)


def _pull_requests(raw: Raw, output: object) -> Iterator[str | None]:
    """The texts that may hold addresses of pull requests, in their order."""
    yield text(nested(output, "pull_request_url"))
    for result in (nested(output, "result"), raw.get("result")):
        yield text(result) or text(nested(result, "pull_request_url"))
    listed = raw.get("pull_requests")
    for made in (raw.get("pull_request"), *(listed if isinstance(listed, list) else ())):
        yield text(nested(made, "pr_url")) or text(nested(made, "url"))


def _made_pull_requests(raw: Raw) -> bool:
    artifacts = raw.get("artifacts")
    return isinstance(artifacts, list) and any(nested(made, "type") == "pull" for made in artifacts)
