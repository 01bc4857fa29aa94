"""Scope: what a question is about: a time range and filters on organisations, repositories and the like."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import ibis
import ibis.expr.types as ir

from shared.errors import FettleError

RANGES = ("24h", "7d", "30d", "90d", "1y", "all")
"""The ranges that every page offers besides a custom one."""

DEFAULT_RANGE = "90d"

LOOKS_BACK = timedelta(days=8)
"""How far before its end a question may look at how things were then: a week, to compare with."""

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1), "y": timedelta(days=365)}
_RELATIVE = re.compile(r"(\d{1,4})([hdwy])")
_CUSTOM = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Known:
    """What is known of the data at the end of a range; a metric answers the same without it, but later.

    settled: nothing was changed at or after the end, so that what is stored is how it was then.
    changing: runs created before this are known not to have changed later than LOOKS_BACK before the end.
    recent: whether what is changing, and recent_range: whether the range as well, begins after the months that digests
    fold into one.
    """

    settled: bool = False
    changing: datetime | None = None
    recent: bool = False
    recent_range: bool = False

    def earlier(self, *, settled: bool, changing: bool) -> "Known":
        """What of it is known at an earlier end, where both may be known there at all."""
        still = self.changing if changing else None
        recent = self.recent and still is not None
        return Known(self.settled and settled, still, recent, self.recent_range and recent)

    def of_another_range(self) -> "Known":
        """What of it is known where the same end has another beginning."""
        return Known(self.settled, self.changing, self.recent)


NOTHING_KNOWN = Known()


@dataclass(frozen=True)
class Scope:
    """A half-open time range [since, until) and filters; an empty filter lets everything through.

    since: None means from the beginning.  until: also the time "as of" which open things are judged.
    branch: None means the default branch where a metric distinguishes branches, "*" means all branches.
    known: what the lake tells of its data at `until`.
    """

    until: datetime
    since: datetime | None = None
    orgs: tuple[str, ...] = ()
    repos: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    branch: str | None = None
    bots: bool = True
    known: Known = NOTHING_KNOWN

    def previous(self) -> "Scope | None":
        """The range of equal length just before this one; None where there is no beginning."""
        if self.since is None:
            return None
        return replace(self, since=self.since - (self.until - self.since), until=self.since, known=NOTHING_KNOWN)

    def at(self, time: datetime) -> "Scope":
        """The same at an earlier end."""
        known = self.known.earlier(settled=time >= self.until, changing=time >= self.until - LOOKS_BACK)
        return replace(self, until=time, known=known)

    def filter(self, rows: ir.Table) -> ir.Table:
        """Rows that pass every filter whose column they have; time is not looked at."""
        wanted = {
            "org": self.orgs,
            "repo": self.repos,
            "workflow_name": self.workflows,
            "event": self.events,
            "customer_id": self.customers,
            "severity": self.severities,
            "kind": self.kinds,
        }
        known = ((column, values) for column, values in wanted.items() if values and column in rows.columns)
        conditions = [rows[column].isin(values) for column, values in known]
        if not self.bots and "actor_is_bot" in rows.columns:
            conditions.append(~rows.actor_is_bot.fill_null(False))
        return rows.filter(*conditions) if conditions else rows

    def within(self, rows: ir.Table, column: str) -> ir.Table:
        """Rows whose time in `column` is in the range; a row without a time is not."""
        conditions = [rows[column] < ibis.literal(self.until)]
        if self.since is not None:
            conditions.append(rows[column] >= ibis.literal(self.since))
        return rows.filter(*conditions)


def parse_range(text: str, now: datetime) -> tuple[datetime | None, datetime]:
    """A range such as "24h", "30d", "1y", "all" or "2026-04-01..2026-06-30" as (since, until) in UTC.

    Both days of a custom range are included. Raises FettleError with the forms that are understood.
    """
    if text == "all":
        return None, now
    if match := _RELATIVE.fullmatch(text):
        return now - int(match[1]) * _UNITS[match[2]], now
    if match := _CUSTOM.fullmatch(text):
        try:
            first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2])
        except ValueError as error:
            hint = "holds a day that does not exist; use YYYY-MM-DD..YYYY-MM-DD"
            raise FettleError(f"Range {text!r} {hint}.") from error
        if first <= last:
            return _midnight(first), _midnight(last + timedelta(days=1))
        raise FettleError(f"Range {text!r} ends before it begins; put the earlier day first.")
    forms = f"{', '.join(RANGES)} or YYYY-MM-DD..YYYY-MM-DD"
    raise FettleError(f"Range {text!r} is not understood; use one of {forms}.")


def parse_time(text: str, option: str) -> datetime:
    """A time in ISO 8601, in UTC where it names no zone. Raises FettleError that names the option it was given for."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FettleError(f"{option} {text!r} is not a time; write it as 2026-11-21T12:00Z.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
