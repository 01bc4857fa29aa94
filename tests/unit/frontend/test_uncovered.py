"""Uncovered time: which buckets of a chart no collection, or not all, vouch for."""

from datetime import timedelta

import pandas as pd

from frontend.uncovered import missing_by_bucket
from tests.builders import NOW

RUNS = ("workflow_runs",)
DAYS = pd.Series(pd.date_range(NOW - timedelta(days=4), periods=5, freq="D"))


def source(since: float | None, until: float | None, **values: object) -> dict[str, object]:
    """A row of the ledger that covers from so many to so many days ago; None: from the beginning, and nothing."""
    times = {
        "covered_since": None if since is None else NOW - timedelta(days=since),
        "covered_until": None if until is None else NOW - timedelta(days=until),
    }
    return {"repo": "acme/api", "dataset": "workflow_runs", "outcome": "ok", **times, **values}


def missing(*rows: dict[str, object]) -> list[int]:
    ledger = pd.DataFrame(rows, columns=["repo", "dataset", "outcome", "covered_since", "covered_until"])
    for name in ("covered_since", "covered_until"):
        ledger[name] = pd.to_datetime(ledger[name], utc=True)
    found = missing_by_bucket(ledger.astype({"repo": "str", "dataset": "str"}), RUNS, DAYS)
    return [int(n) for n in found.missing]


def test_before_and_after_what_is_covered_is_unknown() -> None:
    assert missing(source(2, 1.5)) == [1, 1, 0, 1, 1]


def test_a_bucket_that_is_covered_in_part_is_not_shaded() -> None:
    assert missing(source(2.5, 0.5)) == [1, 0, 0, 0, 1]


def test_no_beginning_is_the_beginning_of_time() -> None:
    assert missing(source(None, 0)) == [0, 0, 0, 0, 1]
    assert missing(source(None, -0.1)) == [0, 0, 0, 0, 0]


def test_each_source_counts() -> None:
    rows = [source(None, -0.1), source(2, -0.1, repo="acme/web"), source(1, 0.9, repo="acme/new")]
    assert missing(*rows) == [2, 2, 1, 0, 1]


def test_what_was_never_complete_is_unknown_unless_it_is_off_or_refused() -> None:
    assert missing(source(None, None, outcome="partial")) == [1] * 5
    for outcome in ("disabled", "forbidden", "not_found"):
        assert missing(source(None, None, outcome=outcome)) == [0] * 5
    assert missing(source(None, 2, outcome="forbidden")) == [0, 0, 1, 1, 1]


def test_other_sources_and_listings_of_whole_accounts_play_no_part() -> None:
    assert missing(source(1, 1, dataset="scans"), source(1, 1, repo="acme/*")) == [0] * 5


def test_an_empty_ledger_and_no_buckets_say_nothing() -> None:
    assert missing() == [0] * 5
    empty = pd.DataFrame(columns=["repo", "dataset", "outcome", "covered_since", "covered_until"]).astype("str")
    assert missing_by_bucket(empty, RUNS, DAYS.head(0)).empty
