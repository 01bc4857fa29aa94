"""Tables of the Workflows page."""

from frontend.columns import Column
from shared.metrics import METRICS

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
