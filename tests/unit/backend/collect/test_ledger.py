from datetime import UTC, datetime

import pytest

from backend.collect.answers import Tally
from backend.collect.ledger import Covered, Entry, ledger, outcome_after, outcome_of
from backend.collect.problems import Disabled, Forbidden, Interrupted, NotFound, RateLimited, Unavailable
from backend.collect.run import Collected
from backend.mapping.stamp import Stamp

AT = datetime(2026, 3, 1, tzinfo=UTC)


def entry(outcome: str, rows: int = 0) -> Entry:
    return Entry("workflows", "acme/shop", outcome, AT, AT, rows, Tally(3, 1, 4_000), covered=Covered(AT))


@pytest.mark.parametrize(
    ("seen", "stored", "problem", "code"),
    [
        ([], 0, None, 0),
        (["ok", "unchanged", "disabled"], 5, None, 0),
        (["ok", "forbidden"], 5, None, 2),
        (["unchanged", "failed"], 0, None, 2),
        (["partial"], 5, None, 2),
        (["failed", "not_found", "disabled"], 0, None, 1),
        ([], 0, "GITHUB_TOKEN was rejected.", 1),
        (["ok"], 5, "GITHUB_TOKEN was rejected.", 2),
    ],
)
def test_exit_code(seen: list[str], stored: int, problem: str | None, code: int) -> None:
    done = Collected("id", tuple(entry(outcome) for outcome in seen), 1, stored, problem)
    assert done.exit_code == code


@pytest.mark.parametrize(
    ("error", "rows", "outcome"),
    [
        (Disabled(""), 0, "disabled"),
        (Forbidden(""), 0, "forbidden"),
        (Forbidden(""), 9, "partial"),
        (NotFound(""), 0, "not_found"),
        (Unavailable(""), 0, "failed"),
        (Unavailable(""), 9, "partial"),
        (Interrupted(""), 0, "partial"),
        (RateLimited(""), 0, "partial"),
    ],
)
def test_outcome_after_an_error(error: Exception, rows: int, outcome: str) -> None:
    assert outcome_after(error, rows) == outcome


def test_outcome_of_what_was_read_to_its_end() -> None:
    assert outcome_of(Covered(AT)) == "ok"
    assert outcome_of(Covered(AT, unchanged=True)) == "unchanged"
    assert outcome_of(Covered(AT, gap="289 of 384")) == "partial"


def test_entry_fills_every_column_of_the_ledger() -> None:
    (row,) = ledger([entry("ok", rows=7)], "c1", Stamp("github", AT)).to_pylist()
    unknown = {column for column, value in row.items() if value is None}
    assert unknown == {"reason", "covered_since"}
    assert (row["org"], row["rows"], row["requests"], row["conditional_hits"]) == ("acme", 7, 3, 1)
    assert row["rate_limit_remaining"] == 4_000
