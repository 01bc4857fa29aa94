"""Tables of the Deployments page."""

from frontend.columns import Column
from shared.metrics import METRICS

_LEVELS = "Level by the bands of fourkeys: elite, high, medium or low."

_FIGURES = (
    Column("deployments", "Deployments", "count", METRICS["delivery"].definition),
    Column("deployments_per_day", "Good ones a day", "number", "Successful deployments a day."),
    Column("frequency_level", "Frequency", "code", _LEVELS),
    Column("lead_time_median_s", "Lead time (days)", "days", "Median."),
    Column("lead_time_level", "Lead time", "code", _LEVELS),
    Column("change_failure_rate", "Failure rate (%)", "share", "Failed, or followed by a failed one, of all."),
    Column("change_failure_level", "Failures", "code", _LEVELS),
    Column("restore_median_s", "To restore (h)", "hours", "Median."),
    Column("restore_level", "Restoring", "code", _LEVELS),
    Column("changes", "Changes", "count", "Merged pull requests deployed: those that lead time is of."),
    Column("failed", "Failed", "count"),
    Column("succeeded_then_failed", "Then failed", "count", "Succeeded, but the next one failed within the window."),
    Column("restored", "Restored", "count", "Successes after failures: those that time to restore is of."),
)


def delivery_columns(by: str) -> tuple[Column, ...]:
    """The columns of the four figures by a part."""
    return (*_PARTS[by], *_FIGURES)


_PARTS = {
    "repo": (Column("repo", "Repository"),),
    "org": (Column("org", "Organisation"),),
    "week": (Column("week", "Week from (UTC)", "day"),),
    "month": (Column("month", "Month (UTC)"),),
}

DEPLOYMENTS = (
    Column("completed_at", "Ended", "time"),
    Column("outcome", "Outcome", "code"),
    Column("workflow_name", "Workflow"),
    Column("repo", "Repository"),
    Column("branch", "Branch"),
    Column("actor", "Actor"),
    Column("duration_s", "Duration (min)", "minutes"),
    Column("restored_after_s", "Restored after (h)", "hours", "Since the end of the first failure before it."),
    Column("html_url", "GitHub", "link"),
)

CHANGES = (
    Column("deployed_at", "Deployed", "time"),
    Column("title", "Pull request"),
    Column("number", "Number", "count"),
    Column("repo", "Repository"),
    Column("author", "Author"),
    Column("created_at", "Opened", "time"),
    Column("merged_at", "Merged", "time"),
    Column("lead_time_s", "Lead time (days)", "days"),
    Column("html_url", "GitHub", "link"),
)

CANDIDATES = (
    Column("workflow_name", "Workflow"),
    Column("repo", "Repository"),
    Column("runs", "Runs", "count"),
    Column("last_run_at", "Last run", "since"),
    Column("pattern", "As the policy has it"),
    Column("html_url", "GitHub", "link"),
)
