"""Tables of the Remediation page."""

from frontend.columns import Column, Kind

_COMPARISON = ("previous_median_s", "change_s", "note")


def remediation_columns(part: str, label: str) -> tuple[Column, ...]:
    """The columns of time to remediate by a part, or by month, to which no open alert belongs."""
    left_out = (*_COMPARISON, "survival_median_s") if part == "month" else _COMPARISON
    return tuple(column for column in compared_columns(part, label) if column.name not in left_out)


def compared_columns(part: str, label: str) -> tuple[Column, ...]:
    """The columns of time to remediate by a part, against the previous period."""
    return (
        _part(part, label),
        Column("n", "Alerts", "count"),
        Column("median_s", "Median (days)", "days"),
        Column("survival_median_s", "Survival median (days)", "days", "Counts also those that are still open."),
        Column("mean_s", "Mean (days)", "days"),
        Column("p90_s", "p90 (days)", "days"),
        Column("previous_median_s", "Median, previous period (days)", "days"),
        Column("change_s", "Change of median (days)", "days", "Below zero is better."),
        Column("note", "Note"),
        Column("excluded", "Excluded", "count", "Alerts whose creation time is unknown or after their closing time."),
    )


def flow_columns(part: str, label: str) -> tuple[Column, ...]:
    """The columns of alert_flow by a part."""
    return (
        _part(part, label),
        Column("opened", "Opened", "count"),
        Column("closed", "Closed", "count"),
        Column("fixed", "Fixed", "count"),
        Column("dismissed", "Dismissed by a person", "count"),
        Column("auto_dismissed", "Dismissed automatically", "count"),
        Column("opened_per_week", "Opened per week", "number"),
        Column("closed_per_week", "Closed per week", "number"),
        Column("net", "Net", "count", "Opened minus closed: above zero the backlog grows."),
    )


def _part(part: str, label: str) -> Column:
    kinds: dict[str, Kind] = {"severity": "severity", "kind": "code", "cwe_family": "family"}
    return Column(part, label, kinds.get(part, "text"))


AGEING = (
    Column("age", "Open for"),
    Column("n", "Open alerts", "count"),
    Column("critical", "Critical", "count"),
    Column("high", "High", "count"),
    Column("medium", "Medium", "count"),
    Column("low", "Low", "count"),
    Column("unknown", "Unknown", "count"),
)

_OVERVIEW = (
    Column("open_alerts", "Open at the end", "count"),
    Column("number_fixed", "Fixed", "count"),
    Column("number_dismissed", "Dismissed", "count"),
    Column("median_time_to_remediate_s", "Median (days)", "days"),
    Column("mean_time_to_remediate_s", "Mean (days)", "days"),
    Column("p90_time_to_remediate_s", "p90 (days)", "days"),
)
BY_REPOSITORY_AND_MONTH = (Column("month", "Month (UTC)"), Column("repo", "Repository"), *_OVERVIEW)
BY_ORGANISATION_AND_MONTH = (Column("month", "Month (UTC)"), Column("org", "Organisation"), *_OVERVIEW)
