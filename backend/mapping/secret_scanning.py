"""Secret scanning alerts: GitHub's object to a row of `alerts`. The secret itself is never read."""

from backend.mapping.closing import finish_alert, reason_word
from backend.mapping.repositories import repository_of
from backend.mapping.severity import severity_level
from backend.mapping.stamp import Raw, Row, Stamp
from backend.mapping.values import integer, moment, nested, text
from shared.cwe import SECRETS

TOOL = "Secret scanning"

REVOKED = "revoked"
"""The one resolution that removes the danger; with every other the secret stays as valid as it was."""


def secret_scanning_row(raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    """A row of `alerts`. Raises Unusable without a number or a repository.

    state: a revoked secret is fixed, one resolved in any other way, also in an unknown one, is dismissed.
    severity is `unknown` unless the object holds one: GitHub rates no secrets, and a rating of ours would
    show as breached SLAs that nobody agreed to.
    """
    resolution, resolved_at = reason_word(raw.get("resolution")), moment(raw.get("resolved_at"))
    state = state_by_resolution(text(raw.get("state")), resolution)
    return finish_alert(
        {
            "repo": repository_of(raw, repo),
            "kind": "secret_scanning",
            "number": integer(raw.get("number")),
            "state": state,
            "severity": severity_level(raw.get("severity")),
            "rule_id": text(raw.get("secret_type")),
            "rule_name": text(raw.get("secret_type_display_name")),
            "cwe_family": SECRETS,
            "tool": TOOL,
            "path": text(nested(raw, "first_location_detected", "path")),
            "start_line": integer(nested(raw, "first_location_detected", "start_line"), bits=32),
            "created_at": moment(raw.get("created_at")),
            "updated_at": moment(raw.get("updated_at")),
            "fixed_at": resolved_at if state == "fixed" else None,
            "dismissed_at": resolved_at if state == "dismissed" else None,
            "close_reason": resolution,
            "dismissed_by": text(nested(raw, "resolved_by", "login")) if state == "dismissed" else None,
            "html_url": text(raw.get("html_url")),
            **stamp.columns,
        }
    )


def state_by_resolution(state: str | None, resolution: str | None) -> str | None:
    """The state; deliveries of older servers have none, and are told by their resolution."""
    if state == "resolved" or (state is None and resolution is not None):
        return "fixed" if resolution == REVOKED else "dismissed"
    return state or "open"
