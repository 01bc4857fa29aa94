"""The section of the documentation about deliveries under load."""

import platform
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.benchmarks.webhook_load import Answers


@dataclass(frozen=True)
class Measured:
    """Both sides while so many visitors opened pages. folded_s: from the last answer to an empty inbox."""

    sessions: int
    ours: Answers
    bare: Answers
    folded_s: float

    @property
    def ratio(self) -> float:
        """Of the deliveries in a second."""
        return self.ours.a_second / self.bare.a_second


def table(measured: list[Measured]) -> str:
    """One column for each number of visitors."""
    titles = ["nobody on the pages" if not one.sessions else f"{one.sessions} busy visitors" for one in measured]
    lines = [f"| | {' | '.join(titles)} |", f"| --- |{' --: |' * len(measured)}"]
    rows = {
        "**Bare handler:** deliveries a second": [f"{one.bare.a_second:,.0f}" for one in measured],
        "median, 99th percentile and longest, ms": [_latencies(one.bare) for one in measured],
        "**Fettle:** deliveries a second": [f"{one.ours.a_second:,.0f}" for one in measured],
        "median, 99th percentile and longest answer, ms": [_latencies(one.ours) for one in measured],
        "Fettle ÷ bare": [f"{one.ratio:.2f}" for one in measured],
        "deliveries acknowledged, and in the tables": [f"{len(one.ours.acknowledged):,}" for one in measured],
        "folded after the last answer, s": [f"{one.folded_s:.1f}" for one in measured],
    }
    return "\n".join([*lines, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items())])


def section(measured: list[Measured], connections: int, seconds: float) -> str:
    """The whole section."""
    return f"""## Webhooks
Written by `FETTLE_BENCH_REPORT=docs/benchmarks.md make bench` on {datetime.now(UTC):%Y-%m-%d}: 2 cores, \
{platform.system()}, Python {platform.python_version()}.

GitHub's own examples of four events, each delivery of 10 to 25 KB about a thing of its own, signed, over {connections}
connections that each send the next as soon as the last is answered. Both sides are under load for {seconds:.0f} s, in
turns of {seconds / 3:.0f} s; the sender, the API, the process that folds and the pages share the machine.

- **Bare handler**: the same server program with a handler that reads the body, checks the signature and keeps nothing.
- **Fettle**: `python -m backend serve api` with a store on the local disk: every delivery is on the disk before it is
  answered, and is folded into the tables meanwhile. All that were acknowledged were looked for in the tables.
- **Busy visitors** open one page after the other and never pause, in the process of the pages.

{table(measured)}
"""


def _latencies(answers: Answers) -> str:
    return " · ".join(f"{answers.quantile(share):,.0f}" for share in (0.5, 0.99, 1))
