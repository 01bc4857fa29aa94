"""The history of health: each day's scores once it is over, missing days worked out, today's as it goes on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.rollups.health import health_history
from shared.datasets import ACTIVITY_EVENTS, ALERTS, COLLECTIONS, CUSTOMERS, HEALTH_HISTORY, REPOSITORIES, WORKFLOW_RUNS
from shared.datasets.activity_events import EVENT_TYPES
from shared.lake.merge import Changes
from shared.lake.prepared import ask
from shared.lake.tables import Lake
from shared.metrics import METRICS
from shared.policy import Policy
from shared.scope import Scope
from tests.builders import Row, activity, alert, collection, customer, repository, run
from tests.lakes import lake_in

DAY = timedelta(days=1)
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
TODAY = datetime(2026, 7, 1, tzinfo=UTC)
POLICY = Policy()

HISTORY_OF_JUNE = "tables/health_history/month=2026-06/part.parquet"

DAYS = 2
"""Days that were over since the repositories began."""


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    lake = lake_in(tmp_path, lambda: NOW)
    fill(lake, "acme/api")
    yield lake
    lake.close()


def fill(lake: Lake, repo: str, days: float = DAYS, **values: str) -> None:
    """A repository that began some days ago, with an open alert, and of ten runs one failure in five."""
    ends = ["failure" if number % 5 == 0 else "success" for number in range(10)]
    began = NOW - days * DAY
    runs = [
        run(repo=repo, run_id=1000 * len(repo) + n, created_at=began + n * DAY / 5, conclusion=end, **values)
        for n, end in enumerate(ends)
    ]
    lake.upsert(REPOSITORIES, REPOSITORIES.table([repository(repo=repo, created_at=began, **values)]))
    lake.upsert(ALERTS, ALERTS.table([alert(repo=repo, created_at=began, **values)]))
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table(runs))


def history(lake: Lake, repo: str = "acme/api") -> dict[datetime, Row]:
    rows = lake.tables("auto")["health_history"].to_pyarrow().to_pylist()
    return {row["day"]: row for row in rows if row["subject"] == f"repo:{repo}"}


def everything(lake: Lake) -> list[tuple[str, str]]:
    return [(blob.name, blob.etag) for prefix in ("tables/", "state/") for blob in lake.store.list(prefix)]


def test_scores_are_those_of_the_metric_at_the_end_of_each_day(lake: Lake) -> None:
    assert health_history(lake, NOW, POLICY) == Changes(inserted=DAYS + 1)
    kept = history(lake)
    assert [day for day, row in kept.items() if not row["complete"]] == [TODAY]
    for day in (TODAY - DAY, TODAY - 2 * DAY):
        scope = Scope(until=day + DAY)
        (row,) = ask(lake.tables("real"), "health", METRICS["repository_health"].compute, scope).to_pylist()
        assert kept[day]["score"] == pytest.approx(row["score"])
        assert kept[day]["lost_ci"] == pytest.approx(row["lost_ci"], abs=1e-6)
        assert kept[day]["source"] == "rollup"


def test_a_second_time_writes_nothing_and_the_next_day_writes_two_days(lake: Lake) -> None:
    health_history(lake, NOW, POLICY)
    before = everything(lake)
    assert health_history(lake, NOW, POLICY).written == 0
    assert health_history(lake, NOW + timedelta(minutes=59), POLICY) == Changes()
    lake.upsert(COLLECTIONS, COLLECTIONS.table([collection(started_at=NOW)]))
    assert health_history(lake, NOW, POLICY) == Changes()
    assert [blob for blob in everything(lake) if "/collections/" not in blob[0]] == before
    assert health_history(lake, NOW + DAY, POLICY) == Changes(inserted=1, updated=1)
    assert history(lake)[TODAY]["complete"]


def test_a_newcomer_gets_the_days_that_it_was_there_and_gaps_are_filled(lake: Lake) -> None:
    health_history(lake, NOW, POLICY)
    lake.store.delete(HISTORY_OF_JUNE)
    lake.upsert(HEALTH_HISTORY, HEALTH_HISTORY.table([{**history(lake)[TODAY], "day": TODAY - DAY, "complete": True}]))
    fill(lake, "acme/web", days=0.9)
    health_history(lake, NOW, POLICY)
    assert sorted(history(lake, "acme/web")) == [TODAY - DAY, TODAY]
    assert sorted(history(lake)) == [TODAY - 2 * DAY, TODAY - DAY, TODAY]


def test_the_history_of_the_sample_is_of_the_sample(lake: Lake) -> None:
    for dataset in (REPOSITORIES, ALERTS, WORKFLOW_RUNS):
        lake.remove(dataset, "github")
    fill(lake, "shop/web", days=0.5, source="demo")
    health_history(lake, NOW, POLICY)
    assert {row["source"] for row in history(lake, "shop/web").values()} == {"demo"}


def test_customers_have_a_history_beside_the_repositories(lake: Lake) -> None:
    began = NOW - 2 * DAY
    lake.upsert(CUSTOMERS, CUSTOMERS.table([customer(created_at=began)]))
    events = [activity(kind, at=began + DAY / 2) for kind in EVENT_TYPES]
    lake.upsert(ACTIVITY_EVENTS, ACTIVITY_EVENTS.table(events))
    health_history(lake, NOW, POLICY)
    rows = lake.tables("auto")["health_history"].to_pyarrow().to_pylist()
    mine = {row["day"]: row for row in rows if row["subject"] == "customer:acme"}
    assert set(mine) == {TODAY - 2 * DAY, TODAY - DAY, TODAY}
    for day in (TODAY - DAY, TODAY):
        scope = Scope(until=min(day + DAY, NOW))
        (row,) = ask(lake.tables("real"), "customers", METRICS["customer_health"].compute, scope).to_pylist()
        assert mine[day]["score"] == pytest.approx(row["score"])
        assert mine[day]["lost_logins"] == pytest.approx(row["lost_logins"], abs=1e-6)
        assert mine[day]["lost_ci"] is None
    assert history(lake)[TODAY]["lost_ci"] is not None
    assert history(lake)[TODAY]["lost_logins"] is None
    assert health_history(lake, NOW, POLICY) == Changes()


@pytest.mark.slow
def test_newcomers_among_customers_get_their_days_however_many_they_are(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    health_history(lake, NOW, POLICY)
    monkeypatch.setattr("backend.rollups.health.MOST_NAMED", 1)
    for names in (("a",), ("b", "c")):
        began = NOW - 1.5 * DAY
        lake.upsert(CUSTOMERS, CUSTOMERS.table([customer(customer_id=name, created_at=began) for name in names]))
        lake.upsert(ACTIVITY_EVENTS, ACTIVITY_EVENTS.table([activity(customer_id=name, at=began) for name in names]))
        health_history(lake, NOW, POLICY)
    rows = lake.tables("auto")["health_history"].to_pyarrow().to_pylist()
    days = {name: {row["day"] for row in rows if row["subject"] == f"customer:{name}"} for name in "abc"}
    assert days == {name: {TODAY, TODAY - DAY} for name in "abc"}
