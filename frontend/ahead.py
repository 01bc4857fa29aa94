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
        *((name, part, by) for name, by in _COMPARED for part in (earlier, scope) if part),
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
        # The earlier first: what is read for it has the rows of the others too.
        *((name, part, None) for name in ("success_rate", "run_duration") for part in (earlier, scope) if part),
        ("run_duration", scope, duration_part(scope)),
        ("restore_episodes", two_periods(scope), None),
        *(
            (name, scope, None)
            for name in ("run_trend", "failure_streaks", "runs_list", "run_activity", "slowest_jobs")
        ),
        ("before_after", split, None),
    )


_COMPARED = (("open_alerts", "severity"), ("time_to_remediate", None), ("success_rate", None))
