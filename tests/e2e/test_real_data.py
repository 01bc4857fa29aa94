"""A person opens the served app on the imported real data, narrows it down, shares the link and reads the same."""

import csv
import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.serving import Served, get_json

AUTOPROMOTE = "Tibule12/AutoPromote"

PATIENCE_MS = 90_000


@pytest.fixture
def alerts(shared_data: Path) -> dict[str, list[dict[str, Any]]]:
    """The raw alerts by file, read without any of Fettle's code."""
    files = sorted((shared_data / "alerts").glob("*.json"))
    return {file.stem: json.loads(file.read_text("utf-8-sig")) for file in files}


def figure(page: Page, label: str) -> Any:
    """The figure with that name in the first row of a page."""
    named = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    return named.get_by_test_id("stMetricValue")


def hours_to_fix(alert: dict[str, Any]) -> float:
    """Hours from the creation of an alert to its fix, from the seconds of its two times."""
    opened, fixed = (datetime.fromisoformat(alert[name]) for name in ("created_at", "fixed_at"))
    return (fixed - opened).total_seconds() / 3600


def test_a_filter_changes_the_figures_and_the_link_restores_them(
    fettle_with_real_data: Served, page: Page, alerts: dict[str, list[dict[str, Any]]]
) -> None:
    opened = {name: Counter(alert["state"] for alert in found)["open"] for name, found in alerts.items()}
    everything, autopromote = sum(opened.values()), opened["code_scanning_autopromote"]
    assert everything != autopromote

    page.goto(fettle_with_real_data.ui)
    expect(figure(page, "Open alerts")).to_have_text(str(everything), timeout=PATIENCE_MS)

    repositories = page.get_by_role("combobox", name=re.compile("Repositories"))
    repositories.click()
    repositories.press_sequentially("AutoPromote")
    repositories.press("Enter")
    expect(figure(page, "Open alerts")).to_have_text(str(autopromote), timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile(r"repo=Tibule12(%2F|/)AutoPromote"))

    page.reload()
    expect(figure(page, "Open alerts")).to_have_text(str(autopromote), timeout=PATIENCE_MS)
    expect(page.get_by_text(AUTOPROMOTE).first).to_be_visible()


def test_six_figures_stand_in_rows_of_as_many_each_at_every_usual_width(
    fettle_with_real_data: Served, page: Page
) -> None:
    page.goto(f"{fettle_with_real_data.ui}/remediation?range=all")
    cards = page.get_by_test_id("stGridCell").filter(has=page.get_by_test_id("stMetric"))
    expect(cards).to_have_count(6, timeout=PATIENCE_MS)
    for width, rows in ((1920, [6]), (1440, [6]), (1280, [3, 3]), (1024, [3, 3]), (390, [2, 2, 2])):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(400)  # the sidebar slides
        tops = Counter(round(card.bounding_box()["y"]) for card in cards.all())  # type: ignore[index]
        assert [tops[top] for top in sorted(tops)] == rows, width


def test_the_time_to_remediate_on_the_page_is_the_one_of_the_raw_alerts(
    fettle_with_real_data: Served, page: Page, alerts: dict[str, list[dict[str, Any]]]
) -> None:
    fixed = [hours_to_fix(alert) for alert in alerts["code_scanning_autopromote"] if alert["state"] == "fixed"]
    page.goto(f"{fettle_with_real_data.ui}/remediation?range=all&repo={AUTOPROMOTE}")
    expect(figure(page, "Median")).to_have_text(f"{median(fixed):.1f} h", timeout=PATIENCE_MS)
    expect(page.get_by_text(re.compile(rf"of {len(fixed)} fixed alerts")).first).to_be_visible()


@pytest.mark.slow
def test_the_workflows_page_counts_the_runs_of_the_file(
    fettle_with_real_data: Served, page: Page, shared_data: Path
) -> None:
    with (shared_data / "runs" / "aoe_runs.csv").open(encoding="utf-8-sig") as file:
        latest = {row["run_id"]: row for row in sorted(csv.DictReader(file), key=lambda row: int(row["run_attempt"]))}
    counts = Counter(row["conclusion"] for row in latest.values())
    failures = counts["failure"] + counts["startup_failure"] + counts["timed_out"]
    rate = counts["success"] / (counts["success"] + failures)
    page.goto(f"{fettle_with_real_data.ui}/?range=all&repo=acme/aoe")
    expect(figure(page, "CI success rate")).to_have_text(f"{rate * 100:.1f} %", timeout=PATIENCE_MS)


@pytest.mark.slow
def test_the_data_page_names_what_was_imported(fettle_with_real_data: Served, page: Page) -> None:
    page.goto(f"{fettle_with_real_data.ui}/data")
    expect(page.get_by_role("heading", name="What is known of each repository")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_the_api_is_ready_and_names_its_store(fettle_with_real_data: Served) -> None:
    assert get_json(f"{fettle_with_real_data.api}/ready")["status"] == "ready"
    assert get_json(f"{fettle_with_real_data.api}/health") == {"status": "ok"}
