"""The answers of both versions, by path."""

import re
from typing import Any

from tests.standins.devin.state import ORG, Session, State
from tests.standins.github.answers import Answer, answer
from tests.standins.github.calls import Request
from tests.standins.github.moments import iso

_LISTS = {"apk_": re.compile(r"/v1/sessions"), "cog_": re.compile(r"/v3/organizations/([^/]+)/sessions")}


def view(state: State, request: Request) -> Answer:
    """Answers one request."""
    key = request.headers.get("authorization", "").removeprefix("Bearer ")
    wanted = [pattern.fullmatch(request.path) for prefix, pattern in _LISTS.items() if key.startswith(prefix)]
    if not any(pattern.fullmatch(request.path) for pattern in _LISTS.values()) or request.method != "GET":
        return refusal(404, "Not Found")
    if key not in state.keys or not wanted or wanted[0] is None:
        return refusal(401, "Invalid API key")
    if key in state.forbidden:
        return refusal(403, "Missing permission: ViewOrgSessions")
    if key.startswith("apk_"):
        return _numbered(state, request.query)
    return _cursored(state, request.query) if wanted[0][1] == ORG else refusal(404, "Organization not found")


def refusal(status: int, detail: str) -> Answer:
    """An error body as Devin writes it."""
    return answer({"detail": detail}, status=status)


def _numbered(state: State, query: dict[str, str]) -> Answer:
    offset, limit = int(query.get("offset", 0)), int(query.get("limit", 100))
    shown = state.listed()[offset : offset + limit]
    return answer({"sessions": [_first(session) for session in shown]})


def _cursored(state: State, query: dict[str, str]) -> Answer:
    """The page after a cursor, which names a place in the order and not a count."""
    first = int(query.get("first", 100))
    if not 1 <= first <= 200:
        return refusal(422, "first must be between 1 and 200")
    found = [session for session in state.listed() if session.updated_at > int(query.get("updated_after", 0))]
    total = len(found)
    if after := query.get("after"):
        found = [session for session in found if _cursor(state, session) < after]
    shown = found[:first]
    more = len(found) > first
    page = {"end_cursor": _cursor(state, shown[-1]) if more else None, "has_next_page": more, "total": total}
    return answer({"items": [_third(session) for session in shown], **page})


def _cursor(state: State, session: Session) -> str:
    return f"{getattr(session, state.order):012d}.{session.id}"


def _first(session: Session) -> dict[str, Any]:
    """A session as version 1 shows it."""
    pull_request = {"url": session.pull_requests[0]} if session.pull_requests else None
    return {
        "session_id": f"devin-{session.id}",
        "status": session.status,
        "title": session.title,
        "created_at": iso(session.created_at),
        "updated_at": iso(session.updated_at),
        "snapshot_id": None,
        "playbook_id": None,
        "requesting_user_email": "octocat@example.com",
        "tags": list(session.tags),
        "pull_request": pull_request,
        "structured_output": session.structured_output,
        "status_enum": session.status_enum,
        **session.more,
    }


def _third(session: Session) -> dict[str, Any]:
    """A session as version 3 shows it."""
    return {
        "session_id": session.id,
        "org_id": ORG,
        "url": f"https://app.devin.ai/sessions/{session.id}",
        "status": session.status,
        "status_detail": session.status_detail,
        "title": session.title,
        "tags": list(session.tags),
        "created_at": session.created_at,
        "updated_at": session.updated_at,
        "acus_consumed": session.acus,
        "pull_requests": [{"pr_url": url, "pr_state": "open"} for url in session.pull_requests],
        "structured_output": session.structured_output,
        "user_id": "user-1",
        "parent_session_id": None,
        "child_session_ids": None,
        "is_advanced": False,
        "is_archived": False,
        **session.more,
    }
