"""Metrics in the terminal: a table to read, JSON or CSV to work with."""

import csv
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import ibis.expr.types as ir
import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from backend.terminal import Output, say
from shared.metrics import METRICS, metric
from shared.policy import Policy
from shared.scope import Scope

UNKNOWN = "—"

WIDE = 400
"""Columns of a table that is printed to a file or a pipe."""


@dataclass(frozen=True)
class Question:
    """What is asked of a metric. switches: those that are on."""

    metric: str
    scope: Scope
    by: str | None = None
    policy: Policy = field(default_factory=Policy)
    switches: Mapping[str, bool] = field(default_factory=dict)


def print_names() -> None:
    """Lists every metric with what it means."""
    for found in METRICS.values():
        by = f" By: {', '.join(found.by)}." if found.by else ""
        switches = f" Switches: {', '.join(found.switches)}." if found.switches else ""
        say(f"{found.name}\n    {found.title} ({found.unit}). {found.definition}{by}{switches}\n")


def print_metric(tables: Mapping[str, ir.Table], question: Question, output: Output) -> None:
    """Computes a metric and prints it. Raises FettleError for an unknown metric, grouping or switch."""
    found = metric(question.metric)
    figures = found.compute(tables, question.scope, question.by, question.policy, question.switches)
    _print(found.title, found.labels(question.by), figures, output)


def print_rows(tables: Mapping[str, ir.Table], question: Question, output: Output) -> None:
    """Prints the rows behind a metric, those that do not count with the reason. Raises FettleError likewise.

    They are the same whatever the figures are grouped by.
    """
    found = metric(question.metric)
    found.labels(question.by)  # which refuses a grouping that the metric does not know
    rows = found.rows(tables, question.scope, question.policy, question.switches)
    _print(f"Rows behind {found.title.lower()}", {column: column for column in rows.columns}, rows, output)


def _print(title: str, labels: Mapping[str, str], table: ir.Table, output: Output) -> None:
    if output == "csv":
        writer = csv.DictWriter(sys.stdout, list(labels), lineterminator="\n")
        writer.writeheader()
        # The rows behind a figure may be millions, which take more room as Python's than as Arrow's.
        for batch in table.to_pyarrow().to_batches(max_chunksize=10_000):
            writer.writerows({column: _plain(value) for column, value in row.items()} for row in batch.to_pylist())
        return
    rows: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    if output == "json":
        sys.stdout.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode() + "\n")
    else:
        _print_table(title, labels, rows)


def _print_table(title: str, labels: Mapping[str, str], rows: list[dict[str, Any]]) -> None:
    console = Console()
    if not console.is_terminal:
        # There is no width to fit into, and a cut figure would be a wrong one.
        console = Console(width=WIDE)
    if not rows:
        console.print(f"{title}: nothing in this scope.")
        return
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, header_style="bold")
    for column, words in labels.items():
        numeric = any(isinstance(row[column], int | float) for row in rows)
        table.add_column(words.removesuffix(" (s)"), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_shown(column, row[column]) for column in labels))
    console.print(table)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _shown(column: str, value: object) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}Z"
    if isinstance(value, int | float) and column.endswith("_s"):
        return _duration(value)
    if isinstance(value, float):
        return f"{value:.1%}" if column.endswith("_rate") else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not column.endswith("_id") else str(value)


def _duration(seconds: float) -> str:
    """Seconds in the largest unit that keeps two digits before the point where there are any."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if abs(seconds) >= 2 * size:
            return f"{seconds / size:,.2f} {unit}"
    return f"{seconds:,.1f} s"
