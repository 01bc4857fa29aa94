"""The first rows: how figures are put into words, and how many stand side by side."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from frontend.components.metric_row import ROW_STYLE
from frontend.first_row.usage import amount
from frontend.first_row.workflow_analysis import last_run

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("at", "until", "text"),
    [
        (None, NOW, "no run is known"),
        (pd.NaT, NOW, "no run is known"),
        (NOW - timedelta(minutes=1), NOW, "last run 1 minute ago"),
        (NOW - timedelta(hours=9), NOW, "last run 9 hours ago"),
        (NOW - DAY, NOW, "last run 1 day ago"),
        (NOW - 30 * DAY, NOW - 30 * DAY, "last run as the range ends"),
        (NOW - 31 * DAY, NOW - 30 * DAY, "last run 1 day before the range ends"),
        (NOW - 40 * DAY, NOW - 30 * DAY, "last run 10 days before the range ends"),
    ],
)
def test_last_run_is_told_as_people_would(at: datetime | None, until: datetime, text: str) -> None:
    assert last_run(at, until, NOW) == text


@pytest.mark.parametrize(
    ("before", "n_before", "change"),
    [(100.0, 50, "+100 %"), (199.9, 50, 0), (400.0, 50, "-50 %"), (10.0, 50, "20 times as much"), (100.0, 4, "")],
)
def test_change_of_an_amount_is_readable_or_not_told(before: float, n_before: int, change: object) -> None:
    now = pd.Series({"cost_usd": 200.0, "n_priced": 70})
    earlier = pd.Series({"cost_usd": before, "n_priced": n_before})
    figure = amount("Cost", "cost_usd", now, earlier, "n_priced", "lower", "")
    assert (figure.value, figure.change) == ("$200.00", change)


@pytest.mark.parametrize("figures", range(2, 9))
def test_every_number_of_figures_has_rows_of_its_own_at_every_width(figures: int) -> None:
    grid = (
        f"px) {{ .stGrid:has(.stMetric, .stSkeleton):has(> :nth-child({figures}):last-child) {{ grid-template-columns"
    )
    rules = [line for line in ROW_STYLE.splitlines() if grid in line]
    widths = [int(line.split("min-width: ")[1].split("px")[0]) for line in rules]
    assert widths == sorted(widths)  # of two rules that hold, the later one counts
    assert len(rules) >= 1
