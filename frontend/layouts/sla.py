"""Tables of the SLA page."""

from frontend.columns import Column, Kind
from shared.metrics import METRICS

WORKLIST = (
    Column("due_within", "Due within", "state", METRICS["sla_worklist"].definition),
    Column("due_at", "Due", "since", "When the limit ends, or ended."),
    Column("severity", "Severity", "severity"),
    Column("repo", "Repository"),
    Column("kind", "Alert kind", "code"),
    Column("number", "Number", "count"),
    Column("rule_id", "Rule"),
    Column("elapsed_s", "Age (days)", "days"),
    Column("limit_s", "Limit (days)", "days"),
    Column("html_url", "GitHub", "link"),
)

FORECAST = (
    Column("at", "Time", "time"),
    Column("days_ahead", "Days ahead", "count"),
    Column("low", "10th percentile", "number", "Open alerts; in one of ten cases there are fewer."),
    Column("expected", "Expected", "number", "Open alerts."),
    Column("high", "90th percentile", "number", "Open alerts; in one of ten cases there are more."),
)

WHAT_IF = (
    Column("severity", "Severity", "severity"),
    Column("closed", "Closed alerts", "count"),
    Column("limit_s", "Limit, now (days)", "days"),
    Column("limit_then_s", "Limit, then (days)", "days"),
    Column("compliance", "Compliance, now (%)", "share"),
    Column("compliance_then", "Compliance, then (%)", "share"),
    Column("breached_open", "Breached open, now", "count"),
    Column("breached_open_then", "Breached open, then", "count"),
)


def summary_columns(part: str, label: str) -> tuple[Column, ...]:
    """The columns of SLA compliance by a part; a month has no open alerts."""
    kinds: dict[str, Kind] = {"severity": "severity"}
    still = (
        Column("breached_open", "Breached, open", "count"),
        Column("at_risk", "At risk", "count"),
        Column("on_track", "On track", "count"),
    )
    return (
        Column(part, label, kinds.get(part, "text")),
        Column("compliance", "Compliance (%)", "share", METRICS["sla_summary"].definition),
        Column("met", "Met", "count"),
        Column("breached_closed", "Breached, closed", "count"),
        *(() if part == "month" else still),
        Column("unknown", "Unknown", "count"),
        Column("median_s", "Time taken, median (days)", "days"),
        Column("mean_s", "Mean (days)", "days"),
        Column("max_s", "Longest (days)", "days"),
        Column("excluded", "Excluded", "count"),
    )
