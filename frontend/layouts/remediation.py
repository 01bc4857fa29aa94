"""Tables of the Remediation page."""

from frontend.columns import Column

_COMPARISON = ("previous_median_s", "change_s", "note")


def remediation_columns(part: str, label: str) -> tuple[Column, ...]:
    """The columns of time to remediate by a part."""
    return tuple(column for column in compared_columns(part, label) if column.name not in _COMPARISON)


def compared_columns(part: str, label: str) -> tuple[Column, ...]:
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
