"""Columns: how a frame's columns are shown in a table, and what of it is downloaded."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from frontend.words import (
    DAY_S,
    HOUR_S,
    MINUTE_S,
    commit,
    decision_word,
    event_type,
    family,
    one_line,
    outcome,
    readable,
    severity,
    state,
    tier,
)
from frontend.words import dataset as dataset_title

Kind = Literal[
    "text", "count", "number", "money", "share", "minutes", "hours", "days", "since", "time", "day", "bytes",
    "state", "severity", "tier", "outcome", "code", "family", "step", "source", "commit", "link", "event", "line",
]  # fmt: skip

_SCALES = {"minutes": 1 / MINUTE_S, "hours": 1 / HOUR_S, "days": 1 / DAY_S, "share": 100.0, "bytes": 1e-3}
_WORDS = {
    "state": state,
    "severity": severity,
    "tier": tier,
    "outcome": outcome,
    "code": readable,
    "family": family,
    "step": decision_word,
    "source": dataset_title,
    "commit": commit,
    "event": event_type,
    "line": one_line,
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - spreadsheets take those too


@dataclass(frozen=True)
class Column:
    """One column of a table on screen.

    name: in the frame.  label: with its unit.  kind: how it is shown; "minutes", "hours" and "days" are of seconds,
    "since" is a time shown as how long ago.
    """

    name: str
    label: str
    kind: Kind = "text"
    help: str | None = None
    pinned: bool = False


def shown(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """A copy of the frame with these columns alone, in the units and words of the screen."""
    result = {}
    for column in columns:
        values = frame[column.name]
        if column.kind in _SCALES:
            values = values.astype("float64") * _SCALES[column.kind]
        elif column.kind in _WORDS:
            values = values.map(_WORDS[column.kind])
        result[column.name] = values
    return pd.DataFrame(result)


def as_csv(frame: pd.DataFrame) -> bytes:
    """A frame as CSV in UTF-8. Text that a spreadsheet would take for a formula begins with an apostrophe.

    Lines end as RFC 4180 has it, so that cells with either line mark are quoted.
    """
    text = frame.copy()
    for name in text.columns:
        if not pd.api.types.is_numeric_dtype(text[name]) and not pd.api.types.is_datetime64_any_dtype(text[name]):
            text[name] = text[name].map(_harmless)
    return text.rename(columns=_harmless).to_csv(index=False, lineterminator="\r\n").encode()


def as_parquet(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet, as it is."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
