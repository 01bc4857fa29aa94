"""Columns: how a frame's columns are shown in a table, and what of it is downloaded."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
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
    "text", "count", "number", "money", "share", "minutes", "hours", "days", "since", "time", "utc", "day", "bytes",
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


@dataclass(frozen=True)
class Column:
    """One column of a table on screen.

    name: in the frame.  label: with its unit.  kind: how it is shown; "minutes", "hours" and "days" are of seconds,
    "since" is a time shown as how long ago, "time" one in the viewer's zone, "utc" one in UTC, as where it is that of a
    period's beginning.  width: in pixels, where the first rows alone, by which Streamlit chooses it, would not do.
    """

    name: str
    label: str
    kind: Kind = "text"
    help: str | None = None
    pinned: bool = False
    width: int | None = None


def shown(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """A copy of the frame with these columns alone, in the units and words of the screen."""
    result = {}
    for column in columns:
        values = frame[column.name]
        if column.kind in _SCALES:
            values = values.astype("float64") * _SCALES[column.kind]
        elif column.kind in _WORDS:
            values = mapped(values, _WORDS[column.kind]).astype("str")
        result[column.name] = values
    return pd.DataFrame(result)


def mapped(values: "pd.Series[Any]", word: Callable[[object], object]) -> "pd.Series[Any]":
    """What a function makes of each value, asked once for each that differs; nothing is None to it."""
    codes, distinct = pd.factorize(values)
    words = np.empty(len(distinct) + 1, dtype="object")
    words[:] = [*map(word, distinct), word(None)]  # what is missing has the code -1
    return pd.Series(words[codes], values.index, dtype="object")


def as_parquet(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet, as it is."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()
