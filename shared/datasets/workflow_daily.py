"""Workflow days: how the runs of each workflow ended on each day, by branch and event, and how long they took.

A roll-up of `workflow_runs`: latest attempts only, by the day (UTC) on which a run was created. Everything in it adds
up, also the histogram of durations, whose buckets are columns so that any tool can sum them. The duration of a run is
that of a completed one.
"""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

BUCKETS_PER_DECADE = 10

DURATION_BOUNDS_S: tuple[float, ...] = tuple(10.0 ** (step / BUCKETS_PER_DECADE) for step in range(5, 65))
"""Where the buckets of durations after the first begin: from 3.2 seconds on, each 1.26 times the one before.

The last begins at 29 days; GitHub ends a run after 35.
"""

DURATION_BUCKETS = tuple(f"duration_h{number:02}" for number in range(len(DURATION_BOUNDS_S) + 1))
"""Runs by duration: `duration_h00` those below 10^0.5 s, `duration_h07` from 10^1.1 s to below 10^1.2 s, and so on:
bucket n begins at 10^((n + 4) / 10) seconds and ends where the next begins; the last has no end.
"""

WORKFLOW_DAILY = Dataset(
    name="workflow_daily",
    title="Workflow days",
    reach="repo",
    columns=(
        ("repo", pa.string()),
        ("org", pa.string()),
        # A workflow's id or, in imported files without one, its name: a column of a key is never null.
        ("workflow_key", pa.string()),
        ("workflow_id", pa.int64()),
        ("workflow_name", pa.string()),
        # Both are empty where they are not known.
        ("branch", pa.string()),
        ("event", pa.string()),
        ("day", TS),
        ("runs", pa.int64()),
        ("successes", pa.int64()),
        ("failures", pa.int64()),
        ("cancelled", pa.int64()),
        ("other", pa.int64()),
        ("duration_count", pa.int64()),
        ("duration_sum_s", pa.float64()),
        *((name, pa.int32()) for name in DURATION_BUCKETS),
    ),
    key=("repo", "workflow_key", "branch", "event", "day"),
    version="collected_at",
    month_of="day",
    sort=("day", "repo", "workflow_key", "branch", "event"),
)
