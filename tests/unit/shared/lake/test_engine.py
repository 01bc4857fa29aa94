"""Engine: scans over files that are alike and over files that are not."""

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from shared.lake.engine import Engine


def test_files_with_other_columns_are_united_by_name(tmp_path: Path) -> None:
    old, new = tmp_path / "old.parquet", tmp_path / "new.parquet"
    pq.write_table(pa.table({"a": [1, 2]}), old)
    pq.write_table(pa.table({"b": ["x"], "a": [3]}), new)
    engine = Engine(tmp_path / "spill")
    engine.name_scan("two_shapes", [new, old])
    found = engine.backend.con.sql("SELECT a, b FROM two_shapes ORDER BY a").fetchall()
    assert found == [(1, None), (2, None), (3, "x")]
    engine.close()


def test_number_of_rows_is_guessed_well_though_the_first_file_is_empty(tmp_path: Path) -> None:
    """The order of joins follows from the guess: a table taken for empty is read as a whole for each of few keys."""
    paths = [tmp_path / f"{n}.parquet" for n in range(3)]
    for path, rows in zip(paths, (0, 1_000, 3_000), strict=True):
        pq.write_table(pa.table({"a": list(range(rows))}), path)
    engine = Engine(tmp_path / "spill")
    engine.name_scan("alike", paths)
    ((_, plan),) = engine.backend.con.sql("EXPLAIN SELECT a FROM alike").fetchall()
    (guess,) = re.findall(r"~([\d,]+) rows", plan)
    assert 3_000 <= int(guess.replace(",", "")) <= 9_000
    assert engine.backend.con.sql("SELECT count(*) FROM alike").fetchall() == [(4_000,)]
    engine.close()
