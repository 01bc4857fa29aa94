"""The first row of the Remediation page."""

from dataclasses import replace

from frontend import data
from frontend.figures import Figure, count_figure, duration_figure, metric_text
from frontend.first_row.alerts import by_month, open_alerts
from frontend.first_row.period import or_unknown, points
from shared.scope import Scope

_DURATIONS = (("Median", "median_s"), ("Survival median", "survival_median_s"), ("Mean", "mean_s"), ("p90", "p90_s"))


def remediation(scope: Scope, switches: dict[str, bool]) -> list[Figure]:
    """Median, survival median, mean and p90 of the time to remediate, alerts fixed, and those open."""
    previous, closed = scope.previous(), any(switches.values())
    now = data.metric("time_to_remediate", scope, None, **switches).iloc[0]
    before = None if previous is None else data.metric("time_to_remediate", previous, None, **switches).iloc[0]
    text, noun = metric_text("time_to_remediate"), "closed alert" if closed else "fixed alert"
    monthly = by_month(scope, **switches)
    durations = [
        replace(duration_figure(title, key, now, before, text=text, noun=noun), sparkline=points(monthly, key))
        for title, key in _DURATIONS
    ]
    if now.n and durations[1].value is None:
        durations[1] = replace(durations[1], note="fewer than half are ever fixed")
    earlier = None if before is None else int(before.n)
    fixed = count_figure("Closed" if closed else "Fixed", int(now.n), earlier, better="higher", text=text)
    return [*durations, or_unknown(fixed, "alerts"), open_alerts(scope)]
