"""Closing: when and why an alert was closed, told by its state and not by timestamps left over."""

import re
from datetime import datetime

from backend.mapping.repositories import owner
from backend.mapping.stamp import WEBHOOK, Row, Unusable
from backend.mapping.values import text
from shared.cwe import cwe_family
from shared.datasets.alerts import STATES


def finish_alert(row: Row) -> Row:
    """The row with what follows from its other columns; for GitHub's objects and for tables from elsewhere.

    - state: one of STATES, anything else is null.
    - closed_at: of a fixed alert fixed_at, of a dismissed one dismissed_at, else a closed_at that was given,
      else updated_at, else, when GitHub pushed the change, the time it was received; null while open.
    - close_reason: `fixed` (`revoked` for a secret), `auto`, or the reason of the dismissal; null while open.
    - updated_at: missing, it is the latest other time of the alert itself, so that a later reading wins.
    Raises Unusable without a number.
    """
    if row["number"] is None:
        raise Unusable("no number")
    state = row["state"] if row["state"] in STATES else None
    cwes = row.get("cwes")
    return {
        **row,
        "org": owner(row["repo"]),
        "state": state,
        "cwe_family": row.get("cwe_family") or cwe_family(cwes),
        "updated_at": _updated_at(row),
        "closed_at": _closed_at(row, state),
        "close_reason": _close_reason(state, row.get("close_reason")),
    }


def reason_word(value: object) -> str | None:
    """A reason as one word: "won't fix" and `wont_fix` are the same."""
    plain = re.sub(r"['\u2019`]", "", text(value) or "")
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_") or None


def _closed_at(row: Row, state: str | None) -> datetime | None:
    if state is None or state == "open":
        return None
    own = row.get("fixed_at") if state == "fixed" else row.get("dismissed_at")
    received = row["collected_at"] if row["source"] == WEBHOOK else None
    return own or row.get("closed_at") or row.get("updated_at") or received


def _close_reason(state: str | None, reason: str | None) -> str | None:
    if state == "fixed":
        return "revoked" if reason == "revoked" else "fixed"
    if state == "auto_dismissed":
        return "auto"
    return reason if state == "dismissed" else None


def _updated_at(row: Row) -> datetime | None:
    updated: datetime | None = row.get("updated_at")
    times = (row.get(name) for name in ("created_at", "fixed_at", "dismissed_at", "closed_at"))
    return updated or max((time for time in times if time), default=None)
