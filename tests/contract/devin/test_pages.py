"""Devin's lists may move, repeat or go in a circle while they are read: nothing is lost, or it is told."""

from datetime import timedelta

import pytest

from backend.collect.problems import Unavailable
from tests.contract.agents import Visitor
from tests.contract.collecting import NOW
from tests.contract.devin.opening import both, fill, opened
from tests.standins.devin import V1_KEY, V3_KEY, DevinStandin
from tests.standins.devin.faults import data, first_page
from tests.standins.github import faults


def test_a_session_that_is_updated_while_others_are_read_is_not_lost(devin: DevinStandin, visitor: Visitor) -> None:
    devin.state.order = "updated_at"
    ids = fill(devin, 250)
    first = faults.hook(lambda _: devin.state.update(ids[0], at=NOW, status_enum="finished"))
    devin.faults.add(first, path="offset=99")
    covered = visitor.read(opened(devin, V1_KEY))
    assert (sorted(visitor.rows), covered.gap) == (sorted(ids), None)
    assert visitor.rows[ids[0]]["status"] == "finished"


def test_a_session_that_is_deleted_while_others_are_read_hides_none(devin: DevinStandin, visitor: Visitor) -> None:
    ids = fill(devin, 250)
    devin.faults.add(faults.hook(lambda _: devin.state.delete(ids[-1])), path="offset=99")
    visitor.read(opened(devin, V1_KEY))
    assert sorted(visitor.rows) == sorted(ids)


def test_a_list_that_never_rests_is_read_as_far_as_it_goes_and_said_to_have_a_gap(
    devin: DevinStandin, visitor: Visitor
) -> None:
    fill(devin, 150)
    devin.faults.add(faults.hook(lambda _: devin.state.new_session(at=NOW)), path="offset=99", times=None)
    covered = visitor.read(opened(devin, V1_KEY))
    assert "moved in each of 3 readings" in str(covered.gap)
    assert len(visitor.rows) >= 152
    assert len(devin.log) == 6


def test_sessions_may_move_between_the_pages_of_a_cursor(devin: DevinStandin, visitor: Visitor) -> None:
    devin.state.order = "updated_at"
    ids = fill(devin, 450)
    devin.faults.add(faults.hook(lambda _: devin.state.update(ids[0], at=NOW)), path="after=")
    visitor.read(opened(devin, V3_KEY))
    visitor.read(opened(devin, V3_KEY))
    assert sorted(visitor.rows) == sorted(ids)


def test_what_was_updated_while_the_list_was_read_is_read_again(devin: DevinStandin, visitor: Visitor) -> None:
    """The watermark is the time at which the reading began, however new the newest session is."""
    ids = fill(devin, 250)
    now = NOW.timestamp()
    devin.state.clock = lambda: now
    devin.faults.add(
        faults.hook(lambda _: devin.state.update(ids[0], at=NOW + timedelta(days=3))), path="after=", times=1
    )
    visitor.read(opened(devin, V3_KEY))
    visitor.read(opened(devin, V3_KEY))
    assert int(devin.log[-1].query["updated_after"]) == int((NOW - timedelta(days=1)).timestamp())


@both
def test_a_page_that_comes_twice_is_asked_for_again(devin: DevinStandin, visitor: Visitor, key: str) -> None:
    ids = fill(devin, 450)
    devin.faults.add(first_page(), path="after=|offset=99")
    visitor.read(opened(devin, key))
    assert sorted(visitor.rows) == sorted(ids)


@both
def test_a_server_that_ignores_where_a_page_begins_is_told(devin: DevinStandin, visitor: Visitor, key: str) -> None:
    fill(devin, 450)
    devin.faults.add(first_page(), times=None)
    with pytest.raises(Unavailable, match="same page"):
        visitor.read(opened(devin, key))
    assert len(devin.log) == 4
    assert len(visitor.rows) == (100 if key == V1_KEY else 200)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"items": [{"session_id": "a"}], "has_next_page": True, "end_cursor": None}, "not where"),
        ({"sessions": []}, "something else than a list"),
        ([], "something else than a list"),
    ],
)
def test_answers_of_another_form_are_told(devin: DevinStandin, visitor: Visitor, answer: object, words: str) -> None:
    devin.faults.add(data(answer), times=None)
    with pytest.raises(Unavailable, match=words):
        visitor.read(opened(devin, V3_KEY))


def test_pages_that_go_in_a_circle_end(devin: DevinStandin, visitor: Visitor) -> None:
    for nth, name in ((1, "a"), (2, "b"), (3, "a")):
        page = {"items": [{"session_id": name}], "has_next_page": True, "end_cursor": f"cursor-{name}"}
        devin.faults.add(data(page), nth=nth)
    with pytest.raises(Unavailable, match="circle"):
        visitor.read(opened(devin, V3_KEY))
