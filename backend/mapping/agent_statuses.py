"""Agents' words for how a session stands, as one of SESSION_STATUSES."""

from collections.abc import Mapping

UNKNOWN = "unknown"

ENDED = frozenset({"finished", "failed", "stopped", "expired"})
"""Statuses after which a session does nothing more of its own accord."""

_DEVIN: Mapping[str, str] = {
    # The first version's status_enum.
    "working": "running",
    "blocked": "waiting",
    "expired": "expired",
    "finished": "finished",
    "suspend_requested": "stopped",
    "suspend_requested_frontend": "stopped",
    "resume_requested": "running",
    "resume_requested_frontend": "running",
    "resumed": "running",
    # The second and third versions' status.
    "new": "queued",
    "claimed": "queued",
    "running": "running",
    "exit": "finished",
    "error": "failed",
    "suspended": "stopped",
    "resuming": "running",
}

_DEVIN_DETAIL: Mapping[str, str] = {
    "finished": "finished",
    "error": "failed",
    "waiting_for_user": "waiting",
    "waiting_for_approval": "waiting",
}
"""Details that say more than the status; all others are reasons why a session is suspended."""

_COPILOT: Mapping[str, str] = {
    "queued": "queued",
    "in_progress": "running",
    "completed": "finished",
    "failed": "failed",
    "idle": "waiting",
    "waiting_for_user": "waiting",
    "timed_out": "expired",
    "cancelled": "stopped",
}


def devin_status(status: str | None, detail: str | None = None) -> str:
    """The status of a session by the words of any of Devin's API versions; `unknown` for words that are new.

    A running session whose detail is finished is done. A suspended one is stopped, be it for want of activity or of
    money.
    """
    known = _DEVIN.get(status or "", UNKNOWN)
    return known if known == UNKNOWN else _DEVIN_DETAIL.get(detail or "", known)


def copilot_status(state: str | None) -> str:
    """The status of a Copilot task by its state; `unknown` for words that are new."""
    return _COPILOT.get(state or "", UNKNOWN)
