"""Commands run in this process, and what they print; what is stored before and after."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from shared.datasets import ALERTS, DATASETS, WORKFLOW_RUNS
from shared.lake.opening import open_lake
from shared.settings import load_settings
from tests.builders import alert, run

RUNS = """run_id,run_attempt,repo,conclusion,created_at,run_started_at,updated_at
1,1,octo/robot,success,2026-03-01T10:00:00Z,2026-03-01T10:00:00Z,2026-03-01T10:05:00Z
2,1,octo/robot,failure,2026-03-02T10:00:00Z,2026-03-02T10:00:00Z,2026-03-02T10:05:00Z
3,1,octo/shop,success,2026-04-01T10:00:00Z,2026-04-01T10:00:00Z,2026-04-01T10:05:00Z
"""


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Fettle = Callable[..., Done]


def store_rows() -> None:
    """Three successes and one failure in two repositories, and one alert that was fixed after three hours."""
    lake = open_lake(load_settings())
    now = load_settings().now()
    runs = [
        run(run_id=1, created_at=now - timedelta(days=2)),
        run(run_id=2, created_at=now - timedelta(days=2), conclusion="failure"),
        run(run_id=3, created_at=now - timedelta(days=40)),
        run(run_id=4, created_at=now - timedelta(hours=2), repo="acme/web"),
    ]
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table(runs))
    raised = now - timedelta(days=3)
    lake.upsert(ALERTS, ALERTS.table([alert(created_at=raised, closed_at=raised + timedelta(hours=3))]))
    lake.close()


def of_the_sample(dataset: str) -> list[dict[str, Any]]:
    """What is stored of the sample in a dataset."""
    lake = open_lake(load_settings())
    rows: list[dict[str, Any]] = lake.tables("demo", only=[DATASETS[dataset]])[dataset].to_pyarrow().to_pylist()
    lake.close()
    return rows


def break_health_history(folder: Path) -> None:
    """Leaves a file that nobody can read where the roll-up of health reads what is kept."""
    garbage = next(folder.rglob("health_history")) / "month=2020-01/part.parquet"
    garbage.parent.mkdir()
    garbage.write_bytes(b"nothing that could be read")
