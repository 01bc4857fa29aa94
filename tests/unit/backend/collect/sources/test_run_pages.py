from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.collect.answers import Answer
from backend.collect.problems import Unavailable
from backend.collect.sources.run_pages import Descent, RunPage, identity
from backend.collect.windows import Window
from tests.properties import few
from tests.unit.backend.collect.sources.run_lists import PAGE, RunList, at, ids

LAST = 5_000
WHOLE = Window(at(0), at(LAST))

crowds = st.dictionaries(st.integers(0, LAST), st.integers(1, 250), max_size=8)
"""Runs by second: a few seconds hold many."""

lonely = st.lists(st.integers(0, LAST), unique=True, max_size=400)
"""Seconds that hold one run each."""

histories = st.tuples(crowds, lonely).map(
    lambda parts: [second for second, count in parts[0].items() for _ in range(count)] + parts[1]
)


def descent(runs: RunList, window: Window = WHOLE, expected: int | None = None) -> Descent:
    return Descent(runs.ask, runs.follow, window, expected)


def pages(count: int) -> int:
    return -(-count // PAGE)


@given(histories)
def test_every_run_of_the_window_is_listed(seconds: list[int]) -> None:
    runs = RunList.of(seconds)
    way = descent(runs)
    listed = [number for page in way for number in ids(page.runs)]
    assert set(listed) == set(runs.created)
    assert way.total == way.found == len(seconds)


@given(lonely)
def test_runs_of_different_seconds_take_the_fewest_requests(seconds: list[int]) -> None:
    runs = RunList.of(seconds)
    listed = [number for page in descent(runs) for number in ids(page.runs)]
    assert sorted(listed) == sorted(runs.created)
    assert len(runs.asked) == max(1, pages(len(seconds)))


@given(histories)
def test_crowded_seconds_cost_their_own_pages_and_nothing_else_does(seconds: list[int]) -> None:
    runs = RunList.of(seconds)
    list(descent(runs))
    crowded = [count for count in Counter(seconds).values() if count > 1]
    assert len(runs.asked) <= pages(len(seconds)) + 1 + sum(map(pages, crowded))


@given(histories, st.integers(0, LAST), st.integers(0, LAST))
def test_nothing_outside_the_window_is_asked_for(seconds: list[int], one: int, other: int) -> None:
    runs, window = RunList.of(seconds), Window(at(min(one, other)), at(max(one, other)))
    listed = {number for page in descent(runs, window) for number in ids(page.runs)}
    assert listed == set(runs.within(window))
    assert all(window.since <= asked.since <= asked.until <= window.until for asked in runs.asked)


@given(histories, st.randoms(use_true_random=False), st.integers(1, 60))
@few(50)
def test_runs_that_are_deleted_meanwhile_hide_no_other(seconds: list[int], chance: Random, at_once: int) -> None:
    # Only the pages of a second that holds more than a page are counted, so that they move.
    runs = RunList.of(second for second, count in Counter(seconds).items() for _ in range(min(count, PAGE)))

    def expire(held: RunList) -> None:
        for number in chance.sample(sorted(held.created), min(at_once, len(held.created))):
            del held.created[number]

    runs.meanwhile = expire
    listed = {number for page in descent(runs) for number in ids(page.runs)}
    assert set(runs.created) <= listed


@given(histories)
def test_page_that_is_known_already_is_not_asked_for_again(seconds: list[int]) -> None:
    runs = RunList.of(seconds)
    head = RunPage.of(WHOLE, runs.ask(WHOLE))
    if not head.more or head.oldest is None:
        return
    below = Window(WHOLE.since, head.oldest - (at(1) - at(0)))
    way = Descent(runs.ask, runs.follow, below, head.total - len(head.runs), head.identities)
    listed = {number for page in way for number in ids(page.runs)}
    assert listed | set(ids(head.runs)) == set(runs.created)
    assert way.found == way.total == len(seconds) - len(head.runs)


@given(st.integers(101, 260), st.integers(0, 3))
def test_answer_that_belongs_to_another_window_is_asked_for_again(count: int, wrong: int) -> None:
    runs = RunList.of(range(count))
    stale = runs.answer(WHOLE)
    answers: Iterator[Answer] = iter([stale] * wrong)

    def ask(window: Window) -> Answer:
        return next(answers, None) or runs.ask(window) if window.until < WHOLE.until else runs.ask(window)

    way = Descent(ask, runs.follow, WHOLE)
    if wrong == 3:
        with pytest.raises(Unavailable, match="lists other runs than those created in 2026-06-01"):
            list(way)
        return
    assert {number for page in way for number in ids(page.runs)} == set(runs.created)


def test_second_with_more_runs_than_github_lists_is_found_short() -> None:
    way = descent(RunList.of([7] * 1_205 + [3]))
    listed = {number for page in way for number in ids(page.runs)}
    assert (way.total, way.found, len(listed)) == (1_206, 1_001, 1_001)


def test_runs_that_do_not_say_when_they_were_created_are_read_by_links() -> None:
    runs = RunList.of(range(230))

    def without_times(answer: Answer) -> Answer:
        listed = [{"id": run["id"]} for run in answer.data["workflow_runs"]]
        return Answer(200, answer.headers, {**answer.data, "workflow_runs": listed})

    def follow(answer: Answer) -> Iterator[Answer]:
        yield from map(without_times, runs.follow(answer))

    way = Descent(lambda window: without_times(runs.ask(window)), follow, WHOLE)
    assert sorted(number for page in way for number in ids(page.runs)) == sorted(runs.created)


def test_page_without_a_total_counts_what_it_holds() -> None:
    page = RunPage.of(WHOLE, Answer(200, {}, {"workflow_runs": [{"id": 1, "created_at": "2026-06-01T00:00:05Z"}]}))
    assert (page.total, page.more, page.oldest) == (1, False, at(5))


def test_answer_that_is_no_page_of_runs_is_refused() -> None:
    with pytest.raises(Unavailable, match="something else than a list"):
        RunPage.of(WHOLE, Answer(200, {}, {"message": "hello"}))


def test_runs_without_an_id_are_told_apart_by_all_they_say() -> None:
    assert identity({"name": "a"}) != identity({"name": "b"})
    assert identity({"id": 1, "name": "a"}) == identity({"id": 1, "name": "b"})
