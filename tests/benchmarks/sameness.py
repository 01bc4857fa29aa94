"""Sameness: whether two answers to one question are the same, rounding and the order of equal rows aside."""

import numpy as np
import pandas as pd

CLOSE = 1e-6
"""The greatest difference of two numbers, as a share of the greater one, that is rounding."""


def differences(ours: pd.DataFrame, theirs: pd.DataFrame) -> list[str]:
    """How the columns of the second differ from those of the first, in words; nothing if they do not."""
    if unknown := [name for name in theirs.columns if name not in ours.columns]:
        return [f"columns {', '.join(unknown)} are only in the second"]
    if len(ours) != len(theirs):
        return [f"{len(ours)} rows, {len(theirs)} in the second"]
    first, second = _in_order(ours[list(theirs.columns)]), _in_order(theirs)
    pairs = [(name, first[name], second[name]) for name in theirs.columns]
    return [f"{name}: {_example(a, b)}" for name, a, b in pairs if not _same(a, b).all()]


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by what is no measured number, then by the numbers."""
    plain = pd.DataFrame({name: _plain(rows[name]) for name in rows.columns})
    exact = [name for name in plain.columns if not pd.api.types.is_float_dtype(plain[name])]
    rest = [name for name in plain.columns if name not in exact]
    return plain.sort_values([*exact, *rest], kind="stable").reset_index(drop=True)


def _plain(column: "pd.Series") -> "pd.Series":
    """Numbers as floats if they may have a fraction, everything else as text."""
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_string_dtype(column):
        return column.astype("string").fillna("")
    if pd.api.types.is_numeric_dtype(column) or _decimal(column):
        return column.astype("float64")
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    if pd.api.types.is_datetime64_any_dtype(column):
        text: pd.Series = column.dt.strftime("%Y-%m-%dT%H:%M:%S.%f").astype("string").fillna("")
        return text
    return column.map(lambda value: "" if value is None or value is pd.NaT else str(value)).astype("string")


def _decimal(column: "pd.Series") -> bool:
    known = column.dropna()
    return not known.empty and type(known.iloc[0]).__name__ == "Decimal"


def _same(a: "pd.Series", b: "pd.Series") -> "np.ndarray":
    if pd.api.types.is_float_dtype(a) and pd.api.types.is_float_dtype(b):
        return np.isclose(a, b, rtol=CLOSE, atol=CLOSE, equal_nan=True)
    return np.asarray(a.astype("string") == b.astype("string"))


def _example(a: "pd.Series", b: "pd.Series") -> str:
    same = _same(a, b)
    place = int(np.argmin(same))
    return f"{(~same).sum()} of {len(same)} rows, such as {a.iloc[place]} and {b.iloc[place]}"
