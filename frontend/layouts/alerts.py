"""Tables of alerts that several pages show."""

from frontend.columns import Column

_OPEN = (
    Column("n", "Open alerts", "count"),
    Column("median_age_s", "Median age (days)", "days"),
    Column("oldest_created_at", "Oldest, created", "since"),
)

OPEN_BY_SEVERITY = (Column("severity", "Severity", "severity"), *_OPEN)

OPEN_BY_FAMILY = (Column("cwe_family", "CWE family", "family"), *_OPEN)
