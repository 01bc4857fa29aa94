"""Alert rows: alerts and findings arranged for a table, and what is said of one of them."""

from collections.abc import Callable, Mapping

import pandas as pd

from frontend.words import UNKNOWN, as_text, decision_word, duration, family, readable, severity, state

FACTS = (
    ("rule_id", "Rule"),
    ("where", "Where"),
    ("cwe_family", "CWE family"),
    ("tool", "Tool"),
    ("kind", "Kind"),
    ("appearances", "Scans that saw it"),
    ("decision", "Decision in force"),
    ("owner", "Owner"),
    ("reason", "Reason"),
    ("expires_at", "Decision expires"),
)
"""What is told of a row beside its title, where it is known."""

_CODES: Mapping[str, Callable[[object], str]] = {"kind": readable, "cwe_family": family}


def arranged(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of alert_list or finding_list with `what` it is and `where`, in words."""
    if "message" in rows.columns:
        line = rows.start_line.map(lambda line: "" if pd.isna(line) else f":{int(line)}")
        where = rows.path + line
        what = rows.message.fillna(rows.rule_id)
    else:
        where = rows.package.fillna(rows.path)
        what = rows.rule_name.fillna(rows.rule_id)
    return rows.assign(what=what, where=where)


def title(row: pd.Series) -> str:
    """One row as a heading, in Markdown."""
    number = "" if "number" not in row.index else f" #{row.number}"
    return f"**{as_text(_known(row.what))}** in {as_text(str(row.repo))}{number}"


def standing(row: pd.Series) -> str:
    """The severity, state and age of one row, in one line."""
    return f"{severity(row.severity)}  ·  {state(row.state)}  ·  {duration(row.age_s)}"


def facts(row: pd.Series) -> list[str]:
    """What is known of one row, a line each, in Markdown."""
    known = ((label, name, row[name]) for name, label in FACTS if name in row.index)
    return [f"{label}: {as_text(_said(name, value))}" for label, name, value in known if not pd.isna(value)]


def _said(name: str, value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%d %b %Y, %H:%M} UTC"
    if name == "decision":
        return decision_word(value)
    if name == "appearances":
        return f"{value:.0f}"
    return _CODES.get(name, str)(value)


def _known(value: object) -> str:
    return str(value) if isinstance(value, str) else UNKNOWN
