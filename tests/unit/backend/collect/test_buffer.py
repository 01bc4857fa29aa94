from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from backend.collect.buffer import Buffer
from shared.datasets import ALERT_EVENTS, ALERTS, REPOSITORIES, WORKFLOWS
from shared.lake.store import Absent, StoreFull
from shared.lake.tables import Lake
from tests.builders import NOW, alert


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
    def full(name: str, data: bytes | Path, if_match: str | Absent | None = None) -> str:
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

    def refuse_b(name: str, data: bytes | Path, if_match: str | Absent | None = None) -> str:
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
