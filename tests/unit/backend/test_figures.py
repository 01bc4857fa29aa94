"""How figures are written for people."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from backend.figures import _plain, _shown


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("duration_s", 0, "0.0 s"),
        ("duration_s", 0.04, "0.0 s"),
        ("duration_s", 119.9, "119.9 s"),
        ("duration_s", 120, "2.00 min"),
        ("duration_s", 7199, "119.98 min"),
        ("duration_s", 7200, "2.00 h"),
        ("p90_s", 2 * 86_400, "2.00 d"),
        ("p90_s", 5000 * 86_400, "5,000.00 d"),
        ("queued_s", -30.0, "-30.0 s"),
        ("success_rate", 0.75, "75.0%"),
        ("success_rate", 1.0, "100.0%"),
        ("average", 1234.5, "1,234.50"),
        ("runs", 1_234_567, "1,234,567"),
        ("workflow_id", 1_234_567, "1234567"),
        ("repo", "octo/robot", "octo/robot"),
        ("day", datetime(2026, 3, 1, 12, 30, tzinfo=UTC), "2026-03-01 12:30Z"),
        ("is_open", True, "yes"),
        ("is_open", False, "no"),
        ("success_rate", None, "—"),
        ("duration_s", None, "—"),
    ],
)
def test_a_figure_is_written_by_its_kind_and_an_unknown_one_as_a_dash(column: str, value: object, text: str) -> None:
    assert _shown(column, value) == text


def test_times_in_a_csv_are_iso_8601() -> None:
    assert _plain(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01T00:00:00+00:00"
    assert _plain(None) is None
    assert _plain(1.5) == 1.5


def test_a_time_is_shown_in_utc() -> None:
    noon_in_tokyo = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=9)))
    assert _shown("day", noon_in_tokyo) == "2026-03-01 03:00Z"
