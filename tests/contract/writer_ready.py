"""What the fork server of writers has done before it forks them: the imports and the SQL of a merge of runs."""

import ibis.backends.duckdb  # noqa: F401 - loaded late by those who use it

import shared.lake.azure  # noqa: F401 - likewise
from shared.datasets import WORKFLOW_RUNS
from shared.lake.merge_plan import merge_plan
from tests.contract import writer  # noqa: F401 - what the forked processes run

PLAN = merge_plan(WORKFLOW_RUNS.name)
READY = (PLAN.latest, PLAN.changed, PLAN.merged)
