"""All roll-ups together: one that fails keeps no other from being made."""

from datetime import timedelta

from backend.rollups.rollup import RolledUp, roll_up, rollups
from shared.datasets import ALERTS, DATASETS, WORKFLOW_RUNS
from shared.lake.merge import Changes
from shared.lake.tables import Lake
from shared.policy import Policy
from tests.builders import alert, run
from tests.conftest import NOW

HOUR = timedelta(hours=1)

GARBAGE = "tables/health_history/month=2020-01/part.parquet"


def test_every_roll_up_is_a_dataset() -> None:
    assert set(rollups(Policy())) <= set(DATASETS)


def test_one_that_fails_is_told_in_a_sentence_and_the_others_are_made(lake: Lake) -> None:
    lake.upsert(ALERTS, ALERTS.table([alert(created_at=NOW - HOUR)]))
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table([run(created_at=NOW - HOUR)]))
    lake.store.write(GARBAGE, b"nothing that could be read")
    done = roll_up(lake, Policy())
    assert done.exit_code == 2
    assert [name for name, changes in done.changes.items() if changes.inserted] == [
        *("repository_overview", "organisation_overview", "workflow_daily"),
    ]
    (problem,) = done.problems.values()
    assert problem.startswith(f"health_history is not up to date: {GARBAGE} in file://")
    assert problem.endswith("`python -m backend rollup` tries again.")
    lake.store.delete(GARBAGE)
    assert roll_up(lake, Policy()).exit_code == 0


def test_exit_codes_tell_none_from_some() -> None:
    assert RolledUp({}, {"workflow_daily": "no"}).exit_code == 1
    assert RolledUp({"workflow_daily": Changes()}, {}).exit_code == 0
