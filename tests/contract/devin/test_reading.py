"""Devin's sessions come into the lake from both versions of its API: all at first, then what is new."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.lake.quarantine import quarantine_counts
from tests.contract.agents import Visitor
from tests.contract.collecting import NOW
from tests.contract.devin.opening import both, fill, opened
from tests.standins.devin import V1_KEY, V3_KEY, DevinStandin


@both
@pytest.mark.parametrize(
    "number", [0, 100, 101, 201, *(pytest.param(number, marks=pytest.mark.slow) for number in (1, 99, 199, 200, 450))]
)
def test_every_session_is_read_once(devin: DevinStandin, visitor: Visitor, key: str, number: int) -> None:
    ids = fill(devin, number)
    covered = visitor.read(opened(devin, key))
    assert sorted(visitor.rows) == sorted(ids)
    assert (covered.since, covered.gap) == (None, None)
    assert covered.until is not None
    assert abs(covered.until - datetime.now(UTC)) < timedelta(minutes=1)
    assert visitor.tally is not None
    assert visitor.tally.requests == len(devin.log) <= number // 99 + 1
    assert {entry.login for entry in devin.log} == {key}


@both
def test_a_session_is_the_same_row_from_both_versions(devin: DevinStandin, visitor: Visitor, key: str) -> None:
    url = "https://github.com/acme/shop/pull/7"
    made = devin.state.new_session(
        at=NOW - timedelta(hours=2),
        title="Fix CQLF-1",
        tags=("security",),
        pull_requests=(url,),
        structured_output={"ok": True},
    )
    devin.state.update(made.id, at=NOW - timedelta(hours=1), status_detail="finished", status_enum="finished")
    visitor.read(opened(devin, key))
    row = visitor.rows[made.id]
    assert (row["status"], row["repo"], row["pull_request_urls"]) == ("finished", "acme/shop", [url])
    assert (row["alert_refs"], row["tags"], row["structured_output"]) == (["CQLF-1"], ["security"], '{"ok": true}')
    assert (row["created_at"], row["ended_at"]) == (NOW - timedelta(hours=2), NOW - timedelta(hours=1))
    assert (row["acus"], row["source"]) == (1.5 if key == V3_KEY else None, "devin")


def test_a_second_visit_asks_for_what_was_updated_since(devin: DevinStandin, visitor: Visitor) -> None:
    ids = fill(devin, 450)
    visitor.read(opened(devin, V3_KEY))
    devin.log.clear()
    devin.state.update(ids[0], at=NOW, status="exit", status_detail=None)
    covered = visitor.read(opened(devin, V3_KEY))
    (asked,) = devin.log
    assert int(asked.query["updated_after"]) == int((NOW - timedelta(days=31) + timedelta(hours=449)).timestamp())
    assert covered.unchanged is False
    assert visitor.rows[ids[0]]["status"] == "finished"
    before = visitor.lake.snapshot()
    visitor.read(opened(devin, V3_KEY))
    assert visitor.lake.snapshot() == before


def test_nothing_new_is_said_to_be_nothing_new(devin: DevinStandin, visitor: Visitor) -> None:
    made = devin.state.new_session(at=NOW - timedelta(days=3))
    visitor.read(opened(devin, V3_KEY))
    devin.state.delete(made.id)
    covered = visitor.read(opened(devin, V3_KEY))
    assert (covered.unchanged, covered.since, len(visitor.rows)) == (True, None, 1)


def test_version_1_reads_everything_and_changes_nothing_twice(devin: DevinStandin, visitor: Visitor) -> None:
    fill(devin, 120)
    visitor.read(opened(devin, V1_KEY))
    before = visitor.lake.snapshot()
    covered = visitor.read(opened(devin, V1_KEY))
    assert visitor.lake.snapshot() == before
    assert (covered.unchanged, len(devin.log)) == (False, 4)


def test_since_and_full(devin: DevinStandin, visitor: Visitor) -> None:
    old, new = (devin.state.new_session(at=NOW - timedelta(days=days)).id for days in (30, 3))
    since = NOW - timedelta(days=10)
    assert visitor.read(opened(devin, V3_KEY), since=since).since == since
    assert set(visitor.rows) == {new}
    assert visitor.read(opened(devin, V3_KEY)).since == since
    assert visitor.read(opened(devin, V3_KEY), full=True).since is None
    assert set(visitor.rows) == {old, new}


def test_since_after_the_watermark_leaves_no_gap(devin: DevinStandin, visitor: Visitor) -> None:
    devin.state.new_session(at=NOW - timedelta(days=9))
    visitor.read(opened(devin, V3_KEY))
    made, newer = (devin.state.new_session(at=NOW - timedelta(days=days)) for days in (5, 1))
    visitor.read(opened(devin, V3_KEY), since=NOW - timedelta(days=2))
    assert (made.id in visitor.rows, newer.id in visitor.rows) == (False, True)
    visitor.read(opened(devin, V3_KEY))
    assert made.id in visitor.rows


def test_what_was_read_with_another_key_says_nothing_of_this_one(devin: DevinStandin, visitor: Visitor) -> None:
    fill(devin, 3)
    visitor.read(opened(devin, V1_KEY))
    visitor.read(opened(devin, V3_KEY))
    assert "updated_after" not in devin.log[-1].query


@both
def test_unknown_words_and_broken_sessions_stop_nothing(devin: DevinStandin, visitor: Visitor, key: str) -> None:
    odd = devin.state.new_session(at=NOW, status="hibernating", status_enum="hibernating", more={"tags": "x", "new": 1})
    devin.state.new_session(at=NOW, more={"session_id": None})
    good = devin.state.new_session(at=NOW)
    visitor.read(opened(devin, key))
    assert set(visitor.rows) == {odd.id, good.id}
    row = visitor.rows[odd.id]
    assert (row["status"], row["tags"]) == ("unknown", None)
    assert str(row["provider_status"]).startswith("hibernating")
    assert sum(quarantine_counts(visitor.lake.store).values()) == 1
