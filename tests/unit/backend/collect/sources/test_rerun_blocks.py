from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from backend.collect.answers import Answer
from backend.collect.sources.rerun_blocks import SMALL, Blocks
from backend.collect.sources.run_memory import Block, RunMemory
from backend.collect.sources.run_pages import Descent, RunPage
from backend.collect.sources.run_shelf import Shelf
from backend.collect.windows import Window
from tests.properties import few
from tests.unit.backend.collect.sources.run_lists import RunList, at, ids

DAY = 86_400
MONTH = 30 * DAY
NOW = at(MONTH)


class Kept(Shelf):
    """A shelf over a list of runs, which remembers what was kept of it."""

    def __init__(self, runs: RunList, memory: RunMemory) -> None:
        super().__init__(cast("Any", None), memory)
        self.runs = runs
        self.kept: dict[int, Any] = {}

    def ask(self, window: Window, etag: str | None = None, page: int = 1) -> Answer:
        return self.runs.ask(window, etag, page)

    def descent(self, window: Window, expected: int | None = None, known: frozenset[str] = frozenset()) -> Descent:
        return Descent(self.runs.ask, self.runs.follow, window, expected, set(known))

    def keep(self, runs: list[Any], _: Answer | None = None) -> None:
        self.changed = True
        self.kept.update({run["id"]: run["revision"] for run in runs})


class Visits:
    """Visits of one repository, one a day: each sees the newest hundred runs, and then goes through the blocks."""

    def __init__(self, runs: RunList) -> None:
        self.runs, self.memory, self.now = runs, RunMemory(floor=at(0)), NOW
        self.known: dict[int, Any] = {}

    def visit(self, now: datetime) -> Kept:
        self.now = now
        shelf = Kept(self.runs, self.memory)
        whole = Window(at(0), at(2 * MONTH))
        head = RunPage.of(whole, self.runs.ask(whole))
        self.memory.head_oldest = head.oldest if head.more else None
        self.runs.asked.clear()
        self.runs.unchanged = 0
        blocks = Blocks(shelf, self.memory, now, now.date().isoformat())
        assert blocks.due
        blocks.revisit()
        self.known.update({run["id"]: run["revision"] for run in head.runs} | shelf.kept)
        return shelf


def seen(visits: Visits) -> bool:
    """Whether each run that may have been started again is known as it is."""
    runs, since = visits.runs, visits.now - timedelta(days=30)
    young = [number for number, second in runs.created.items() if since <= at(second) <= visits.now]
    return all(number in visits.known and visits.known[number] == runs.revisions.get(number) for number in young)


moments = st.lists(st.integers(0, MONTH), max_size=420)


@given(moments, st.lists(st.integers(0, 5 * DAY), max_size=150), st.randoms(use_true_random=False))
@few(50)
def test_every_run_of_thirty_days_is_seen_to_have_changed(seconds: list[int], later: list[int], chance: Random) -> None:
    runs = RunList.of(seconds)
    visits = Visits(runs)
    visits.visit(NOW)
    assert seen(visits)
    for day, second in enumerate(sorted(later), start=1):
        runs.created[10_000 + day] = MONTH + second
    for number in chance.sample(sorted(runs.created), len(runs.created) // 9):
        runs.revisions[number] = 1
    for number in chance.sample(sorted(runs.created), len(runs.created) // 20):
        del runs.created[number]
    for day in range(1, 6):
        visits.visit(NOW + timedelta(days=day))
        assert seen(visits)


def busy() -> Visits:
    """A repository with 560 runs in thirty days, of which the newest hundred are on the first page."""
    visits = Visits(RunList.of(range(0, MONTH, MONTH // 560 + 1)))
    visits.visit(NOW)
    return visits


def test_blocks_lie_side_by_side_down_to_the_floor_after_the_first_visit() -> None:
    visits = busy()
    blocks = sorted(visits.memory.blocks, key=lambda block: block.lowest)
    assert [block.runs for block in blocks] == [61, 100, 100, 100, 100]
    assert blocks[0].lowest == at(0)
    assert blocks[-1].until == visits.memory.head_oldest


def test_unchanged_month_is_asked_for_by_block_and_costs_nothing() -> None:
    visits = busy()
    shelf = visits.visit(NOW + timedelta(days=1))
    assert (len(visits.runs.asked), visits.runs.unchanged) == (5, 5)
    assert not shelf.changed


def test_what_one_rerun_changes_is_the_only_block_that_is_read() -> None:
    visits = busy()
    visits.runs.revisions[200] = 1
    shelf = visits.visit(NOW + timedelta(days=1))
    assert (len(visits.runs.asked), visits.runs.unchanged) == (5, 4)
    assert shelf.kept[200] == 1


def test_blocks_are_not_asked_for_twice_a_day_while_nothing_changes() -> None:
    visits = busy()
    blocks = Blocks(Kept(visits.runs, visits.memory), visits.memory, NOW, NOW.date().isoformat())
    assert not blocks.due


def test_runs_that_have_left_the_first_page_fill_the_gap_below_it() -> None:
    visits = busy()
    for number in range(130):
        visits.runs.created[1_000 + number] = MONTH + number
    visits.visit(at(MONTH + DAY))
    assert seen(visits)
    assert max(block.until for block in visits.memory.blocks) == visits.memory.head_oldest


def test_small_block_is_taken_in_by_the_gap_above_it_so_that_blocks_stay_few() -> None:
    visits = busy()
    few = len(visits.memory.blocks)
    for day in range(1, 25):
        for number in range(SMALL // 10):
            visits.runs.created[1_000 * day + number] = MONTH + day * DAY - 7 * number
        visits.visit(at(MONTH + day * DAY))
    assert len(visits.memory.blocks) <= few + 2


def test_page_of_runs_that_can_no_longer_be_started_again_is_no_block() -> None:
    runs, memory = RunList.of(range(100)), RunMemory(floor=at(0))
    blocks = Blocks(Kept(runs, memory), memory, at(2 * MONTH), "2026-08-01")
    page = RunPage.of(Window(at(0), at(100)), runs.answer(Window(at(0), at(100))))
    blocks.note(page)
    assert memory.blocks == []
    blocks.note(replace(page, window=Window(at(0), at(MONTH))))
    assert [block.runs for block in memory.blocks] == [100]


def test_page_that_is_read_again_replaces_its_block() -> None:
    runs, memory = RunList.of(range(150)), RunMemory(floor=at(0))
    whole = Window(at(0), at(200))
    for revision in (None, 1):
        runs.revisions[120] = revision or 0
        blocks = Blocks(Kept(runs, memory), memory, NOW, "2026-07-01")
        blocks.note(RunPage.of(whole, runs.answer(whole)))
    assert [(block.window, block.lowest) for block in memory.blocks] == [(whole, at(50))]
    assert memory.blocks == [Block(at(0), at(200), runs.answer(whole).etag, at(50), 100, "2026-07-01")]
    assert ids(runs.answer(whole).data["workflow_runs"])[0] == 150
