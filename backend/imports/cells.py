"""Cells: what a table writes in a column, made a value of the dataset."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa

from backend.mapping.values import MISSING, boolean, integer, moment, number, strings, text
from shared.datasets.dataset import STRINGS, TS


@dataclass(frozen=True)
class Cell:
    """A recognised column of a table: its name there, the dataset's, and what makes a cell a value of it."""

    name: str
    column: str
    convert: Callable[[Any], Any]


def plain_name(name: str) -> str:
    """A column's name without case, spaces and punctuation: `Run ID`, `run_id` and `runId` are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _cell(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if isinstance(value, str) and value.strip() in MISSING else convert(value)


def _listed(value: object) -> list[str] | None:
    """A list, or one written as JSON, as Python, or with commas or semicolons."""
    if not isinstance(value, str):
        return strings(value)
    if value.startswith("["):
        try:
            return strings(orjson.loads(value))
        except orjson.JSONDecodeError:
            return re.findall(r"'([^']+)'", value)
    return [item.strip() for item in re.split(r"[;,]", value) if item.strip()]


def _int32(value: object) -> int | None:
    return integer(value, bits=32)


CONVERTERS: Mapping[pa.DataType, Callable[[Any], Any]] = {
    pa.string(): _cell(text),
    pa.int64(): _cell(integer),
    pa.int32(): _cell(_int32),
    pa.float64(): _cell(number),
    pa.bool_(): _cell(boolean),
    TS: _cell(moment),
    STRINGS: _cell(_listed),
}
"""Type of a column -> what makes a cell a value of it; None for what is not known or says it is missing."""
