"""The table of measured collections, and the page of the documentation that shows it."""

import os
import platform
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from tests.benchmarks.collecting import Measured

ROWS: tuple[tuple[str, Callable[[Measured], str]], ...] = (
    ("**First collection:** requests", lambda m: f"{m.first.asked['requests']:,.0f}"),
    ("of them for earlier attempts of runs", lambda m: f"{m.attempts:,}"),
    ("minimum for the lists", lambda m: f"{m.minimum:,}"),
    ("requests for lists ÷ minimum", lambda m: f"{m.list_requests / m.minimum:.2f}"),
    ("rate-limit points", lambda m: f"{m.first.asked['points']:,.0f}"),
    ("megabytes, packed", lambda m: f"{m.first.asked['bytes'] / 1e6:,.0f}"),
    ("most requests at once", lambda m: f"{m.first.asked['max_in_flight']:.0f}"),
    ("wall time, s", lambda m: f"{m.first.spent.wall_s:,.1f}"),
    ("processor time, s", lambda m: f"{m.first.spent.cpu_s:,.1f}"),
    ("processor time of the stand-in, s", lambda m: f"{m.first.asked['cpu_s']:,.1f}"),
    ("peak memory, MB", lambda m: f"{m.first.spent.peak_mb:,.0f}"),
    ("**Bare loop:** wall time before and after, s", lambda m: " · ".join(f"{s.wall_s:,.1f}" for s in m.bare)),
    ("processor time, s", lambda m: f"{sum(s.cpu_s for s in m.bare) / len(m.bare):,.1f}"),
    ("first collection ÷ bare loop", lambda m: f"{m.first.spent.wall_s / m.bare_s:.2f}"),
    ("**Unchanged refresh:** requests", lambda m: f"{m.refresh.asked['requests']:,.0f}"),
    ("of them conditional", lambda m: f"{m.refresh.asked['conditional']:,.0f}"),
    ("answered with 304", lambda m: f"{m.refresh.asked['unchanged']:,.0f}"),
    ("rate-limit points", lambda m: f"{m.refresh.asked['points']:,.0f}"),
    ("wall time, s", lambda m: f"{m.refresh.spent.wall_s:,.1f}"),
    ("peak memory, MB", lambda m: f"{m.refresh.spent.peak_mb:,.0f}"),
    ("**One new run in each repository:** requests", lambda m: f"{m.grown.asked['requests']:,.0f}"),
    ("rate-limit points", lambda m: f"{m.grown.asked['points']:,.0f}"),
    ("wall time, s", lambda m: f"{m.grown.spent.wall_s:,.1f}"),
    ("peak memory, MB", lambda m: f"{m.grown.spent.peak_mb:,.0f}"),
)

PAGE = """# Benchmarks

## Collecting
Written by `FETTLE_BENCH_REPORT=docs/benchmarks.md make bench` on {day}: {cores} cores, {system}, Python {python}.

Each collection is `python -m backend collect --org bench` in a process of its own, from a stand-in for GitHub in
another one on the same machine. The stand-in waits {latency_ms:.0f} ms before each answer and gives whole objects: a
page of a hundred runs is {page_mb:.1f} MB, and packed with gzip as GitHub's are.

- **Minimum**: for each list a request for every hundred items, and one more. Lists are the organisation's repositories
  and its alerts of each kind; and of each repository the workflows, runs, pull requests and code-scanning analyses.
  Earlier attempts of runs are on no list: each takes a request of its own, and one in a hundred runs ran twice.
- **Bare loop**: fetches and parses the very same pages with as many threads, and does nothing with them. It ran before
  and after the first collection; the ratio is that to the mean of both.
- **Unchanged refresh** and **one new run** go on in the store of the first collection, so that their peak memory shows
  whether it grows with history.

{table}
"""


def table(measured: Sequence[Measured]) -> str:
    """A Markdown table with a column for each size."""
    head = ["repositories, each with so many runs", *(f"{m.repos:,}, {m.runs:,}" for m in measured)]
    lines = [head, ["---", *("--:" for _ in measured)]]
    lines += [[label, *(shown(m) for m in measured)] for label, shown in ROWS]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(measured: Sequence[Measured], *, latency_s: float, page_bytes: int) -> str:
    """The page of the documentation."""
    return PAGE.format(
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        cores=os.cpu_count(),
        system=platform.system(),
        python=platform.python_version(),
        latency_ms=latency_s * 1_000,
        page_mb=page_bytes / 1e6,
        table=table(measured),
    )
