"""The tables of measured pages, and the section of the documentation that shows them."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from tests.benchmarks.page_timing import TIMES, Compared, Times, p95
from tests.benchmarks.visits import VISITS, Visits

SLOW_MS = 100

SECTION = """## Pages
Written by `FETTLE_BENCH_REPORT=docs/benchmarks.md make bench` on {day}: {cores} cores, {system}, Python {python}.
The sample has {runs:,} runs and {alerts:,} alerts of {repos:,} repositories, {size:.0f} MB of Parquet.

Each of the app's pages is opened for the last {days} days, as the first page of a visitor and without other filters,
and the questions that it puts to the engine are written down. They are then asked again, one after another as the page
does, {times} times, in turn with their counterparts in SQL, in one process in which both have been asked once before.

- **Fettle**: the app's own way from a question to a frame: the metric, its prepared SQL and its digests, no cache of
  answers. Digests had been made before; they are made once for each month of data.
- **SQL**: `tests/benchmarks/sql`, written by hand on the same Parquet files for the same figures, with the same DuckDB,
  threads and memory limit. A test checks on a small sample that both sides give the same rows.
- **Processor**: the ratio of the processor time of both, which other work on the machine hardly changes.
- **pandas**: reads the columns of all files with pandas, filters and groups in memory, for most of what the page shows,
  once in a process of its own; with the most memory that this process held.

{pages}

{unpaired}### One question at a time
The questions for which Fettle takes more than {slow} ms, by the median.

{questions}

### History
The questions of the overview for the last 30 days, on stores of as many runs and alerts a day and different age, asked
in turn in one process.

{histories}

### Visits
The app keeps the answers to what its pages ask without filters at hand, and asks anew as time and data move on, which
takes {warmed_s:.0f} s of the processor for this range. In such a process every page is opened {visits} times, each time
by another visitor, that of a repository or a workflow for another one each time, and then run again with nothing
changed. What is measured is the app's script, from the request to the last element of the page. All of it together
held {peak:,.0f} MB at most.

{visits_table}
"""


@dataclass(frozen=True)
class Sample:
    """What the pages were opened on."""

    runs: int
    alerts: int
    repos: int
    megabytes: float


def section(
    sample: Sample,
    days: int,
    compared: Sequence[Compared],
    pandas: Mapping[str, tuple[float, float]],
    histories: Sequence[tuple[int, int, Times]],
    visits: Sequence[Visits],
    peak_mb: float,
    warmed: Mapping[str, float],
) -> str:
    """The section. pandas: seconds and megabytes by page.  histories: years, runs and times."""
    titles = {one.opened.page: one.opened.title for one in compared}
    unpaired = sorted({name for one in compared for name in one.unpaired})
    return SECTION.format(
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        cores=os.cpu_count(),
        system=platform.system(),
        python=platform.python_version(),
        runs=sample.runs,
        alerts=sample.alerts,
        repos=sample.repos,
        size=sample.megabytes,
        days=days,
        times=TIMES,
        slow=SLOW_MS,
        pages=pages_table(compared, pandas),
        unpaired=f"Without a counterpart, and in neither column: {', '.join(unpaired)}.\n\n" if unpaired else "",
        questions=questions_table(compared),
        histories=histories_table(histories),
        peak=peak_mb,
        warmed_s=warmed["cpu_s"],
        visits=VISITS,
        visits_table=visits_table(titles, visits),
    )


def pages_table(compared: Sequence[Compared], pandas: Mapping[str, tuple[float, float]]) -> str:
    """What the questions of each page take together."""
    head = ["page", "questions", "Fettle, median ms", "slowest ms", "SQL, median ms", "slowest ms", "Fettle ÷ SQL"]
    head += ["processor", "pandas, s", "pandas, MB"]
    lines = []
    for one in compared:
        ours, theirs = one.ours, one.theirs
        seconds, megabytes = pandas.get(one.opened.page, (None, None))
        lines.append(
            [
                one.opened.title,
                str(len(one.apart)),
                *(_ms(value) for value in (ours.median_s, max(ours.wall_s), theirs.median_s, max(theirs.wall_s))),
                f"{ours.median_s / theirs.median_s:.2f}",
                f"{ours.median_cpu_s / theirs.median_cpu_s:.2f}",
                "—" if seconds is None else f"{seconds:,.1f}",
                "—" if megabytes is None else f"{megabytes:,.0f}",
            ]
        )
    return _table(head, lines)


def questions_table(compared: Sequence[Compared]) -> str:
    """The questions that take longest, each where it takes longest."""
    slow: dict[str, tuple[float, list[str]]] = {}
    for one in compared:
        for label, (ours, theirs) in one.apart.items():
            name = label.split(" ")[1]
            row = [one.opened.title, f"`{name}`", _ms(ours), _ms(theirs), f"{ours / theirs:.2f}"]
            if ours * 1_000 > SLOW_MS and ours > slow.get(name, (0.0, []))[0]:
                slow[name] = (ours, row)
    lines = [row for _, row in sorted(slow.values(), key=lambda found: -found[0])]
    return _table(["page", "question", "Fettle, ms", "SQL, ms", "Fettle ÷ SQL"], lines, words=2)


def histories_table(histories: Sequence[tuple[int, int, Times]]) -> str:
    """The same view by the age of the store, as a share of the youngest."""
    first = histories[0][2]
    lines = [
        [
            f"{years}",
            f"{runs:,}",
            _ms(found.median_s),
            f"{found.median_s / first.median_s:.2f}",
            f"{found.median_cpu_s / first.median_cpu_s:.2f}",
        ]
        for years, runs, found in histories
    ]
    return _table(["years", "runs", "median ms", "÷ first", "processor ÷ first"], lines)


def visits_table(titles: Mapping[str, str], visits: Sequence[Visits]) -> str:
    """Opening each page and running it again."""
    lines = [
        [titles[one.page], *(_ms(taken) for part in (one.opened_s, one.again_s) for taken in (median(part), p95(part)))]
        for one in visits
    ]
    return _table(["page", "opened, median ms", "p95 ms", "unchanged, median ms", "p95 ms"], lines)


def _ms(seconds: float) -> str:
    return f"{seconds * 1_000:,.0f}"


def _table(head: Sequence[str], lines: Sequence[Sequence[str]], words: int = 1) -> str:
    ruler = [*["---"] * words, *["--:"] * (len(head) - words)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ruler, *lines))
