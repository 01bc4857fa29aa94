"""Months as GCSMTTR writes them: the year and the English name, such as 2026-October."""

import re

from backend.api.graphql.refusal import Refused

NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NUMBERS = {name.lower(): number for number, name in enumerate(NAMES, 1)}
_PERIOD = re.compile(r"(\d{4})-([A-Za-z]{3,9})", re.ASCII)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


def period_of(month: str) -> str:
    """2026-October of 2026-10."""
    year, number = month.split("-")
    return f"{year}-{NAMES[int(number) - 1]}"


def month_of(period: str) -> str:
    """2026-10 of 2026-October; 2026-10 is taken as well. Raises Refused."""
    if _MONTH.fullmatch(period):
        return period
    match = _PERIOD.fullmatch(period)
    number = _NUMBERS.get(match[2].lower()) if match else None
    if match is None or number is None:
        raise Refused(f"monthlyPeriod is {period[:40]!r}; write it as 2026-October.")
    return f"{match[1]}-{number:02}"
