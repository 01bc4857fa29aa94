from datetime import UTC, datetime, timedelta
from errno import ENOSPC
from typing import Any

import pyarrow as pa
import pytest

from backend.collect.buffer import Buffer
from shared.datasets import ALERT_EVENTS, ALERTS, REPOSITORIES, TS, WORKFLOW_RUNS, WORKFLOWS
from shared.lake.quarantine import quarantine_counts
from shared.lake.store import Absent, Content, StoreFull
from shared.lake.tables import Lake
from tests.builders import NOW, alert, run


def repository(name: str) -> pa.Table:
    return REPOSITORIES.table([{"repo": name, "source": "github"}])


def test_rows_wait_until_there_are_enough(lake: Lake) -> None:
    buffer = Buffer(lake, rows=2)
    buffer.add(REPOSITORIES, repository("acme/a"))
    assert not lake.snapshot().blobs
    buffer.add(REPOSITORIES, repository("acme/b"))
    assert len(lake.tables()["repositories"].to_pyarrow()) == 2
    assert buffer.stored == {"repositories": 2}


def test_rows_wait_no_longer_than_told(lake: Lake) -> None:
    now = 0.0
    buffer = Buffer(lake, seconds=60, monotonic=lambda: now)
    buffer.add(REPOSITORIES, repository("acme/a"))
    assert not lake.snapshot().blobs
    now = 61.0
    buffer.add(REPOSITORIES, repository("acme/b"))
    assert lake.snapshot().blobs


def test_cursor_is_written_after_its_rows_and_not_before(lake: Lake) -> None:
    buffer = Buffer(lake)
    buffer.add(REPOSITORIES, repository("acme/a"))
    buffer.change("cursors/x", lambda _: {"watermark": 1})
    assert lake.document("cursors/x") == {}
    buffer.flush()
    assert lake.document("cursors/x") == {"watermark": 1}


def test_changes_of_one_document_are_made_in_turn(lake: Lake) -> None:
    buffer = Buffer(lake)
    buffer.change("cursors/x", lambda document: {**document, "a": 1})
    buffer.change("cursors/x", lambda document: {**document, "b": document["a"] + 1})
    buffer.flush()
    assert lake.document("cursors/x") == {"a": 1, "b": 2}


def test_what_could_not_be_written_is_written_at_the_next_try(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(name: str, data: Content, if_match: str | Absent | None = None) -> str:
        raise StoreFull("full")

    buffer = Buffer(lake)
    buffer.add(REPOSITORIES, repository("acme/a"))
    buffer.add(WORKFLOWS, WORKFLOWS.table([{"repo": "acme/a", "workflow_id": 1, "source": "github"}]))
    buffer.change("cursors/x", lambda _: {"watermark": 1})
    with monkeypatch.context() as patch:
        patch.setattr(lake.store, "write", full)
        with pytest.raises(StoreFull):
            buffer.flush()
    assert lake.document("cursors/x") == {}
    buffer.flush()
    assert lake.document("cursors/x") == {"watermark": 1}
    assert buffer.stored == {"repositories": 1, "workflows": 1}


def test_documents_that_are_many_are_all_written(lake: Lake) -> None:
    buffer = Buffer(lake)
    for number in range(50):
        buffer.change(f"cursors/{number}", lambda _, number=number: {"number": number})  # type: ignore[misc]
    buffer.flush()
    assert [lake.document(f"cursors/{number}") for number in range(50)] == [{"number": n} for n in range(50)]


def test_document_that_cannot_be_written_is_written_at_the_next_try(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = lake.store.write

    def refuse_b(name: str, data: Content, if_match: str | Absent | None = None) -> str:
        if "cursors/b" in name:
            raise StoreFull("full")
        return write(name, data, if_match)

    buffer = Buffer(lake)
    for name in ("cursors/a", "cursors/b"):
        buffer.change(name, lambda document: {**document, "watermark": 1})
    with monkeypatch.context() as patch:
        patch.setattr(lake.store, "write", refuse_b)
        with pytest.raises(StoreFull):
            buffer.flush()
    assert lake.document("cursors/b") == {}
    buffer.flush()
    assert (lake.document("cursors/a"), lake.document("cursors/b")) == ({"watermark": 1}, {"watermark": 1})


def test_alerts_that_change_leave_an_event(lake: Lake) -> None:
    buffer = Buffer(lake)
    buffer.add(ALERTS, ALERTS.table([alert(updated_at=NOW - timedelta(days=9))]))
    buffer.flush()
    buffer.add(ALERTS, ALERTS.table([alert(state="fixed", updated_at=NOW)]))
    buffer.flush()
    buffer.flush()
    events = lake.tables(only=[ALERTS, ALERT_EVENTS])["alert_events"].to_pyarrow().to_pylist()
    assert sorted(event["action"] for event in events) == ["created", "fixed"]


def runs(first: int, count: int, month: int = 4) -> pa.Table:
    return WORKFLOW_RUNS.table(
        [run(run_id=number, created_at=datetime(2026, month, 1, tzinfo=UTC)) for number in range(first, first + count)]
    )


def test_rows_that_are_many_wait_on_the_disk_and_are_written_partition_by_partition(lake: Lake) -> None:
    buffer = Buffer(lake, rows=50, held=10)
    for first in range(0, 40, 8):
        buffer.add(WORKFLOW_RUNS, runs(first, 4))
        buffer.add(WORKFLOW_RUNS, runs(1_000 + first, 4, month=5))
    assert not lake.snapshot().blobs  # no partition has enough
    buffer.flush()
    stored = lake.tables()["workflow_runs"].to_pyarrow()["run_id"].to_pylist()
    assert len(stored) == len(set(stored)) == buffer.stored["workflow_runs"] == 40
    for first in range(2_000, 2_050, 5):
        buffer.add(WORKFLOW_RUNS, runs(first, 5))
    assert len(lake.tables()["workflow_runs"].to_pyarrow()) == 90


def test_later_rows_win_although_some_have_waited_on_the_disk(lake: Lake) -> None:
    buffer = Buffer(lake, held=1)
    for conclusion in ("failure", "cancelled", "success"):
        buffer.add(WORKFLOW_RUNS, WORKFLOW_RUNS.table([run(run_id=1, conclusion=conclusion)]))
    buffer.flush()
    assert lake.tables()["workflow_runs"].to_pyarrow()["conclusion"].to_pylist() == ["success"]


def test_cursor_waits_for_rows_that_wait_on_the_disk(lake: Lake) -> None:
    buffer = Buffer(lake, held=2)
    buffer.add(WORKFLOW_RUNS, runs(0, 1))
    buffer.change("cursors/x", lambda _: {"watermark": 1})
    buffer.add(WORKFLOW_RUNS, runs(1, 5))
    assert (lake.document("cursors/x"), lake.snapshot().blobs) == ({}, ())
    buffer.flush()
    assert lake.document("cursors/x") == {"watermark": 1}


def test_rows_without_their_time_go_to_quarantine_and_no_other_does(lake: Lake) -> None:
    buffer = Buffer(lake, held=1)
    timeless = runs(7, 1).set_column(
        WORKFLOW_RUNS.schema.get_field_index("created_at"), WORKFLOW_RUNS.schema.field("created_at"), pa.nulls(1, TS)
    )
    buffer.add(WORKFLOW_RUNS, pa.concat_tables([runs(0, 2), timeless]))
    buffer.flush()
    assert len(lake.tables()["workflow_runs"].to_pyarrow()) == 2
    assert sum(quarantine_counts(lake.store).values()) == 1


def test_what_could_not_be_set_aside_is_not_lost(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full in the middle of a write leaves what was written before readable."""
    buffer = Buffer(lake, held=5)
    buffer.add(WORKFLOW_RUNS, runs(0, 5))

    def half(file: Any, schema: pa.Schema) -> Any:
        file.write(b"half of a stream")
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pa.ipc, "new_stream", half)
        with pytest.raises(StoreFull, match="FETTLE_CACHE"):
            buffer.add(WORKFLOW_RUNS, runs(5, 5))
    buffer.flush()
    assert len(lake.tables()["workflow_runs"].to_pyarrow()) == 10
