"""Tables of alerts that several pages show."""

from frontend.columns import Column

OPEN_BY_SEVERITY = (
    Column("severity", "Severity", "severity"),
    Column("n", "Open alerts", "count"),
    Column("median_age_s", "Median age (days)", "days"),
    Column("oldest_created_at", "Oldest, created", "since"),
)
