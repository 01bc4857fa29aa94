"""Tables of the Workflow analysis page."""

from frontend.columns import Column

JOBS = (
    Column("name", "Job"),
    Column("n", "Jobs", "count", "Those that succeeded or failed, over every attempt."),
    Column("p50_s", "p50 (min)", "minutes", "Median duration."),
    Column("p95_s", "p95 (min)", "minutes", "19 in 20 took no longer."),
    Column("queue_p50_s", "Queue, median (min)", "minutes", "Waiting for a runner."),
    Column("failure_rate", "Failed (%)", "share", "Of those that succeeded or failed."),
    Column("flaky_runs", "Flaky runs", "count", "Runs in which the job failed, then passed when it was tried again."),
    Column("total_s", "Total (h)", "hours", "All attempts together."),
)

CHANGES = (
    Column("figure", "Figure"),
    Column("before", "Before"),
    Column("after", "After"),
    Column("change", "Change"),
    Column("reading", "How to read it"),
)

RUNS = (
    Column("conclusion", "Conclusion", "code"),
    Column("run_number", "Run", "count"),
    Column("run_attempt", "Attempt", "count"),
    Column("event", "Event", "code"),
    Column("branch", "Branch"),
    Column("actor", "Started by"),
    Column("created_at", "Created", "time"),
    Column("queued_s", "Queue (min)", "minutes"),
    Column("duration_s", "Duration (min)", "minutes"),
    Column("status", "Status", "code"),
    Column("html_url", "GitHub", "link"),
)

WEEK = (
    Column("weekday", "Weekday (1 is Monday)", "count"),
    Column("hour", "Hour (UTC)", "count"),
    Column("runs", "Runs", "count"),
    Column("failures", "Failures", "count"),
    Column("success_rate", "Success rate (%)", "share"),
)
