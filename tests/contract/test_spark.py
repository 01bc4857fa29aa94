"""Spark makes the roll-ups that DuckDB makes, over the same Parquet: `make test-spark`."""

import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backend.__main__ import main
from shared.lake.opening import open_lake
from shared.settings import load_settings
from tests.conftest import ROOT

ROLLUPS = ("repository_overview", "organisation_overview", "workflow_daily", "model_usage_daily", "health_history")
NOW = "2026-11-21T12:00:00Z"
CLOSE = 1e-9


def spark_python() -> str | None:
    """The Python that has PySpark, where Java is; None where there is none."""
    found = Path(os.environ.get("FETTLE_TEST_SPARK") or ROOT / ".venv/spark/bin/python")
    return str(found) if found.exists() and shutil.which("java") else None


SPARK_PYTHON = spark_python()


def rows_of(store: Path, dataset: str) -> list[dict[str, Any]]:
    """The rows of a roll-up in the order of all that is no fraction, without when they were made."""
    files = sorted((store / "tables" / dataset).rglob("*.parquet"))
    table = pa.concat_tables([pq.ParquetFile(file).read() for file in files]).drop_columns(["collected_at"])
    exact = [field.name for field in table.schema if not pa.types.is_floating(field.type)]
    return sorted(table.to_pylist(), key=lambda row: [str(row[name]) for name in exact])


def difference(ours: object, theirs: object) -> float:
    """How far two values are apart, in parts of the second; no number at all is as far apart as can be."""
    if ours == theirs:
        return 0.0
    if not (isinstance(ours, float) and isinstance(theirs, float)):
        return math.inf
    return 0.0 if math.isnan(ours) and math.isnan(theirs) else abs(ours - theirs) / max(abs(theirs), 1e-300)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.skipif(SPARK_PYTHON is None, reason="PySpark or Java is missing: run `make test-spark`, with Java 17")
def test_every_roll_up_is_the_same_by_spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETTLE_NOW", NOW)
    monkeypatch.setenv("FETTLE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FETTLE_STORE", f"file://{tmp_path}/duckdb")
    assert main(["demo", "load", "--repos", "6", "--days", "40", "--runs", "2000"]) == 0
    for dataset in ROLLUPS:
        shutil.rmtree(tmp_path / "duckdb/tables" / dataset, ignore_errors=True)
    shutil.rmtree(tmp_path / "duckdb/state/rollups", ignore_errors=True)
    shutil.copytree(tmp_path / "duckdb", tmp_path / "spark")
    assert main(["rollup"]) == 0
    given = {"FETTLE_STORE": f"file://{tmp_path}/spark", "FETTLE_ENGINE": "spark", "PYTHONPATH": str(ROOT)}
    command = [str(SPARK_PYTHON), "-m", "backend", "rollup"]
    done = subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-4_000:]
    for dataset in ROLLUPS:
        ours, theirs = rows_of(tmp_path / "spark", dataset), rows_of(tmp_path / "duckdb", dataset)
        assert len(ours) == len(theirs) > 0, dataset
        apart = [(name, difference(ours[n][name], row[name])) for n, row in enumerate(theirs) for name in row]
        assert max(apart, key=lambda one: one[1])[1] <= CLOSE, (dataset, max(apart, key=lambda one: one[1]))


def test_without_pyspark_it_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FETTLE_ENGINE", "spark")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    assert main(["rollup"]) == 1
    assert "fettle: FETTLE_ENGINE=spark needs PySpark, which is not installed: pip" in capsys.readouterr().err


def test_another_engine_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FETTLE_ENGINE", "hadoop")
    assert main(["rollup"]) == 1
    assert "FETTLE_ENGINE='hadoop' is not usable: Input should be 'duckdb' or 'spark'" in capsys.readouterr().err


def test_everything_but_roll_ups_asks_duckdb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETTLE_ENGINE", "spark")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    lake = open_lake(load_settings())
    assert lake.tables("real")["workflow_runs"].count().to_pyarrow().as_py() == 0
    lake.close()
