"""Workflows: how runs end, how long they take, which state each workflow is in."""

from shared.metrics.workflows.before_after import BEFORE_AFTER
from shared.metrics.workflows.failure_streaks import FAILURE_STREAKS
from shared.metrics.workflows.run_activity import RUN_ACTIVITY, RUNS_LIST
from shared.metrics.workflows.run_duration import RUN_DURATION
from shared.metrics.workflows.silent_scanners import SILENT_SCANNERS
from shared.metrics.workflows.slowest_jobs import SLOWEST_JOBS
from shared.metrics.workflows.success_rate import RUN_TREND, SUCCESS_RATE
from shared.metrics.workflows.time_to_restore import RESTORE_EPISODES, TIME_TO_RESTORE
from shared.metrics.workflows.workflow_state import WORKFLOW_STATE

METRICS = (
    SUCCESS_RATE,
    RUN_TREND,
    RUN_DURATION,
    WORKFLOW_STATE,
    RESTORE_EPISODES,
    TIME_TO_RESTORE,
    FAILURE_STREAKS,
    BEFORE_AFTER,
    RUN_ACTIVITY,
    RUNS_LIST,
    SLOWEST_JOBS,
    SILENT_SCANNERS,
)
"""The metrics of the family. Adding one is one file and one name here."""
