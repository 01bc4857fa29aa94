"""Layouts: which columns each table shows, in which order, with units in their headers."""

from frontend.columns import Column
from shared.metrics import METRICS

ATTENTION = (
    Column("problem", "Problem"),
    Column("subject", "Workflow or repository"),
    Column("repo", "Repository"),
    Column("detail", "What is known"),
    Column("html_url", "GitHub", "link"),
)

ALERT_TREND = (
    Column("period_start", "Period start", "time"),
    Column("opened", "Opened", "count"),
    Column("closed", "Closed", "count"),
    Column("fixed", "Fixed", "count"),
    Column("open_at_end", "Open at the end", "count"),
)

RUN_TREND = (
    Column("period_start", "Period start", "time"),
    Column("runs", "Runs", "count"),
    Column("successes", "Successes", "count"),
    Column("failures", "Failures", "count"),
    Column("cancelled", "Cancelled", "count"),
    Column("other", "Other or unfinished", "count"),
    Column("success_rate", "Success rate (%)", "share"),
)

OPEN_BY_SEVERITY = (
    Column("severity", "Severity", "severity"),
    Column("n", "Open alerts", "count"),
    Column("median_age_s", "Median age (days)", "days"),
    Column("oldest_created_at", "Oldest, created", "since"),
)

WORKFLOWS = (
    Column("state", "State", "state", METRICS["workflow_state"].definition),
    Column("workflow_name", "Workflow"),
    Column("repo", "Repository"),
    Column("last_run_at", "Last run", "since"),
    Column("failure_streak", "Failed in a row", "count", "Failed runs on the default branch since the last success."),
    Column("success_rate", "Success rate (%)", "share", METRICS["success_rate"].definition),
    Column("runs", "Runs", "count"),
    Column("p50_s", "p50 (min)", "minutes", "Median duration of the runs in the range."),
    Column("p95_s", "p95 (min)", "minutes", "19 in 20 runs of the range took no longer."),
    Column("days_since_last_run", "Days since last run", "number"),
    Column(
        "days_until_disabled", "Days until GitHub disables it", "number", "Of schedules in public, quiet repositories."
    ),
    Column("html_url", "GitHub", "link"),
)

DURATIONS = (
    Column("day", "Day (UTC)", "day"),
    Column("n", "Completed runs", "count"),
    Column("p50_s", "Duration, median (min)", "minutes"),
    Column("p95_s", "Duration, p95 (min)", "minutes"),
    Column("queue_p50_s", "Queue, median (min)", "minutes"),
    Column("queue_p95_s", "Queue, p95 (min)", "minutes"),
)
DURATIONS_BY_MONTH = (Column("month", "Month (UTC)"), *DURATIONS[1:])

EPISODES = (
    Column("workflow_name", "Workflow"),
    Column("repo", "Repository"),
    Column("branch", "Branch"),
    Column("failed_at", "Failed", "time"),
    Column("restored_at", "Restored", "time"),
    Column("duration_s", "Broken for (h)", "hours"),
    Column("runs_failed", "Failed runs", "count"),
)


_COMPARISON = ("previous_median_s", "change_s", "note")


def remediation(part: str, label: str) -> tuple[Column, ...]:
    """The columns of time to remediate by a part."""
    return tuple(column for column in compared(part, label) if column.name not in _COMPARISON)


def compared(part: str, label: str) -> tuple[Column, ...]:
    """The columns of time to remediate by a part, against the previous period."""
    kind = {"severity": "severity", "kind": "code"}.get(part, "text")
    return (
        Column(part, label, kind),  # type: ignore[arg-type]
        Column("n", "Alerts", "count"),
        Column("median_s", "Median (days)", "days"),
        Column("mean_s", "Mean (days)", "days"),
        Column("p90_s", "p90 (days)", "days"),
        Column("previous_median_s", "Median, previous period (days)", "days"),
        Column("change_s", "Change of median (days)", "days", "Below zero is better."),
        Column("note", "Note"),
        Column("excluded", "Excluded", "count", "Alerts whose creation time is unknown or after their closing time."),
    )


SOURCES = (
    Column("dataset", "Source", "source"),
    Column("sources", "Sources", "count", "Repositories, and organisations that are read as a whole."),
    Column("complete", "Complete", "count"),
    Column("off", "Switched off", "count"),
    Column("refused", "Refused", "count", "Forbidden to the token, or not found by it."),
    Column("cut_short", "Partial", "count", "Cut short; the next collection goes on."),
    Column("failed", "Failed", "count"),
    Column("last_good_at", "Last good", "since"),
)

LEDGER = (
    Column("repo", "Repository"),
    Column("dataset", "Source", "source"),
    Column("outcome", "Last outcome", "outcome"),
    Column("reason", "Reason"),
    Column("last_good_at", "Last good", "since"),
    Column("covered_since", "Covered since", "time", "Nothing here, but an end: covered from the beginning."),
    Column("covered_until", "Covered until", "time"),
    Column("rows", "Rows read last", "count"),
)

FRESHNESS = (
    Column("dataset", "Dataset", "source"),
    Column("rows", "Rows", "count"),
    Column("files", "Files", "count"),
    Column("bytes", "Size (kB)", "bytes"),
    Column("last_good_at", "Last good", "since"),
    Column("incomplete", "Incomplete sources", "count"),
)

COLLECTIONS = (
    Column("started_at", "Started", "time"),
    Column("seconds", "Took (min)", "minutes"),
    Column("sources", "Sources", "count"),
    Column("incomplete", "Incomplete", "count"),
    Column("rows", "Rows", "count"),
    Column("requests", "Requests", "count"),
)

QUARANTINE = (
    Column("dataset", "Dataset", "source"),
    Column("reason", "Reason"),
    Column("rows", "Rows", "count"),
)
