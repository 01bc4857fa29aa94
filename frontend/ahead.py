"""Ahead: what the page of one repository or one workflow asks, begun all at once when it is opened."""

from dataclasses import replace

from frontend import data
from frontend.periods import duration_part, last_year, two_periods
from shared.scope import Scope

WORST = ("critical", "high")


def begin_repository(scope: Scope) -> None:
    """Begins what the page of the scope's repository asks first. Its other parts ask when they are opened."""
    earlier = scope.previous()
    data.begin(
        # The earlier first: what is read for it has the rows of the others too. The first two read alerts and runs.
        *((name, part, by) for part in (earlier, scope) if part for name, by in _COMPARED),
        ("alert_trend", scope, None),
        ("alert_trend", replace(scope, severities=WORST), None),
        ("time_to_remediate", last_year(scope), "month"),
        ("time_to_remediate", scope, "severity"),
        ("run_trend", scope, None),
        ("health_trend", scope, None),
    )


def begin_workflow(scope: Scope, split: Scope) -> None:
    """Begins what the page of the scope's workflow asks. split: the scope since the date that a comparison is about."""
    earlier = scope.previous()
    data.begin(
        # The earlier first: what is read for it has the rows of the others too. Meanwhile, what reads other rows.
        *((("success_rate", earlier, None),) if earlier else ()),
        ("restore_episodes", two_periods(scope), None),
        *((name, part, None) for name in ("success_rate", "run_duration") for part in (earlier, scope) if part),
        ("run_duration", scope, duration_part(scope)),
        *(
            (name, scope, None)
            for name in ("run_trend", "failure_streaks", "runs_list", "run_activity", "slowest_jobs")
        ),
        ("before_after", split, None),
    )


_COMPARED = (("open_alerts", "severity"), ("success_rate", None), ("time_to_remediate", None))
