"""Metrics in the terminal: a table to read, JSON or CSV to work with."""

import csv
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import ibis.expr.types as ir
import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from backend.terminal import Output, say
from shared.metrics import METRICS, metric
from shared.scope import Scope

UNKNOWN = "—"

WIDE = 400
"""Columns of a table that is printed to a file or a pipe."""


def print_names() -> None:
    """Lists every metric with what it means."""
    for found in METRICS.values():
        by = f" By: {', '.join(found.by)}." if found.by else ""
        say(f"{found.name}\n    {found.title} ({found.unit}). {found.definition}{by}\n")


def print_metric(tables: Mapping[str, ir.Table], name: str, scope: Scope, by: str | None, output: Output) -> None:
    """Computes a metric and prints it. Raises FettleError for an unknown metric or grouping."""
    found = metric(name)
    rows: list[dict[str, Any]] = found.compute(tables, scope, by).to_pyarrow().to_pylist()
    labels = found.labels(by)
    if output == "json":
        sys.stdout.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode() + "\n")
    elif output == "csv":
        writer = csv.DictWriter(sys.stdout, list(labels), lineterminator="\n")
        writer.writeheader()
        writer.writerows({column: _plain(value) for column, value in row.items()} for row in rows)
    else:
        _print_table(found.title, labels, rows)


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
