"""Tolerant converters: of whatever an export holds, the value if it is known, else None; never an error."""

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

MISSING = frozenset({"", "null", "NULL", "None", "NaN", "nan", "NaT", "<NA>", "N/A", "\\N"})
"""Texts by which tools write that there is no value."""

YEARS = range(1971, 2200)
"""Years of plausible times: 0001 is Go's and 1970 Unix's way to say "none", a far future a slip of units."""

_MILLISECONDS_FROM = 1e11
"""Epoch numbers from here on are milliseconds: as seconds they would lie after the year 5000."""

_GITHUBS = len("2026-01-31T12:00:00Z")
"""The length of a time as GitHub's API writes it."""

_EPOCH = re.compile(r"\d{9,13}(\.\d+)?")
_NAMED_ZONE = re.compile(
    r"(?P<time>.*\d)\s*(?:\[(?P<bracket>[A-Za-z_+\-/0-9]+)\]|(?P<name>[A-Za-z]+(?:/[A-Za-z_+\-0-9]+)*))"
)
_SPACED_OFFSET = re.compile(r"(.*\d)\s+([+-]\d{2}:?\d{2})")
_WHOLE = re.compile(r"[+-]?\d{1,19}(\.0*)?")


def text(value: object) -> str | None:
    """A non-empty text as it is; halves of surrogate pairs, which no file can hold, become "?"."""
    if not isinstance(value, str) or not value:
        return None
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def integer(value: object, bits: int = 64) -> int | None:
    """A whole number that fits a signed integer of so many bits: 12, 12.0, "12", "12.0"; not True or 1.5."""
    if isinstance(value, str):
        value = value.strip()
        whole = int(value.partition(".")[0]) if _WHOLE.fullmatch(value) else None
    elif isinstance(value, float):
        whole = int(value) if value.is_integer() else None
    else:
        whole = value if isinstance(value, int) and not isinstance(value, bool) else None
    limit = 1 << (bits - 1)
    return whole if whole is not None and -limit <= whole < limit else None


def number(value: object) -> float | None:
    """A finite number: int, float or text; not True, not NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        converted = float(value)
    except (ValueError, OverflowError):
        return None
    return converted if math.isfinite(converted) else None


def boolean(value: object) -> bool | None:
    """True or False, also as the text true/false in any case."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def strings(value: object) -> list[str] | None:
    """The texts of a list; None for what is no list."""
    if not isinstance(value, list | tuple):
        return None
    return [item for item in map(text, value) if item is not None]


def moment(value: object) -> datetime | None:
    """A time in UTC, from ISO 8601, RFC 2822, epoch seconds or milliseconds, or a datetime.

    Offsets (`Z`, `+05:30`, `-0800`), fractions and zone names (`Europe/Berlin`) are understood; a time
    without a zone is taken as UTC, which is what GitHub's exports mean; of an hour that comes twice, when the
    clocks are put back, it is the first. Years outside YEARS are None.
    """
    if isinstance(value, str):
        if len(value) == _GITHUBS and value[-1] == "Z":  # nearly all there are: a million times in a large collection
            try:
                return _in_utc(datetime.fromisoformat(value))
            except ValueError:
                pass
        parsed = _parse(value.strip())
    elif isinstance(value, datetime):
        parsed = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        parsed = _from_epoch(value)
    else:
        parsed = None
    return _in_utc(parsed) if parsed is not None else None


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from start to end; None where either is unknown or the end comes first."""
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds()


def nested(raw: object, *path: str) -> Any:  # noqa: ANN401  (JSON holds anything)
    """What is at a path of keys in nested dicts; None where the path breaks off."""
    for key in path:
        if not isinstance(raw, dict):
            return None
        raw = raw.get(key)
    return raw


def _parse(value: str) -> datetime | None:
    if _EPOCH.fullmatch(value):
        return _from_epoch(float(value))
    for reading in (datetime.fromisoformat, _with_spaced_offset, _in_named_zone, parsedate_to_datetime):
        try:
            return reading(value)
        except (ValueError, OverflowError, LookupError, TypeError, OSError):
            continue
    return None


def _with_spaced_offset(value: str) -> datetime:
    """Reads "2026-04-08 02:12:02 +0200"."""
    match = _SPACED_OFFSET.fullmatch(value)
    if match is None:
        raise ValueError(value)
    return datetime.fromisoformat(match[1] + match[2])


def _in_named_zone(value: str) -> datetime:
    """Reads "2026-04-08 02:12:02 Europe/Berlin" and "…+02:00[Europe/Berlin]", of which the offset counts."""
    match = _NAMED_ZONE.fullmatch(value)
    if match is None:
        raise ValueError(value)
    zone = ZoneInfo(match["bracket"] or match["name"])
    local = datetime.fromisoformat(match["time"])
    return local if local.tzinfo else local.replace(tzinfo=zone)


def _from_epoch(value: float) -> datetime | None:
    seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _in_utc(value: datetime) -> datetime | None:
    try:
        utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return utc if utc.year in YEARS else None
