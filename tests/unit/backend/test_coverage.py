"""Coverage of the latest collections: what counts as read, as missing and as fallen, and how it is told."""

from datetime import timedelta
from typing import Any

import pytest

from backend.__main__ import main
from backend.coverage import MOST_LINES, Report, coverage_report, lines, markdown
from shared.datasets import COLLECTIONS
from shared.lake.opening import open_lake
from shared.lake.tables import Lake
from shared.settings import load_settings
from tests.builders import Row, collection
from tests.conftest import NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def today(**values: Any) -> Row:
    return collection(**{"started_at": NOW - HOUR, **values})


def yesterday(**values: Any) -> Row:
    return collection(**{"started_at": NOW - DAY, **values})


def report_on(lake: Lake, *rows: Row) -> Report:
    lake.upsert(COLLECTIONS, COLLECTIONS.table(list(rows)))
    return coverage_report(lake, NOW - 12 * HOUR)


def missing(report: Report) -> list[tuple[str, str, bool]]:
    return [(source.repo, source.outcome, source.fell) for source in report.missing]


def test_sources_are_counted_once_by_their_last_outcome_and_effort_is_summed(lake: Lake) -> None:
    again = today(started_at=NOW - HOUR / 2, outcome="unchanged", rows=0, requests=1)
    report = report_on(lake, today(), again, today(repo="acme/web"), today(dataset="scans", outcome="disabled"))
    scans, runs = report.read
    assert (scans.dataset, scans.ended("off"), scans.ended("good")) == ("scans", 1, 0)
    assert (runs.dataset, runs.ended("good"), runs.rows, runs.requests) == ("workflow_runs", 2, 20, 7)
    assert report.missing == ()


@pytest.mark.parametrize(
    ("outcome", "fell"),
    [("forbidden", True), ("not_found", True), ("failed", True), ("disabled", True), ("partial", False)],
)
def test_coverage_falls_where_a_source_was_good_and_is_not(lake: Lake, outcome: str, fell: bool) -> None:
    report = report_on(lake, yesterday(), today(outcome=outcome, reason="why"))
    assert missing(report) == [("acme/api", outcome.replace("_", " "), fell)]
    assert report.missing[0].reason == "why"


def test_coverage_does_not_fall_twice(lake: Lake) -> None:
    report = report_on(lake, yesterday(started_at=NOW - 2 * DAY), yesterday(outcome="failed"), today(outcome="failed"))
    assert missing(report) == [("acme/api", "failed", False)]


def test_a_source_that_was_cut_short_in_between_may_still_fall(lake: Lake) -> None:
    report = report_on(lake, yesterday(started_at=NOW - 2 * DAY), yesterday(outcome="partial"), today(outcome="failed"))
    assert missing(report) == [("acme/api", "failed", True)]


def test_what_was_off_before_is_not_missing(lake: Lake) -> None:
    assert report_on(lake, yesterday(outcome="disabled"), today(outcome="disabled")).missing == ()


def test_a_repository_that_is_not_read_any_more_has_fallen(lake: Lake) -> None:
    report = report_on(lake, yesterday(), yesterday(repo="acme/gone"), today())
    assert missing(report) == [("acme/gone", "not read", True)]
    assert report.missing[0].reason.startswith("Good at 2026-11-20 12:01Z, not read since: deleted, ")


def test_a_repository_that_was_gone_before_has_not_fallen(lake: Lake) -> None:
    gone = collection(repo="acme/gone", started_at=NOW - 2 * DAY)
    assert report_on(lake, gone, yesterday(), today()).missing == ()


def test_what_a_collection_that_ended_early_has_not_reached_has_not_fallen(lake: Lake) -> None:
    late = yesterday(repo="acme/late")
    report = report_on(lake, yesterday(), late, today(outcome="partial", reason="The budget is used up."))
    assert missing(report) == [("acme/api", "partial", False), ("acme/late", "not read", False)]
    assert report.missing[1].reason.endswith("the collection ended early.")


def test_what_was_not_asked_for_this_time_is_not_missing(lake: Lake) -> None:
    scans, other = yesterday(dataset="scans"), yesterday(repo="globex/api")
    whole = yesterday(repo="acme/*")
    assert report_on(lake, yesterday(), scans, other, whole, today()).missing == ()


def test_imports_play_no_part(lake: Lake) -> None:
    report = report_on(lake, yesterday(source="import:runs.csv"), today(source="import:runs.csv", outcome="failed"))
    assert (report.read, report.missing) == ((), ())
    assert list(lines(report)) == ["Nothing was collected since 2026-11-21 00:00Z.", "Coverage did not fall."]


def test_the_page_is_a_table_by_dataset_and_what_is_missing_fallen_first(lake: Lake) -> None:
    rows = [
        yesterday(repo="acme/web"),
        today(rows=1_234),
        today(repo="acme/api", dataset="scans", outcome="forbidden", reason=None),
        today(repo="acme/web", outcome="not_found", reason="gone | <b>off</b>\nfor `good`"),
    ]
    text = markdown(report_on(lake, *rows))
    assert text.splitlines() == [
        "### Collected since 2026-11-21 00:00Z",
        "",
        "**Coverage fell: 1 source was complete before and no longer is.**",
        "",
        "| dataset | good | off | forbidden | not found | partial | failed | rows | requests |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| scans | 0 | 0 | 1 | 0 | 0 | 0 | 10 | 3 |",
        "| workflow\\_runs | 1 | 0 | 0 | 1 | 0 | 0 | 1,244 | 6 |",
        "",
        "| not complete | dataset | outcome | why |",
        "| --- | --- | --- | --- |",
        "| acme/web | workflow\\_runs | **not found** (fell) | gone \\| \\<b\\>off\\</b\\> for \\`good\\` |",
        "| acme/api | scans | forbidden | No reason was given. |",
    ]


def test_what_is_missing_is_named_up_to_a_number_and_counted_beyond(lake: Lake) -> None:
    refused = [today(repo=f"acme/r{n:03}", outcome="forbidden", reason="no") for n in range(MOST_LINES + 2)]
    report = report_on(lake, *refused, today(repo="acme/z", outcome="failed", reason="no"))
    assert markdown(report).endswith("\n\nand 3 more: 2 forbidden, 1 failed\n")
    assert markdown(report).count("| acme/r") == MOST_LINES
    assert list(lines(report))[-2:] == ["and 3 more: 2 forbidden, 1 failed", "Coverage did not fall."]


def test_the_command_ends_with_2_only_if_asked_to(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FETTLE_NOW", NOW.isoformat())
    lake = open_lake(load_settings())
    report_on(lake, yesterday(), today(outcome="failed", reason="GitHub did not answer."))
    lake.close()
    assert main(["coverage", "--since-hours", "12"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "workflow_runs: 1 failed; 10 rows with 3 requests",
        "fell acme/api workflow_runs: failed: GitHub did not answer.",
        "Coverage fell: 1 source was complete before and no longer is.",
    ]
    assert main(["coverage", "--since-hours", "12", "--markdown", "--fail-if-fallen"]) == 2
    assert capsys.readouterr().out.startswith("### Collected since 2026-11-21 00:00Z\n")
    assert main(["coverage", "--since-hours", "48", "--fail-if-fallen"]) == 0
