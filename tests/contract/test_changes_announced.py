"""What those are told who want to know of changes before they are stored, and what rows carry on, on both stores."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from shared.datasets import ALERT_EVENTS, ALERTS, DATASETS, TS, WORKFLOW_RUNS
from shared.lake.merge import Changes
from shared.lake.tables import Lake
from tests.builders import NOW, alert, run

HOUR = timedelta(hours=1)


class Listener:
    """Keeps what it is told of, and how many alerts were stored when it was told."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self.told: list[pa.Table] = []
        self.stored: list[int] = []

    def __call__(self, changed: pa.Table) -> None:
        self.told.append(changed)
        self.stored.append(len(alerts(self._lake, "number")))

    def values(self, *columns: str) -> list[list[tuple[Any, ...]]]:
        return [sorted(tuple(row[column] for column in columns) for row in table.to_pylist()) for table in self.told]


def put(lake: Lake, *rows: dict[str, Any], announce: Callable[[pa.Table], None] | None = None) -> Changes:
    return lake.upsert(ALERTS, ALERTS.table(list(rows)), announce)


def alerts(lake: Lake, *columns: str) -> list[tuple[Any, ...]]:
    rows = lake.tables("real", only=[ALERTS])["alerts"].to_pyarrow().to_pylist()
    return [tuple(row[column] for column in columns) for row in rows]


def seen(hour: int, state: str = "open", **values: Any) -> dict[str, Any]:
    closed_at = None if state == "open" else NOW + hour * HOUR
    return alert(state=state, closed_at=closed_at, updated_at=NOW + hour * HOUR, **{"reopened_count": None, **values})


def test_changes_are_told_of_before_they_are_stored_with_what_was_stored(lake: Lake) -> None:
    listener = Listener(lake)
    put(lake, seen(0, number=1), seen(0, number=2), announce=listener)
    put(lake, seen(1, "fixed", number=1), seen(0, number=2), seen(0, number=3), announce=listener)
    assert listener.values("number", "state", "was_known", "old_state", "old_updated_at", "old_closed_at") == [
        [(1, "open", False, None, None, None), (2, "open", False, None, None, None)],
        [(1, "fixed", True, "open", NOW, None), (3, "open", False, None, None, None)],
    ]
    assert listener.stored == [0, 2]
    watched = [("old_state", pa.string()), ("old_closed_at", TS), ("old_updated_at", TS)]
    watched += [("old_fixed_at", TS), ("old_source", pa.string())]
    assert listener.told[1].schema == pa.schema([*ALERTS.schema, ("was_known", pa.bool_()), *watched])


def test_nothing_is_told_of_what_changes_nothing(lake: Lake) -> None:
    listener = Listener(lake)
    put(lake, seen(1, "fixed"))
    assert put(lake, seen(1, "fixed", collected_at=NOW + HOUR), seen(0), announce=listener) == Changes(unchanged=1)
    assert listener.told == []


def test_a_listener_that_fails_leaves_the_partition_as_it_was(lake: Lake) -> None:
    def fail(changed: pa.Table) -> None:
        raise RuntimeError(f"{changed.num_rows} is too many")

    put(lake, seen(0))
    before = lake.snapshot()
    with pytest.raises(RuntimeError):
        put(lake, seen(1, "fixed"), announce=fail)
    assert lake.snapshot() == before
    assert put(lake, seen(1, "fixed")) == Changes(updated=1)


def test_a_listener_may_write_another_dataset(lake: Lake) -> None:
    def note(changed: pa.Table) -> None:
        row = {"event_id": "e", "repo": "acme/api", "action": str(changed["old_state"][0]), "at": NOW}
        lake.upsert(ALERT_EVENTS, ALERT_EVENTS.table([row, {**row, "at": NOW - 40 * 24 * HOUR}]))

    put(lake, seen(0), announce=note)
    put(lake, seen(1, "fixed"), announce=note)
    assert alerts(lake, "state") == [("fixed",)]
    assert lake.tables()["alert_events"].action.to_pyarrow().to_pylist() == ["open", "open"]


def test_a_writer_that_lost_the_swap_tells_anew_from_what_is_stored_now(
    lake: Lake, tmp_path: Path, clock: Callable[[], datetime]
) -> None:
    rival, told = Lake(lake.store, tmp_path / "rival", clock), Listener(lake)

    def tell_and_lose(changed: pa.Table) -> None:
        told(changed)
        if len(told.told) == 1:
            put(rival, seen(1, "fixed"), seen(1, number=2))

    put(lake, seen(0))
    put(lake, seen(2), seen(2, number=2), announce=tell_and_lose)
    rival.close()
    assert told.values("number", "was_known", "old_state", "reopened_count") == [
        [(1, True, "open", None), (2, False, None, None)],
        [(1, True, "fixed", 1), (2, True, "open", None)],
    ]
    assert alerts(lake, "number", "reopened_count") == [(1, 1), (2, None)]


def test_a_real_row_that_replaces_a_demo_row_was_not_known_and_carries_nothing_on(lake: Lake) -> None:
    listener = Listener(lake)
    put(lake, seen(0, "fixed", source="demo", reopened_count=4))
    put(lake, seen(1), announce=listener)
    assert listener.values("was_known", "old_state", "reopened_count") == [[(False, None, None)]]


def test_a_dataset_that_watches_nothing_tells_its_rows_alone(lake: Lake) -> None:
    told: list[pa.Table] = []
    lake.upsert(
        WORKFLOW_RUNS, WORKFLOW_RUNS.table([run(), run(run_id=2, created_at=NOW - 60 * 24 * HOUR)]), told.append
    )
    assert [table["run_id"].to_pylist() for table in told] == [[2], [1]]
    assert {tuple(table.schema.names) for table in told} == {(*WORKFLOW_RUNS.schema.names, "was_known")}


@pytest.mark.parametrize(
    ("history", "count"),
    [
        ([seen(0), seen(1, "fixed"), seen(2)], 1),
        ([seen(1, "fixed"), seen(2), seen(2), seen(2)], 1),
        ([seen(0, "fixed"), seen(1), seen(2, "dismissed"), seen(3), seen(4, "auto_dismissed"), seen(5)], 3),
        ([seen(0, "fixed"), seen(1), seen(2), seen(3, "fixed")], 1),
        ([seen(1, "fixed"), seen(0)], None),
        ([seen(1, "fixed"), seen(1)], None),
        ([seen(0), seen(1)], None),
        ([seen(0, "fixed"), seen(1, reopened_count=5), seen(2, "fixed"), seen(3, reopened_count=2)], 6),
        ([seen(0, reopened_count=2), seen(1, "fixed"), seen(2), seen(3, reopened_count=0)], 3),
    ],
)
def test_reopenings_are_counted_once_whoever_sees_them(
    lake: Lake, history: list[dict[str, Any]], count: int | None
) -> None:
    for row in history:
        put(lake, row)
        put(lake, row)
    assert alerts(lake, "reopened_count") == [(count,)]


def test_no_dataset_carries_or_watches_a_column_that_it_has_not() -> None:
    for dataset in DATASETS.values():
        assert {*dataset.carried, *dataset.watched} <= {*dataset.schema.names} - {*dataset.key}
    assert ALERTS.carried
