import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.collect.sources.run_memory import RERUN_TIME, Block, Known, RunMemory
from backend.collect.windows import Window

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)

times = st.datetimes(datetime(2018, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
etags = st.none() | st.text(max_size=8)
days = st.dates().map(str)
windows = st.builds(Window, times, times)
blocks = st.builds(Block, times, times, etags, times, st.integers(0, 100), days, st.integers(1, 10))
knowns = st.dictionaries(
    st.integers(1, 2**63 - 1), st.builds(Known, st.none() | times, st.integers(1, 99), etags), max_size=4
)
memories = st.builds(
    RunMemory,
    floor=st.none() | times,
    newest=st.none() | times,
    head_etag=etags,
    head_oldest=st.none() | times,
    revisited=st.none() | days,
    unread=st.lists(windows, max_size=4),
    blocks=st.lists(blocks, max_size=4),
    unfinished=knowns,
    attempts=knowns,
)


def days_ago(number: float) -> datetime:
    return NOW - timedelta(days=number)


def block(since: float, until: float) -> Block:
    return Block(days_ago(since), days_ago(until), "etag", days_ago(since), 100, "2026-06-30")


@given(memories)
def test_what_is_remembered_survives_as_json(memory: RunMemory) -> None:
    stored = json.loads(json.dumps(memory.cursor()))
    assert RunMemory.of(stored) == memory
    assert RunMemory.of(stored).cursor() == memory.cursor()


def test_nothing_is_remembered_at_first() -> None:
    assert RunMemory.of({}) == RunMemory()
    assert RunMemory().complete_since is None


def test_unread_window_shrinks_as_it_is_read_and_ends() -> None:
    whole, other = Window(days_ago(9), days_ago(1)), Window(days_ago(20), days_ago(10))
    memory = RunMemory(floor=days_ago(20), unread=[whole, other])
    memory.read_down_to(whole, days_ago(5))
    assert memory.unread == [Window(days_ago(9), days_ago(5)), other]
    assert memory.complete_since == days_ago(5)
    memory.read_down_to(memory.unread[0], None)
    assert memory.unread == [other]
    memory.read_down_to(other, None)
    assert memory.complete_since == days_ago(20)


def test_blocks_whose_runs_can_no_longer_be_started_again_are_forgotten() -> None:
    memory = RunMemory(blocks=[block(40, 31), block(31, 29), block(2, 1)])
    memory.forget_the_old(NOW)
    assert [part.until for part in memory.blocks] == [days_ago(29), days_ago(1)]


def test_attempts_are_remembered_as_long_as_their_run_may_be_seen_again() -> None:
    ages = {1: 29.0, 2: 31.0, 3: 100.0}
    attempts = {run_id: Known(days_ago(age)) for run_id, age in ages.items()} | {4: Known(None)}
    busy = RunMemory(head_oldest=days_ago(2), attempts=dict(attempts))
    busy.forget_the_old(NOW)
    assert set(busy.attempts) == {1, 4}
    quiet = RunMemory(head_oldest=days_ago(90), attempts=dict(attempts))
    quiet.forget_the_old(NOW)
    assert set(quiet.attempts) == {1, 2, 4}


def test_run_that_is_not_done_is_remembered_however_old() -> None:
    memory = RunMemory(head_oldest=NOW, unfinished={1: Known(NOW - 10 * RERUN_TIME)})
    memory.forget_the_old(NOW)
    assert set(memory.unfinished) == {1}
