"""Model days are what the requests add up to, by model and day, under the prices of the policy."""

from datetime import timedelta

import pytest

from backend.rollups.model_days import model_days
from shared.datasets import REQUESTS
from shared.lake.tables import Lake
from shared.policy import Policy
from tests.builders import NOW, Row, request

DAY = timedelta(days=1)
PRICED = Policy.model_validate({"usage": {"prices": {"*": {"prompt": 1_000_000.0}}}})


def days(lake: Lake) -> dict[tuple[str, str], Row]:
    rows = lake.tables("real")["model_usage_daily"].to_pyarrow().to_pylist()
    return {(row["model"], f"{row['day']:%m-%d}"): row for row in rows}


def test_days_add_up_and_follow_requests_and_prices(lake: Lake) -> None:
    rows = [
        request(1, latency_ms=100.0),
        request(2, latency_ms=300.0, status=500, cost_usd=None),
        request(3, at=NOW - 2 * DAY, model=None, latency_ms=None),
    ]
    lake.upsert(REQUESTS, REQUESTS.table(rows))
    assert model_days(lake, NOW, policy=Policy()).inserted == 2
    one = days(lake)["large", "06-30"]
    assert (one["requests"], one["successes"], one["failures"], one["total_tokens"]) == (2, 1, 1, 300)
    assert (one["cost_usd"], one["cost_count"]) == (pytest.approx(0.01), 1)
    assert (one["latency_mean_ms"], one["latency_min_ms"], one["latency_max_ms"]) == (200.0, 100.0, 300.0)
    assert days(lake)["", "06-29"]["latency_mean_ms"] is None

    assert model_days(lake, NOW, policy=Policy()).written == 0, "nothing has changed"
    assert model_days(lake, NOW, policy=PRICED).written == 1
    assert days(lake)["large", "06-30"]["cost_usd"] == pytest.approx(100.01)
    lake.upsert(REQUESTS, REQUESTS.table([request(4)]))
    assert model_days(lake, NOW, policy=PRICED).written == 1
