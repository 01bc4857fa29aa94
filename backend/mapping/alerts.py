"""Alerts: any of GitHub's three kinds of alert object to a row."""

from collections.abc import Callable, Mapping

from backend.mapping.code_scanning import code_scanning_row
from backend.mapping.dependabot import dependabot_row
from backend.mapping.secret_scanning import secret_scanning_row
from backend.mapping.stamp import Raw, Row, Stamp, Unusable

_MAPPERS: Mapping[str, Callable[[Raw, str | None, Stamp], Row]] = {
    "code_scanning": code_scanning_row,
    "dependabot": dependabot_row,
    "secret_scanning": secret_scanning_row,
}

_MARKS = {
    "dependabot": ("security_advisory", "security_vulnerability", "dependency"),
    "secret_scanning": ("secret_type", "secret_type_display_name", "resolution"),
    "code_scanning": ("rule", "most_recent_instance", "tool", "instances"),
}
"""Keys by which each kind is told; what two kinds have in common is told by the first."""


def alert_row(kind: str, raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    """A row of `alerts` from an object of that kind. Raises Unusable without a number or a repository."""
    if kind not in _MAPPERS:
        raise Unusable(f"kind {kind!r} is none of {', '.join(_MAPPERS)}")
    return _MAPPERS[kind](raw, repo, stamp)


def alert_kind(raw: Raw) -> str | None:
    """The kind of alert that an object's keys show; None if they show none."""
    return next((kind for kind, marks in _MARKS.items() if any(mark in raw for mark in marks)), None)
