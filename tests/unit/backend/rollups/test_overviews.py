"""The overviews that are kept equal the metrics of their names, and are made again only if alerts or months changed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.rollups.overviews import overview
from shared.datasets import ALERT_EVENTS, ALERTS, ORGANISATION_OVERVIEW, REPOSITORY_OVERVIEW, Dataset
from shared.lake.merge import Changes
from shared.lake.prepared import ask
from shared.lake.tables import Lake
from shared.metrics import METRICS
from shared.policy import Policy
from shared.scope import Scope
from tests.builders import NOW, Row, alert, alert_event
from tests.lakes import lake_in
from tests.unit.shared.metrics.plain import rounded
from tests.unit.shared.metrics.strategies import alerts

DAY = timedelta(days=1)
POLICY = Policy()
OVERVIEWS = (REPOSITORY_OVERVIEW, ORGANISATION_OVERVIEW)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    yield from new_lake(tmp_path)


def new_lake(folder: Path) -> Iterator[Lake]:
    lake = lake_in(folder, lambda: NOW)
    yield lake
    lake.close()


def put(lake: Lake, *rows: Row) -> None:
    lake.upsert(ALERTS, ALERTS.table(list(rows)))


def keep(lake: Lake, now: datetime = NOW, dataset: Dataset = REPOSITORY_OVERVIEW) -> Changes:
    return overview(lake, now, dataset=dataset, policy=POLICY)


def kept(lake: Lake, dataset: Dataset = REPOSITORY_OVERVIEW, rows: Any = "real") -> list[Row]:
    found = lake.tables(rows)[dataset.name].drop("collected_at", "source").to_pyarrow().to_pylist()
    return sorted(found, key=lambda row: [row[name] for name in dataset.sort])


def everything(lake: Lake) -> list[tuple[str, str]]:
    return [(blob.name, blob.etag) for prefix in ("tables/", "state/") for blob in lake.store.list(prefix)]


@settings(max_examples=4)
@given(alerts(15), st.randoms(use_true_random=False), st.sampled_from(OVERVIEWS))
def test_tables_equal_the_metrics_after_any_sequence_of_upserts(rows: list[Row], chance: Any, dataset: Dataset) -> None:
    again = [*rows, *chance.sample(rows, len(rows) // 2)]
    chance.shuffle(again)
    entry = METRICS[dataset.name]
    with TemporaryDirectory() as folder:
        for lake in new_lake(Path(folder)):
            for part in (again[::2], again[1::2]):
                put(lake, *part)
                keep(lake, dataset=dataset)
            figures = ask(lake.tables("real"), entry.name, entry.compute, Scope(until=NOW)).to_pylist()
            assert rounded(kept(lake, dataset)) == rounded(figures)
            before = everything(lake)
            assert not keep(lake, dataset=dataset).written
            assert everything(lake) == before


def test_nothing_is_computed_while_no_alert_changes_and_no_month_begins(lake: Lake) -> None:
    put(lake, alert())
    assert keep(lake, NOW) == Changes(inserted=1)
    assert keep(lake, NOW + 29 * DAY) == Changes()
    assert keep(lake, NOW + 31 * DAY) == Changes(inserted=1, unchanged=1)
    assert [(row["month"], row["open_alerts"]) for row in kept(lake)] == [("2026-06", 1), ("2026-07", 1)]


def test_an_alert_that_changes_or_an_event_makes_it_anew(lake: Lake) -> None:
    put(lake, alert())
    keep(lake)
    put(lake, alert(closed_at=NOW - DAY, updated_at=NOW - DAY))
    assert keep(lake) == Changes(updated=1)
    lake.upsert(ALERT_EVENTS, ALERT_EVENTS.table([alert_event()]))
    assert keep(lake) == Changes(unchanged=1)
    assert keep(lake) == Changes()


def test_what_lies_ahead_counts_when_its_time_comes_without_being_changed(lake: Lake) -> None:
    put(lake, alert(), alert(number=2, created_at=NOW + DAY))
    keep(lake)
    assert [row["open_alerts"] for row in kept(lake)] == [1]
    keep(lake, NOW + 2 * DAY)
    assert [(row["month"], row["open_alerts"]) for row in kept(lake)] == [("2026-06", 1), ("2026-07", 2)]


def test_real_and_sample_rows_stay_apart_and_a_removed_sample_goes(lake: Lake) -> None:
    put(lake, alert(), alert(repo="shop/web", org="shop", source="demo"))
    keep(lake, dataset=ORGANISATION_OVERVIEW)
    assert [row["org"] for row in kept(lake, ORGANISATION_OVERVIEW)] == ["acme"]
    assert [row["org"] for row in kept(lake, ORGANISATION_OVERVIEW, "demo")] == ["shop"]
    lake.remove(ALERTS, "demo")
    assert keep(lake, dataset=ORGANISATION_OVERVIEW) == Changes(removed=1, unchanged=1)


def test_a_lake_without_alerts_has_no_table(lake: Lake) -> None:
    assert keep(lake) == Changes()
    assert lake.snapshot().blobs == ()
