"""The tables behind the charts over time that several pages show."""

from frontend.columns import Column

ALERT_TREND = (
    Column("period_start", "From (UTC)", "utc"),
    Column("opened", "Opened", "count"),
    Column("closed", "Closed", "count"),
    Column("fixed", "Fixed", "count"),
    Column("open_at_end", "Open at the end", "count"),
)

RUN_TREND = (
    Column("period_start", "From (UTC)", "utc"),
    Column("runs", "Runs", "count"),
    Column("successes", "Successes", "count"),
    Column("failures", "Failures", "count"),
    Column("cancelled", "Cancelled", "count"),
    Column("other", "Other or unfinished", "count"),
    Column("success_rate", "Success rate (%)", "share"),
)
