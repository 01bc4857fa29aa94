"""Durations in a policy: a number with its unit, such as "48h" or "7d"."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_FORM = re.compile(r"(\d{1,6}(?:\.\d+)?)\s*([a-zA-Z]*)")
_LONGEST = timedelta(days=3650)


def parse_duration(value: object) -> timedelta:
    """A duration from "90min", "48h", "7d" or "2w". Raises ValueError that says what is wrong with it."""
    if isinstance(value, timedelta):
        return value
    match = _FORM.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or match[2] not in _UNITS:
        what = f"unit {match[2]!r} is not known" if match and match[2] else "a duration needs a number and a unit"
        raise ValueError(f'{what}; use {", ".join(_UNITS)}, as in "48h" or "7d"')
    found = float(match[1]) * _UNITS[match[2]]
    if not timedelta(0) < found <= _LONGEST:
        raise ValueError("must be longer than nothing and at most ten years")
    return found


def written_duration(value: timedelta) -> str:
    """A duration as a policy has it, in the largest unit in which it is whole."""
    for unit in ("d", "h", "min"):
        if value % _UNITS[unit] == timedelta(0):
            return f"{value // _UNITS[unit]}{unit}"
    return f"{value / _UNITS['min']:g}min"


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(written_duration)]
"""A field of a policy that takes a duration."""
