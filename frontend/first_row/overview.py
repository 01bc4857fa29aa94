"""The first row of the Overview page."""

from frontend.figures import Figure
from frontend.first_row.alerts import open_alerts, time_to_remediate
from frontend.first_row.runs import failing_workflows, success_rate, time_to_restore
from shared.scope import Scope


def overview(scope: Scope) -> list[Figure]:
    """Open alerts, those critical or high, time to remediate, success rate, failing workflows, time to restore."""
    return [
        open_alerts(scope),
        open_alerts(scope, worst=True),
        time_to_remediate(scope),
        success_rate(scope),
        failing_workflows(scope),
        time_to_restore(scope),
    ]
