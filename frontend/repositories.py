"""Repositories: one repository's rows as its page shows them."""

import numpy as np
import pandas as pd

from frontend.words import UNKNOWN, readable
from shared.datasets.alerts import SEVERITIES

_SETTINGS = {
    "default_branch": "Default branch",
    "visibility": "Visibility",
    "archived": "Archived",
    "fork": "Fork",
    "language": "Language",
    "topics": "Topics",
    "owner_team": "Owner team",
    "importance": "Importance (0-100)",
    "created_at": "Created",
    "pushed_at": "Last push",
    "html_url": "Address",
}


def worst_first(alerts: pd.DataFrame) -> pd.DataFrame:
    """Alerts by severity, worst first, the oldest of each first."""
    ranks = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    rank = alerts.severity.map(ranks).fillna(len(ranks))
    order = alerts.assign(rank=rank).sort_values(["rank", "created_at", "kind", "number"], kind="stable")
    return order.drop(columns="rank").reset_index(drop=True)


def configuration(row: "pd.Series") -> pd.DataFrame:
    """A row of `repositories` as names and values in words."""
    return pd.DataFrame({"name": list(_SETTINGS.values()), "value": [_said(row[name]) for name in _SETTINGS]})


def _said(value: object) -> str:
    if isinstance(value, (str, pd.Timestamp)) and not pd.isna(value):
        return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, pd.Timestamp) else value or UNKNOWN
    if hasattr(value, "__len__"):  # a list, as Arrow gives it
        return ", ".join(str(item) for item in value) or "none"  # type: ignore[attr-defined]
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return UNKNOWN if pd.isna(value) else readable(f"{value:g}" if isinstance(value, float) else value)  # type: ignore[call-overload]


def narrowed(rows: pd.DataFrame, orgs: tuple[str, ...], repos: tuple[str, ...]) -> pd.DataFrame:
    """The rows of these organisations and repositories, of which none named means all."""
    kept = rows[rows.org.isin(orgs)] if orgs else rows
    kept = kept[kept.repo.isin(repos)] if repos else kept
    return kept.reset_index(drop=True)
