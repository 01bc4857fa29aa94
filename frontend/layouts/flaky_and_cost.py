"""Tables of the Flaky and cost page."""

from frontend.columns import Column
from shared.metrics import METRICS

_PARTS = {
    "repo": (Column("repo", "Repository"),),
    "workflow": (Column("workflow_name", "Workflow"), Column("repo", "Repository")),
    "actor": (Column("actor", "Actor"),),
    "runner": (Column("runner", "Runner (labels)", help="Unknown: attempts whose jobs are not collected."),),
    "day": (Column("day", "Day (UTC)", "day"),),
    "week": (Column("week", "Week from (UTC)", "day"),),
    "month": (Column("month", "Month (UTC)"),),
}


def cost_columns(by: str, currency: str) -> tuple[Column, ...]:
    """The columns of cost by a part."""
    return (
        *_PARTS[by],
        Column("cost", f"Cost, from jobs ({currency})", "money", METRICS["run_cost"].definition),
        Column("estimated_cost", f"Cost, estimated ({currency})", "money", "Of attempts whose jobs are not collected."),
        Column("minutes", "Minutes, from jobs", "count"),
        Column("estimated_minutes", "Minutes, estimated", "count"),
        Column("unpriced_minutes", "Minutes without a price", "count", "On runners for which the policy has no price."),
        Column("n", "Attempts", "count"),
        Column("jobs_share", "Jobs known (%)", "share", "Share of the attempts whose jobs are collected."),
    )


def flaky_columns(currency: str) -> tuple[Column, ...]:
    """The columns of flaky workflows."""
    return (
        Column("workflow_name", "Workflow"),
        Column("repo", "Repository"),
        Column("flakes", "Flakes", "count", METRICS["flaky_workflows"].definition),
        Column("flake_rate", "Flakes per run (%)", "share"),
        Column("wasted_cost", f"Cost wasted ({currency})", "money"),
        Column("wasted_minutes", "Minutes wasted", "count"),
        Column("estimated_minutes", "Of these, from durations", "count", "Of attempts whose jobs are not collected."),
        Column("runs", "Runs", "count"),
        Column("last_seen_at", "Last seen", "since"),
        Column("first_seen_at", "First seen", "since"),
    )


def flake_columns(currency: str) -> tuple[Column, ...]:
    """The columns of the flake ledger."""
    return (
        Column("succeeded_at", "Succeeded", "time"),
        Column("workflow_name", "Workflow"),
        Column("repo", "Repository"),
        Column("branch", "Branch"),
        Column("event", "Event", "code"),
        Column("head_sha", "Commit", "commit"),
        Column("failed_attempts", "Failed attempts", "count"),
        Column("first_failed_at", "First failed", "time"),
        Column("wasted_minutes", "Minutes wasted", "count"),
        Column("minutes_from", "Minutes from", "code", "Jobs tell what was billed; durations are an estimate."),
        Column("wasted_cost", f"Cost wasted ({currency})", "money"),
        Column("html_url", "GitHub", "link"),
    )
