"""What the tests of imports share: one run, one table, and what is stored."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.lake.tables import Lake

Write = Callable[[str, str | bytes], Path]
"""Writes a file by name and content."""

RUN: dict[str, Any] = {
    "id": 42,
    "name": "CI",
    "run_number": 9,
    "run_attempt": 1,
    "workflow_id": 7,
    "head_branch": "main",
    "status": "completed",
    "conclusion": "success",
    "created_at": "2026-03-01T10:00:00Z",
    "run_started_at": "2026-03-01T10:00:30Z",
    "updated_at": "2026-03-01T10:05:30Z",
    "repository": {"full_name": "acme/api"},
}

HEADER = "run_id,run_attempt,branch,started_at,completed_at,conclusion\n"
TABLE = HEADER + '42,1,"odd, ""name""\nof two lines",2026-03-01T10:00:30Z,2026-03-01T10:05:30Z,success\n'


def stored(lake: Lake, dataset: str = "workflow_runs") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = lake.tables("real")[dataset].to_pyarrow().to_pylist()
    return rows
