"""The first row of the Remediation page."""

from dataclasses import replace

from frontend import data
from frontend.figures import Figure, count_figure, duration_figure, metric_text
from frontend.first_row.alerts import by_month, open_alerts
from frontend.first_row.period import or_unknown, points
from shared.scope import Scope


def remediation(scope: Scope, dismissed: bool) -> list[Figure]:
    """Median, mean and 90th percentile of the time to remediate, alerts fixed, and those open."""
    now = data.metric("time_to_remediate", scope, None, include_dismissed=dismissed).iloc[0]
    previous = scope.previous()
    before = (
        None
        if previous is None
        else data.metric("time_to_remediate", previous, None, include_dismissed=dismissed).iloc[0]
    )
    text, noun = metric_text("time_to_remediate"), "closed alert" if dismissed else "fixed alert"
    monthly = by_month(scope, dismissed)
    durations = [
        replace(duration_figure(title, key, now, before, text=text, noun=noun), sparkline=points(monthly, key))
        for title, key in (("Median", "median_s"), ("Mean", "mean_s"), ("90th percentile", "p90_s"))
    ]
    title, earlier = "Closed" if dismissed else "Fixed", None if before is None else int(before.n)
    fixed = count_figure(title, int(now.n), earlier, better="higher", text=text)
    return [*durations, or_unknown(fixed, "alerts"), open_alerts(scope)]
