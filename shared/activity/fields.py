"""Fields: reads the fields of what a sender tells, and keeps every problem that there is with them."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.activity.problem import Problem, Refused

LONGEST_ID, LONGEST_TEXT = 200, 16_384
"""Characters of an id, and of any other text."""

YEARS = range(1971, 2200)
"""Years of plausible times: others stand for "none", or are a slip of units."""

_EXAMPLE = "2026-11-21T12:00:00Z"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class Fields:
    """The fields of one object, each read once. now: no time but one that may lie ahead is after it."""

    def __init__(self, raw: Mapping[str, Any], now: datetime) -> None:
        self._raw = raw
        self._now = now
        self._problems: list[Problem] = []

    def check(self) -> None:
        """Raises Refused with every problem, if there is any."""
        if self._problems:
            raise Refused(self._problems)

    def refuse(self, field: str, why: str, step: str, value: object = None) -> None:
        """Keeps a problem."""
        self._problems.append(Problem(field, why, step, value))

    def given(self, field: str) -> object:
        """What was given; None for nothing and for blank text."""
        value = self._raw.get(field)
        return None if isinstance(value, str) and not value.strip() else value

    def text(self, field: str, *, required: bool = False, longest: int = LONGEST_TEXT) -> str | None:
        """A text without blanks around it; a whole number is taken for its digits."""
        value = self._value(field, required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.refuse(field, "is not a text", "send it as a string", value)
            return None
        text = str(value).strip()
        if not _storable(text):
            self.refuse(field, "holds what is no character", "send valid Unicode without NUL", value)
            return None
        if len(text) > longest:
            self.refuse(field, f"is longer than {longest:,} characters", f"send at most {longest:,}", len(text))
            return None
        return text

    def identity(self, field: str, *, required: bool = False) -> str | None:
        """A text that identifies something: short and of one line."""
        text = self.text(field, required=required, longest=LONGEST_ID)
        if text is not None and _CONTROL.search(text):
            self.refuse(field, "holds a control character", "send an id of one line", text)
            return None
        return text

    def time(self, field: str, *, required: bool = False, ahead: bool = False) -> datetime | None:
        """A time in UTC from ISO 8601; one without a zone is in UTC. ahead: whether it may be in the future."""
        value = self._value(field, required)
        if value is None:
            return None
        moment = _moment(value)
        if moment is None:
            self.refuse(field, "is not a time", f"write it in ISO 8601, as {_EXAMPLE}", value)
            return None
        if moment.year not in YEARS:
            self.refuse(field, "is no plausible time", f"use a year from {YEARS[0]} to {YEARS[-1]}", value)
            return None
        if moment > self._now and not ahead:
            self.refuse(field, "is in the future", f"use a time up to {self._now:%Y-%m-%dT%H:%M:%SZ}", value)
            return None
        return moment

    def amount(self, field: str, *, required: bool = False) -> float | None:
        """A finite number above 0, also as text."""
        value = self._value(field, required)
        if value is None:
            return None
        number = _number(value)
        if number is None:
            self.refuse(field, "is not a number", "write it as 12.50", value)
            return None
        if not math.isfinite(number):
            self.refuse(field, "is not finite", "send the amount itself", value)
            return None
        if number <= 0:
            self.refuse(field, "is not above 0", "send the amount of the invoice", value)
            return None
        return number

    def choice(self, field: str, offered: tuple[str, ...], default: str) -> str:
        """One of the words offered, in whatever case; the default where none is given."""
        value = self.given(field)
        if value is None:
            return default
        word = value.strip().lower() if isinstance(value, str) else ""
        if word not in offered:
            self.refuse(field, "is not known", f"use one of {', '.join(offered)}", value)
            return default
        return word

    def not_before(self, later: str, earlier: str, later_at: datetime | None, earlier_at: datetime | None) -> None:
        """Refuses a time that is before another one; what is unknown is not."""
        if later_at and earlier_at and later_at < earlier_at:
            told = self.given(later)
            self.refuse(later, f"is before {earlier}", f"use a time from {earlier_at:%Y-%m-%dT%H:%M:%SZ} on", told)

    def _value(self, field: str, required: bool) -> object:
        value = self.given(field)
        if value is None and required:
            self.refuse(field, "is missing", "send it")
        return value


def _moment(value: object) -> datetime | None:
    """A time in UTC; None for what is none."""
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
        if not isinstance(moment, datetime):
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _number(value: object) -> float | None:
    """A number, which may be infinite or none at all (NaN); None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        return math.nan if value.strip().lower().lstrip("+-") in ("nan", "inf", "infinity") else None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _storable(text: str) -> bool:
    """Whether any file can hold it: no halves of surrogate pairs, no NUL."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
