"""A turn goes on where the collection before stopped, for so long as what it knows is fresh."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.collect.selection import Selection, Shard
from backend.collect.turn import LASTS, Turn
from shared.lake.local import LocalStore
from shared.lake.tables import Lake

ACME = Selection.parse(orgs=["acme"])
AT = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
PARAMS: dict[str, str | int] = {"page": 2, "state": "all"}
QUESTION = ("/repos/acme/shop/pulls", PARAMS, 'W/"1"')


def turn_of(lake: Lake, selection: Selection = ACME, *, lasts: bool = True) -> Turn:
    return Turn(lake, selection, lasts=lasts)


def test_repositories_that_are_done_stay_done_until_the_turn_is_over(lake: Lake) -> None:
    turn = turn_of(lake)
    turn.finish(42, "cursors/repositories/42")
    turn.keep()
    again = turn_of(lake)
    assert [again.is_over(number) for number in (41, 42)] == [False, True]
    again.end()
    assert not turn_of(lake).is_over(42)
    turn_of(lake).end()


def test_what_was_answered_begun_and_finished_is_remembered(lake: Lake) -> None:
    turn = turn_of(lake)
    stretch = turn.stretch("one")
    assert stretch is not None
    stretch.note_answer(*QUESTION, AT)
    stretch.begun.add("pull_requests")
    stretch.over.add("workflows")
    turn.keep()
    kept = turn_of(lake).stretch("one")
    assert kept is not None
    assert (kept.begun, kept.over) == ({"pull_requests"}, {"workflows"})
    path, params, etag = QUESTION
    assert kept.answered_at(path, dict(reversed(PARAMS.items())), etag) == AT
    others = [(path, params, 'W/"2"'), (path, {**params, "page": 3}, etag), (path + "s", params, etag)]
    assert [kept.answered_at(*other) for other in others] == [None] * 3
    other = turn_of(lake).stretch("two")
    assert other is not None
    assert other.answered_at(*QUESTION) is None


def test_finished_repository_takes_no_room(lake: Lake) -> None:
    turn = turn_of(lake)
    stretch = turn.stretch("cursors/repositories/42")
    assert stretch is not None
    stretch.note_answer(*QUESTION, AT)
    turn.finish(42, "cursors/repositories/42")
    turn.keep()
    document = lake.document(f"cursors/turns/{ACME.signature}")
    assert (document["over"], document["stretches"]) == ([42], {})


def test_each_selection_has_a_turn_of_its_own(lake: Lake) -> None:
    turn = turn_of(lake)
    turn.finish(42, "one")
    turn.keep()
    for other in (Selection.parse(orgs=["other"]), replace(ACME, shard=Shard(1, 2)), replace(ACME, full=True)):
        assert not turn_of(lake, other).is_over(42)
    assert turn_of(lake, Selection.parse(orgs=["ACME"])).is_over(42)


def test_collection_without_a_budget_neither_takes_up_nor_leaves_a_turn(lake: Lake) -> None:
    turn = turn_of(lake)
    turn.finish(42, "one")
    turn.keep()
    whole = turn_of(lake, lasts=False)
    assert (whole.is_over(42), whole.stretch("one")) == (False, None)
    whole.finish(43, "two")
    whole.keep()
    assert [turn_of(lake).is_over(number) for number in (42, 43)] == [True, False]
    whole.end()
    assert not turn_of(lake).is_over(42)


@pytest.mark.parametrize(
    ("later", "taken_up"),
    [(timedelta(0), True), (LASTS - timedelta(seconds=1), True), (LASTS, False), (timedelta(seconds=-1), False)],
    ids=str,
)
def test_turn_that_is_too_old_is_not_taken_up(tmp_path: Path, later: timedelta, taken_up: bool) -> None:
    times = [AT]
    lake = Lake(LocalStore(tmp_path / "store"), tmp_path / "cache", lambda: times[0])
    for part in (1, 2):  # kept twice, it is still as old as when it began
        turn = turn_of(lake)
        turn.finish(part, str(part))
        turn.keep()
    times[0] += later
    assert turn_of(lake).is_over(1) is taken_up
