"""The data page: what is known of each repository and source, and what to do about the gaps."""

from datetime import timedelta
from pathlib import Path

import pytest
import streamlit as st

from backend.ingest.counts import DeliveryCounts
from frontend.words import dataset
from shared.datasets import ALERTS
from shared.lake.local import LocalStore
from shared.lake.quarantine import Reject, quarantine
from shared.lake.tables import Lake
from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, alert, collection, run

HOUR = timedelta(hours=1)


def test_ledger_shows_what_is_incomplete_first(fill: Fill, open_page: Open) -> None:
    refused = collection(repo="acme/web", dataset="dependabot", outcome="forbidden", reason="grant it", rows=None)
    fill(collections=[collection(), refused])
    app = open_page("data")
    ledger = next(table.value for table in app.dataframe if "covered_until" in table.value)
    assert ledger.outcome.tolist() == ["✕ Forbidden", "✓ Ok"]
    assert ledger.reason.tolist()[0] == "grant it"
    assert figures(app)["Sources complete"] == "50.0 %"


def test_sources_are_summed_up_by_dataset(fill: Fill, open_page: Open) -> None:
    refused = [collection(repo=f"acme/r{n}", dataset="dependabot", outcome="forbidden") for n in range(2)]
    fill(collections=[collection(), *refused, collection(repo="acme/r0", dataset="scans", outcome="disabled")])
    tables = [table.value for table in open_page("data").dataframe]
    found = next(table for table in tables if "cut_short" in table).set_index("dataset")
    assert found.index[0] == "Dependabot alerts"
    assert found.refused.tolist() == [2, 0, 0]
    assert (found.off[dataset("scans")], found.complete["Workflow runs"]) == (1, 1)


def test_only_so_many_rows_go_to_the_browser(fill: Fill, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontend.components.table.MOST_SENT", 3)
    fill(collections=[collection(repo=f"acme/r{n}") for n in range(5)])
    app = open_page("data")
    ledger = next(table.value for table in app.dataframe if "covered_until" in table.value)
    assert len(ledger) == 3
    assert "5 rows, the first 3 shown" in texts(app)


def test_datasets_have_rows_files_and_age(fill: Fill, open_page: Open) -> None:
    fill(collections=[collection()], workflow_runs=[run(run_id=n) for n in (1, 2, 3)], alerts=[alert()])
    tables = [table.value for table in open_page("data").dataframe]
    datasets = next(table for table in tables if "files" in table).set_index("dataset")
    assert datasets.rows["Workflow runs"] == 3
    assert datasets.files["Workflow runs"] == 1
    assert datasets.last_good_at["Workflow runs"] == NOW - HOUR + timedelta(minutes=1)
    assert datasets.incomplete["Workflow runs"] == 0


def test_quarantine_is_counted_by_reason(fill: Fill, open_page: Open, tmp_path: Path) -> None:
    fill(collections=[collection()])
    rejects = [Reject("no number", {}), Reject("no number", {}), Reject("=bad()", {})]
    quarantine(LocalStore(tmp_path / "store"), ALERTS.name, rejects, "github", NOW)
    app = open_page("data")
    assert figures(app)["Quarantine"] == "3"
    table = next(
        table.value for table in app.dataframe if table.value.columns.tolist() == ["dataset", "reason", "rows"]
    )
    assert table.rows.tolist() == [2, 1]


def test_deliveries_are_counted_by_event_and_outcome(fill: Fill, open_page: Open, tmp_path: Path) -> None:
    fill(collections=[collection()])
    assert not [table for table in open_page("data").dataframe if "bad_signature" in table.value]
    counts = DeliveryCounts()
    for outcome in ("accepted", "accepted", "duplicate"):
        counts.add("workflow_run", outcome)
    counts.add("any", "bad_signature")
    lake = Lake(LocalStore(tmp_path / "store"), tmp_path / "cache", lambda: NOW)
    counts.keep(lake)
    lake.close()
    st.cache_data.clear()
    (table,) = [table.value for table in open_page("data").dataframe if "bad_signature" in table.value]
    told = table.set_index("event")
    assert told[["accepted", "duplicate", "bad_signature"]].to_dict("index") == {
        "workflow_run": {"accepted": 2, "duplicate": 1, "bad_signature": 0},
        "any": {"accepted": 0, "duplicate": 0, "bad_signature": 1},
    }


def test_last_collections_are_listed_newest_first(fill: Fill, open_page: Open) -> None:
    old, new = collection(started_at=NOW - 30 * HOUR), collection(started_at=NOW - HOUR, outcome="failed")
    fill(collections=[old, new])
    tables = [table.value for table in open_page("data").dataframe]
    listed = next(table for table in tables if "requests" in table)
    assert listed.incomplete.tolist() == [1, 0]


def test_repository_filter_applies(fill: Fill, open_page: Open) -> None:
    fill(collections=[collection(), collection(repo="acme/web")])
    app = open_page("data", repo="acme/web")
    assert figures(app)["Repositories"] == "1"


def test_next_steps_name_the_cause(fill: Fill, open_page: Open) -> None:
    fill(collections=[collection(outcome="forbidden")])
    app = open_page("data")
    assert "Forbidden" in texts(app)
    assert "python -m backend collect" in app.code[-1].value


def test_empty_store_says_what_to_do(open_page: Open) -> None:
    app = open_page("data")
    assert "nothing collected yet" in texts(app)
    assert figures(app)["Sources complete"] == "—"
