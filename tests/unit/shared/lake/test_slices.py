"""A partition that is written in slices is the partition that is written at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.datasets import DATASETS, WORKFLOW_RUNS
from shared.lake.engine import Engine, bytes_of
from shared.lake.merge import Changes, merge
from shared.lake.slices import slices
from tests.properties import few

BEGIN = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with TemporaryDirectory() as folder:
        found = Engine(Path(folder) / "spill", "512MB")
        yield found
        found.close()


def table(ids: list[int], hour: int = 0) -> pa.Table:
    """Runs; one has the same time as some others, and a later `hour` is a newer version."""
    return WORKFLOW_RUNS.table(
        [
            {
                "run_id": number,
                "run_attempt": 1,
                "repo": "acme/shop",
                "org": "acme",
                "conclusion": f"at {hour}",
                "created_at": BEGIN + timedelta(minutes=number // 3),
                "updated_at": BEGIN + timedelta(hours=hour),
                "collected_at": BEGIN,
                "source": "github",
            }
            for number in ids
        ]
    )


def merged(engine: Engine, folder: Path, steps: list[tuple[int, list[int]]], rows_at_once: int) -> tuple[Any, ...]:
    stored = [folder / "empty.parquet"]
    pq.write_table(WORKFLOW_RUNS.empty(), stored[0])
    told: list[Changes] = []
    for number, (hour, ids) in enumerate(steps):
        target = folder / f"{rows_at_once}-{number}.parquet"
        told.append(merge(engine.backend, WORKFLOW_RUNS, stored, table(ids, hour), target, rows_at_once=rows_at_once))
        stored = [target] if target.exists() else stored
    return pq.read_table(stored[0]).to_pylist(), told


STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.lists(st.integers(0, 120), min_size=1, max_size=80)), min_size=1, max_size=4
)


@given(STEPS, st.sampled_from([1, 2, 7, 20, 50]))
@few(12)
def test_slices_write_what_one_piece_writes(
    engine: Engine, steps: list[tuple[int, list[int]]], rows_at_once: int
) -> None:
    with TemporaryDirectory() as folder:
        whole, changes = merged(engine, Path(folder), steps, 1_000_000)
        sliced, changes_in_slices = merged(engine, Path(folder), steps, rows_at_once)
        assert (sliced, changes_in_slices) == (whole, changes)


def test_slices_cover_everything_once_and_hold_about_so_many_rows(engine: Engine, tmp_path: Path) -> None:
    rows = table(list(range(1_000)))
    files = [tmp_path / "part.parquet"]
    pq.write_table(rows, files[0], row_group_size=50)
    parts = slices(files, "created_at", 200)
    assert [part.of(rows).num_rows for part in parts[:-1]] == pytest.approx([200] * (len(parts) - 1), abs=3)
    assert sum(part.of(rows).num_rows for part in parts) == 1_000
    relation = engine.backend.con.read_parquet([str(file) for file in files])
    for part in parts:
        scanned = part.scanned(relation).to_arrow_table()
        assert scanned.sort_by("run_id")["run_id"] == part.of(rows).sort_by("run_id")["run_id"]


def test_what_fits_is_one_slice(tmp_path: Path) -> None:
    pq.write_table(table([1, 2, 3]), tmp_path / "part.parquet")
    assert len(slices([tmp_path / "part.parquet"], "created_at", 3)) == 1
    assert len(slices([], "created_at", 3)) == 1


@pytest.mark.parametrize("name", DATASETS)
def test_every_row_is_in_a_slice_as_the_column_that_is_sliced_along_is_never_null(name: str) -> None:
    assert DATASETS[name].sort[0] in DATASETS[name].required


@pytest.mark.parametrize(
    ("limit", "amount"), [("2GB", 2 * 10**9), ("96MB", 96 * 10**6), ("512 MiB", 512 * 10**6), ("1.5G", 1.5 * 10**9)]
)
def test_rows_at_once_follow_from_the_memory_limit(tmp_path: Path, limit: str, amount: float) -> None:
    assert bytes_of(limit) == amount
    engine = Engine(tmp_path, limit)
    assert engine.rows_at_once == amount // 2_000
    engine.close()
