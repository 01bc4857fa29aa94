"""Words: how numbers, durations, times and codes read on screen."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from shared.datasets import DATASETS

UNKNOWN = "—"
"""What stands for a figure that is not known; never a zero."""

MINUTE_S, HOUR_S, DAY_S = 60.0, 3_600.0, 86_400.0

DATASET_TITLES = {
    **{name: dataset.title for name, dataset in DATASETS.items()},
    "code_scanning": "Code scanning alerts",
    "dependabot": "Dependabot alerts",
    "secret_scanning": "Secret scanning alerts",
    "scans": "Code scanning analyses",
    "findings": "Findings of scans",
}
"""Datasets, and the kinds of alerts that the ledger tells apart as sources; two are told in more words than there."""

_MARKS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of the text after them, by which a name could pass for another."""

_EVENT_TYPES = {"feature": "Feature use", "api": "API call"}

_ACRONYMS = frozenset({"xss", "ssrf", "xml"})

_OUTCOMES = {
    "ok": "✓ Ok",
    "unchanged": "✓ Unchanged",
    "disabled": "○ Switched off",
    "forbidden": "✕ Forbidden",
    "not_found": "✕ Not found",
    "partial": "◐ Partial",
    "failed": "✕ Failed",
}

_STATES = {
    "failing": "✕ Failing",
    "stale": "◷ Stale",
    "inactive": "○ Inactive",
    "healthy": "✓ Healthy",
    "never_run": "◌ Never run",
    "breached": "✕ Breached",
    "at_risk": "◷ At risk",
    "on_track": "✓ On track",
    "met": "✓ Met",
    "unknown": "○ Unknown",
    "7 days": "◷ 7 days",
    "14 days": "◔ 14 days",
    "new": "◇ New",
    "recurring": "↻ Recurring",
    "session_dispatched": "▷ Session under way",
    "pr_open": "◐ PR open",
    "pr_merged": "◕ PR merged",
    "verified_fixed": "✓ Verified fixed",
    "fixed": "✓ Fixed",
    "false_positive": "○ False positive",
    "wont_fix": "○ Won't fix",
    "risk_accepted": "◷ Risk accepted",
    "dismissed": "○ Dismissed",
    "open": "◇ Open",
    "closed": "✓ Closed",
    "resolved": "✓ Resolved",
    "paid": "✓ Paid",
    "paid_late": "◷ Paid late",
    "unpaid": "◇ Unpaid",
    "overdue": "✕ Overdue",
}

_DECISIONS = {"wont_fix": "Won't fix", "risk_accepted": "Risk accepted", "reopened": "Re-opened"}

_TIERS = {
    "at_risk": "✕ At risk",
    "watch": "◐ Watch",
    "good": "✓ Good",
    "excellent": "★ Excellent",
    "unknown": "○ Unknown",
}

_SEVERITIES = {
    "critical": "◆ Critical",
    "high": "▲ High",
    "medium": "■ Medium",
    "low": "● Low",
    "unknown": "○ Unknown",
}


def readable(code: object) -> str:
    """A code such as "code_scanning" as words: "Code scanning"; the em dash for nothing."""
    if code is None or code is pd.NA or code != code:
        return UNKNOWN
    text = str(code).replace("_", " ").strip()
    return text[:1].upper() + text[1:] if text else UNKNOWN


def family(code: object) -> str:
    """A family of weaknesses: "path-traversal" is "Path traversal", "xss" is "XSS"; the em dash for nothing."""
    return str(code).upper() if code in _ACRONYMS else readable(code).replace("-", " ")


def state(code: object) -> str:
    """The state of a workflow, an alert (also by its SLA) or a finding with its sign, so that colour is never alone."""
    return _STATES.get(str(code), readable(code))


def decision_word(code: object) -> str:
    """A triage decision."""
    return _DECISIONS.get(str(code), readable(code))


def tier(code: object) -> str:
    """The tier of a health score with its sign."""
    return _TIERS.get(str(code), readable(code))


def outcome(code: object) -> str:
    """A collection's outcome with its sign."""
    return _OUTCOMES.get(str(code), readable(code))


def severity(code: object) -> str:
    """A severity with its sign."""
    return _SEVERITIES.get(str(code), readable(code))


def commit(sha: object) -> str:
    """A commit as people call it: the first seven digits; the em dash for nothing."""
    return str(sha)[:7] if isinstance(sha, str) and sha else UNKNOWN


def dataset(name: object) -> str:
    """The title of a dataset or source."""
    return DATASET_TITLES.get(str(name), readable(name))


def count(number: float, noun: str = "", plural: str | None = None) -> str:
    """A whole number with separators, and its noun in the right form: "1,204 alerts"."""
    whole = round(number)
    word = noun if whole == 1 else (plural or f"{noun}s")
    return f"{whole:,} {word}" if noun else f"{whole:,}"


def percent(share: float) -> str:
    """A share as a percentage: 0.934 is "93.4 %"."""
    return f"{100 * share:.1f} %"


def money(amount: float, currency: str) -> str:
    """An amount with its currency: "63.52 USD"; without cents from a thousand on."""
    return f"{amount:,.0f} {currency}" if abs(amount) >= 1000 else f"{amount:,.2f} {currency}"


def per_time(per_day: float) -> str:
    """How often something happens, in the unit that reads best: "4.7 a day", "2.1 a week", "0.8 a month"."""
    for days, unit in ((1, "day"), (7, "week")):
        if per_day * days >= 1:
            return f"{per_day * days:,.1f} a {unit}"
    return f"{per_day * 30:,.1f} a month"


def duration_unit(seconds: float) -> tuple[float, str]:
    """The unit in which a duration reads best, as (seconds in it, its word)."""
    size = abs(seconds)
    if size < HOUR_S:
        return MINUTE_S, "min"
    return (HOUR_S, "h") if size < 2 * DAY_S else (DAY_S, "days")


def duration(seconds: float) -> str:
    """A duration with its unit: "12.5 min", "7.0 h", "18.3 days"."""
    length, unit = duration_unit(seconds)
    return f"{_rounded(seconds / length)} {unit}"


def duration_change(seconds: float, of: float) -> str:
    """A signed difference in the unit of the figure that it is a change of: "-1.2 days"."""
    length, unit = duration_unit(of)
    value = seconds / length
    return f"{'-' if value < 0 else '+'}{_rounded(abs(value))} {unit}"


def size(number_of_bytes: float) -> str:
    """Bytes in the unit that reads best: "4.2 MB"."""
    value = float(number_of_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} TB"


def ago(then: datetime, now: datetime) -> str:
    """How long ago a time was, in one unit: "12 minutes ago"; what lies ahead is "just now"."""
    seconds = (now - then).total_seconds()
    if seconds < MINUTE_S:
        return "just now"
    for length, noun in ((365 * DAY_S, "year"), (DAY_S, "day"), (HOUR_S, "hour"), (MINUTE_S, "minute")):
        if seconds >= length:
            return f"{count(seconds // length, noun)} ago"
    return "just now"


def together(titles: Sequence[str]) -> str:
    """Titles in a row, of which the first alone keeps its capital: "Workflows and workflow runs"."""
    first, *others = (title if index == 0 else f"{title[:1].lower()}{title[1:]}" for index, title in enumerate(titles))
    return f"{', '.join((first, *others[:-1]))} and {others[-1]}" if others else first


def one_line(text: object, most: int = 60) -> str:
    """Text from outside as it may stand in a line, cut at so many characters; the em dash for nothing.

    Without line breaks, and without marks that turn the direction of what follows.
    """
    if not isinstance(text, str):
        return UNKNOWN
    plain = " ".join("".join(mark for mark in text[: 4 * most] if mark not in _TURNS).split())
    return (plain if len(plain) <= most else f"{plain[: most - 1]}…") or UNKNOWN


def event_type(code: object) -> str:
    """The type of an event of a customer."""
    return _EVENT_TYPES.get(str(code), readable(code))


def as_code(text: str) -> str:
    """Text from outside as it may stand in Markdown: in code, without its own backticks, cut at 60 characters."""
    plain = "".join(" " if mark in "`\r\n" else mark for mark in text)
    return f"`{plain[:60]}{'…' if len(plain) > 60 else ''}`"


def as_text(text: str) -> str:
    """Text from outside as it may stand in Markdown: every mark escaped, so that it reads as it is."""
    return "".join(f"\\{mark}" if mark in _MARKS else mark for mark in " ".join(text.split()))


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
