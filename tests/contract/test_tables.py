"""What the lake promises of its tables, on both stores."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.datasets import ALERTS, DATASETS, WORKFLOW_RUNS
from shared.lake.merge import Changes
from shared.lake.reading import Rows
from shared.lake.tables import Lake
from tests.properties import few

DAY = datetime(2026, 4, 8, 2, 12, 2, tzinfo=UTC)


def run(run_id: int = 1, attempt: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "run_attempt": attempt,
        "repo": "octo/robot",
        "org": "octo",
        "conclusion": "success",
        "created_at": DAY,
        "updated_at": DAY,
        "collected_at": DAY,
        "source": "github",
        **changes,
    }


def put(lake: Lake, *rows: dict[str, Any]) -> Changes:
    return lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table(list(rows)))


def runs(lake: Lake, *columns: str, rows: str = "auto") -> list[tuple[Any, ...]]:
    table = lake.tables(rows)["workflow_runs"].to_pyarrow()  # type: ignore[arg-type]
    return sorted(zip(*(table[column].to_pylist() for column in columns), strict=True))


def test_partitions_are_named_by_the_utc_month_and_hold_the_contracts_columns(lake: Lake) -> None:
    put(
        lake,
        run(1),
        run(2, created_at=datetime(2026, 5, 1, 1, tzinfo=UTC) - timedelta(hours=2)),
        run(3, created_at=datetime(2026, 5, 1, tzinfo=UTC)),
    )
    names = [blob.name for blob in lake.snapshot().blobs]
    assert names == [
        "tables/workflow_runs/month=2026-04/part.parquet",
        "tables/workflow_runs/month=2026-05/part.parquet",
    ]
    stored = pq.read_schema(pa.BufferReader(lake.store.read(names[0])[0]))
    assert stored.equals(WORKFLOW_RUNS.schema)


def test_a_dataset_without_month_is_one_blob(lake: Lake) -> None:
    lake.upsert(
        ALERTS,
        ALERTS.table([{"repo": "o/r", "kind": "dependabot", "number": n, "created_at": DAY} for n in (1, 2)]),
    )
    assert [blob.name for blob in lake.snapshot().blobs] == ["tables/alerts/part.parquet"]


def test_the_greater_version_wins_whatever_the_order(lake: Lake) -> None:
    old, new = (
        run(conclusion=None, updated_at=DAY),
        run(conclusion="failure", updated_at=DAY + timedelta(hours=1)),
    )
    assert put(lake, new) == Changes(inserted=1)
    assert put(lake, old) == Changes(unchanged=1)
    assert put(lake, old, new, old) == Changes(unchanged=1)
    assert runs(lake, "run_id", "conclusion") == [(1, "failure")]


def test_at_equal_versions_the_newer_write_wins_also_within_one_batch(lake: Lake) -> None:
    put(lake, run(conclusion="failure"), run(conclusion="cancelled"))
    assert runs(lake, "conclusion") == [("cancelled",)]
    assert put(lake, run(conclusion="success")) == Changes(updated=1)
    assert runs(lake, "conclusion") == [("success",)]


def test_a_known_version_beats_an_unknown_one(lake: Lake) -> None:
    put(lake, run(conclusion="success"))
    assert put(lake, run(conclusion="failure", updated_at=None)) == Changes(unchanged=1)
    assert put(lake, run(2, updated_at=None), run(2, conclusion="failure")).inserted == 1
    assert runs(lake, "run_id", "conclusion") == [(1, "success"), (2, "failure")]


def test_the_same_rows_again_change_nothing_not_even_the_version(lake: Lake) -> None:
    put(lake, run(1), run(1, 2), run(2))
    before = lake.snapshot()
    assert put(lake, run(2), run(1, 2, collected_at=DAY + timedelta(days=1)), run(1)) == Changes(unchanged=3)
    assert lake.snapshot() == before


def test_a_later_attempt_takes_the_latest_flag_and_an_earlier_one_does_not(lake: Lake) -> None:
    put(lake, run(1, 2))
    put(lake, run(1, 1), run(2, 1))
    assert runs(lake, "run_id", "run_attempt", "is_latest_attempt") == [
        (1, 1, False),
        (1, 2, True),
        (2, 1, True),
    ]
    put(lake, run(1, 3))
    assert runs(lake, "run_attempt", "is_latest_attempt")[-1] == (3, True)


def test_a_row_that_cannot_be_stored_goes_to_quarantine_and_the_rest_is_kept(lake: Lake) -> None:
    put(lake, run(1), run(2, created_at=None), run(None))  # type: ignore[arg-type]
    assert runs(lake, "run_id") == [(1,)]
    found = list(lake.store.list("quarantine/workflow_runs/"))
    assert len(found) == 1
    text = lake.store.read(found[0].name)[0].decode()
    assert text.count("\n") == 2
    assert "no run_id or run_attempt or created_at" in text


def test_removing_a_source_leaves_every_other_row(lake: Lake) -> None:
    put(lake, run(1), run(2, source="demo"), run(3, source="demo", created_at=DAY + timedelta(days=60)))
    assert lake.remove(WORKFLOW_RUNS, "demo") == 2
    assert [blob.name for blob in lake.snapshot().blobs] == ["tables/workflow_runs/month=2026-04/part.parquet"]
    assert runs(lake, "run_id", "source") == [(1, "github")]
    before = lake.snapshot()
    assert lake.remove(WORKFLOW_RUNS, "demo") == 0
    assert lake.snapshot() == before


def test_a_demo_row_never_replaces_a_real_one_and_a_real_one_always_replaces_it(lake: Lake) -> None:
    later = DAY + timedelta(days=9)
    put(lake, run(1), run(2, source="demo", updated_at=later))
    put(lake, run(1, source="demo", conclusion="failure", updated_at=later), run(2, conclusion="failure"))
    assert runs(lake, "run_id", "conclusion", "source") == [
        (1, "success", "github"),
        (2, "failure", "github"),
    ]


def test_demo_rows_are_shown_until_there_is_a_real_one(lake: Lake) -> None:
    put(lake, run(1, source="demo"))
    assert (lake.tables().rows, runs(lake, "run_id")) == ("demo", [(1,)])
    put(lake, run(2))
    assert (lake.tables().rows, runs(lake, "run_id")) == ("real", [(2,)])
    assert runs(lake, "run_id", rows="demo") == [(1,)]


def test_every_dataset_can_be_read_from_an_empty_lake(lake: Lake) -> None:
    tables = lake.tables()
    assert set(tables) == set(DATASETS)
    for name, table in tables.items():
        assert table.to_pyarrow().schema.names == DATASETS[name].schema.names
        assert table.count().to_pyarrow().as_py() == 0


def test_a_partition_written_before_a_column_existed_reads_null_and_can_be_merged(lake: Lake) -> None:
    old = WORKFLOW_RUNS.table([run(1)]).drop_columns(["queued_s", "actor_is_bot"])
    sink = pa.BufferOutputStream()
    pq.write_table(old, sink)
    lake.store.write("tables/workflow_runs/month=2026-04/part.parquet", sink.getvalue().to_pybytes())
    assert runs(lake, "run_id", "queued_s") == [(1, None)]
    put(lake, run(2, queued_s=3.0))
    assert runs(lake, "run_id", "queued_s") == [(1, None), (2, 3.0)]


def test_a_snapshot_keeps_its_rows_while_a_writer_goes_on(lake: Lake) -> None:
    put(lake, run(1))
    before = lake.tables()
    put(lake, run(2))
    assert before["workflow_runs"].count().to_pyarrow().as_py() == 1
    assert lake.tables()["workflow_runs"].count().to_pyarrow().as_py() == 2


def test_a_state_document_is_changed_by_compare_and_swap(lake: Lake) -> None:
    assert lake.document("cursors/x") == {}
    rival_done = False

    def change(document: dict[str, Any]) -> dict[str, Any]:
        nonlocal rival_done
        if not rival_done:  # a rival writes between our read and our write
            rival_done = True
            lake.update_document("cursors/x", lambda found: {**found, "rival": 1})
        return {**document, "mine": 2}

    assert lake.update_document("cursors/x", change) == {"rival": 1, "mine": 2}
    assert lake.document("cursors/x") == {"rival": 1, "mine": 2}
    lake.delete_document("cursors/x")
    assert lake.document("cursors/x") == {}


@pytest.mark.parametrize("bad", [b"{not json", b"[1]"])
def test_a_broken_state_document_is_named(lake: Lake, bad: bytes) -> None:
    lake.store.write("state/cursors/x.json", bad)
    with pytest.raises(Exception, match=r"state/cursors/x\.json .* restore it"):
        lake.document("cursors/x")


writes = st.lists(
    st.tuples(
        st.integers(1, 4), st.integers(1, 2), st.integers(0, 3), st.sampled_from(["success", "failure", None]),
        st.sampled_from(["github", "demo"]),
    ),
    max_size=12,
)  # fmt: skip


@pytest.mark.parametrize("store_settings", ["local"], indirect=True)
@given(batches=st.lists(writes, min_size=1, max_size=3))
@few(10)
def test_upserts_follow_the_law_of_key_and_version(lake: Lake, batches: list[list[tuple[Any, ...]]]) -> None:
    assert_law(lake, batches)


@pytest.mark.parametrize("store_settings", ["azure"], indirect=True)
@given(batches=st.lists(writes, min_size=1, max_size=3))
@few(6)
def test_upserts_follow_the_law_in_azure_too(lake: Lake, batches: list[list[tuple[Any, ...]]]) -> None:
    assert_law(lake, batches)


def assert_law(lake: Lake, batches: list[list[tuple[Any, ...]]]) -> None:
    """The oracle walks the rows one by one: a plain dict, real before demo, then greater or equal version."""
    for source in ("github", "demo"):
        lake.remove(WORKFLOW_RUNS, source)
    oracle: dict[tuple[int, int], dict[str, Any]] = {}
    for batch in batches:
        table = []
        for run_id, attempt, version, conclusion, source in batch:
            row = run(
                run_id,
                attempt,
                updated_at=DAY + timedelta(hours=version),
                conclusion=conclusion,
                source=source,
            )
            table.append(row)
            held = oracle.get((run_id, attempt))
            rank = (source != "demo", version)
            if held is None or rank >= (
                held["source"] != "demo",
                (held["updated_at"] - DAY) // timedelta(hours=1),
            ):
                oracle[run_id, attempt] = row
        put(lake, *table)
    kept = [row for rows in ("real", "demo") for row in stored(lake, rows)]
    found = {(row["run_id"], row["run_attempt"]): (row["updated_at"], row["conclusion"], row["source"]) for row in kept}
    assert found == {key: (row["updated_at"], row["conclusion"], row["source"]) for key, row in oracle.items()}
    assert len(kept) == len(oracle)
    before = lake.snapshot()
    put(lake, *oracle.values())
    assert lake.snapshot() == before


def stored(lake: Lake, rows: Rows) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lake.tables(rows, only=[WORKFLOW_RUNS])["workflow_runs"].to_pyarrow().to_pylist()
    return found
