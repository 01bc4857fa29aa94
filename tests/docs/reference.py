"""The reference pages of the docs, written from the code: `python -m tests.docs.reference` (or `make docs`)."""

from pathlib import Path

import typer
from typer.testing import CliRunner

from backend.__main__ import app
from shared.datasets import DATASETS
from shared.metrics import METRICS

ROOT = Path(__file__).parents[2]

GENERATED = "<!-- Written by `make docs`; change the code, not this page. -->\n\n"

COMMANDS = ("collect", "import", "demo", "rollup", "metrics", "serve", "doctor", "coverage", "keys", "users")


def datasets_page() -> str:
    """Every dataset: blob names, key, version, columns and Arrow types."""
    parts = ["# Datasets\n\n", GENERATED, _DATASETS_INTRODUCTION]
    for dataset in DATASETS.values():
        month = f"month of `{dataset.month_of}`" if dataset.month_of else "none, one blob"
        place = f"tables/{dataset.name}/{'month=YYYY-MM/' if dataset.month_of else ''}part.parquet"
        parts.append(f"## {dataset.title}: `{dataset.name}`\n\n")
        parts.append(f"Blob `{place}` · key `{', '.join(dataset.key)}` · partition {month} · ")
        parts.append(f"version `{dataset.version}`\n\n| column | type |\n|---|---|\n")
        parts += [f"| `{field.name}` | {field.type} |\n" for field in dataset.schema]
        parts.append("\n")
    return "".join(parts).rstrip() + "\n"


def metrics_page() -> str:
    """Every metric: definition, unit, inputs, exclusions, groupings and columns."""
    parts = ["# Metrics\n\n", GENERATED, _METRICS_INTRODUCTION]
    for metric in METRICS.values():
        parts.append(f"## {metric.title}: `{metric.name}`\n\n{metric.definition}\n\n")
        parts.append(f"Unit: {metric.unit}. Inputs: {', '.join(f'`{name}`' for name in metric.inputs)}. ")
        parts.append(f"By: {', '.join(f'`{by}`' for by in metric.by) or 'nothing'}.\n\n")
        parts += [f"Switch `{name}`: {words}\n\n" for name, words in metric.switches.items()]
        parts.append(f"Left out: {metric.exclusions}\n\n| column | meaning |\n|---|---|\n")
        parts += [f"| `{column}` | {words} |\n" for column, words in metric.labels().items()]
        parts.append("\n")
    return "".join(parts).rstrip() + "\n"


def commands_page() -> str:
    """Every command's own help."""
    parts = ["# Commands\n\n", GENERATED, _COMMANDS_INTRODUCTION]
    parts += [f"## `{name}`\n\n```\n{_help(name)}\n```\n\n" for name in COMMANDS]
    return "".join(parts).rstrip() + "\n"


PAGES = {"datasets.md": datasets_page, "metrics.md": metrics_page, "commands.md": commands_page}


def main() -> None:
    """Writes the pages."""
    for name, page in PAGES.items():
        (ROOT / "docs" / name).write_text(page(), encoding="utf-8")


def _help(command: str) -> str:
    runner = CliRunner(env={"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"})
    shown = runner.invoke(app, [command, "--help"], prog_name="python -m backend").output
    assert isinstance(app, typer.Typer)
    return "\n".join(line.rstrip() for line in shown.strip().splitlines())


_DATASETS_INTRODUCTION = """\
Query these files with any tool that reads hive-partitioned Parquet; names and types are a promise. Times are
microseconds in UTC, durations seconds (`_s`). A null is unknown or not applicable, never a stand-in. `source` says
where a row came from: `github`, `import:<file>`, `rollup` or `demo`; leave `demo` rows out of your own queries. Of two
rows with one key the greater version wins.

`repository_overview`, `organisation_overview`, `workflow_daily` and `health_history` are made of the other tables by
`collect` and `rollup` ([how](decisions/0010-roll-ups.md)). In `workflow_daily` each run counts once, with its latest
attempt, on the day (UTC) of its creation; branch and event are empty where unknown. Its `duration_hNN` count completed
runs by duration: `h00` below 10^0.5 s, NN from 10^((NN+4)/10) to below 10^((NN+5)/10) s, `h60` also what is longer. To
merge them, sum each column. The p-quantile of n runs is then in the bucket of the run of rank p·(n-1), counted from 0:
taken for 10^((NN+4.5)/10) s it is off by at most 12.2 %.

"""

_METRICS_INTRODUCTION = """\
What every figure means: on the pages (hover over its name), in the terminal (`python -m backend metrics NAME`) and here
in the same words. A range ends at "now"; what is open is judged at that time.

"""

_COMMANDS_INTRODUCTION = """\
Run from the project's folder as `.venv/bin/python -m backend COMMAND`. Exit codes: 0 all good, 2 a part failed and the
rest is kept, 1 nothing could be done, 130 interrupted. Errors are one sentence on standard error; `--debug` anywhere
shows the traceback.

"""

if __name__ == "__main__":
    main()
