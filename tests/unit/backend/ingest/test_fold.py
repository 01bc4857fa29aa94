"""Fold: whatever order deliveries come in, and however often, the tables are the same."""

import random
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ingest import fold as fold_module
from backend.ingest.delivery import Delivery
from backend.ingest.fold import fold
from shared.lake.inbox import INBOX
from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from tests.builders import NOW
from tests.properties import few
from tests.unit.backend.ingest.payloads import (
    MINUTE,
    code_scanning,
    delivered,
    dependabot,
    pull_request,
    put_in_inbox,
    workflow_job,
    workflow_run,
)
from tests.unit.backend.ingest.stored import Tables, tables

ALERT_STEPS = {"open": ("fixed", "dismissed"), "fixed": ("open",), "dismissed": ("open",)}
ACTIONS = {"open": "reopened", "fixed": "fixed", "dismissed": "dismissed"}


@st.composite
def histories(draw: st.DrawFn) -> list[Delivery]:
    """What happened to some alerts, runs, jobs and pull requests, in the order in which it happened."""
    told: list[tuple[float, str, dict[str, Any]]] = []
    for number in (1, 2):
        state = "open"
        told.append((number, "dependabot_alert", dependabot("created", state, 0, number=number)))
        for step in range(draw(st.integers(0, 5))):
            state = draw(st.sampled_from(ALERT_STEPS[state]))
            when = 10 + 10 * step + number
            end = {"fixed": "fixed_at", "dismissed": "dismissed_at"}.get(state)
            times = {end: (NOW + when * MINUTE).isoformat()} if end else {}
            told.append((when, "dependabot_alert", dependabot(ACTIONS[state], state, when, number=number, **times)))
    untimed = [("created", "open"), ("fixed", "fixed"), ("reopened", "open"), ("closed_by_user", "dismissed")]
    for step, (action, state) in enumerate(untimed[: draw(st.integers(0, 4))]):
        told.append((100 + step, "code_scanning_alert", code_scanning(action, state)))
    for attempt in (1, 2):
        for step, status in enumerate(("queued", "in_progress", "completed")[: draw(st.integers(1, 3))]):
            # A queue and a start within a second are told apart by the status.
            told.append((200 + step, "workflow_run", workflow_run(status, 200 + 10 * attempt, attempt=attempt)))
    for step, status in enumerate(("queued", "in_progress", "completed")[: draw(st.integers(1, 3))]):
        told.append((300 + step, "workflow_job", workflow_job(status)))
    edits = range(400, 400 + draw(st.integers(0, 3)))
    told += [(edit, "pull_request", pull_request("open", edit, title=f"Title {edit}")) for edit in edits]
    return [delivered(event, payload, when) for when, event, payload in told]


def folded(deliveries: list[Delivery], sizes: list[int], folder: Path) -> Tables:
    """The tables after deliveries came in blobs of so many, each folded before the next came."""
    store = LocalStore(folder / "store")
    lake = Lake(store, folder / "cache", lambda: NOW)
    rest, number = deliveries, 0
    while rest:
        size = sizes[number % len(sizes)]
        put_in_inbox(store, *rest[:size], name=f"{number:04}")
        rest, number = rest[size:], number + 1
        fold(lake)
    assert list(store.list(INBOX)) == []
    found = tables(lake)
    lake.close()
    return found


@settings(max_examples=3)
@given(history=histories(), seed=st.integers(0, 1_000), sizes=st.lists(st.integers(8, 16), min_size=1, max_size=2))
def test_order_duplicates_and_batches_do_not_matter(history: list[Delivery], seed: int, sizes: list[int]) -> None:
    check_order(history, seed, sizes)


@pytest.mark.slow
@few(12)
@given(history=histories(), seed=st.integers(0, 1_000), sizes=st.lists(st.integers(2, 12), min_size=1, max_size=3))
def test_order_never_matters(history: list[Delivery], seed: int, sizes: list[int]) -> None:
    check_order(history, seed, sizes)


def check_order(history: list[Delivery], seed: int, sizes: list[int]) -> None:
    dice = random.Random(seed)
    again = [
        Delivery(one.event, one.delivery_id, one.received_at + 1_000 * MINUTE, one.body)
        for one in history
        if dice.random() < 0.2
    ]
    # What says no time itself has that at which it was first folded, so what is sent again comes again after it.
    late = [one for one in again if one.event == "code_scanning_alert"]
    mixed = [*history, *(one for one in again if one not in late)]
    dice.shuffle(mixed)
    mixed += late
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        in_order = folded(history, [len(history)], Path(first))
        assert folded(mixed, sizes, Path(second)) == in_order
    alerts = {row["number"]: row for row in in_order["alerts"] if row["kind"] == "dependabot"}
    for number, row in alerts.items():
        steps = [one.payload() for one in history if one.event == "dependabot_alert"]
        steps = [step for step in steps if step["alert"]["number"] == number]
        assert row["state"] == steps[-1]["alert"]["state"]
        reopened = sum(step["action"] == "reopened" for step in steps)
        assert (row["reopened_count"] or 0) == reopened
        events = [e for e in in_order["alert_events"] if e["kind"] == "dependabot" and e["number"] == number]
        assert len(events) == len(steps)
    (last, *_) = [row for row in in_order["workflow_runs"] if row["run_attempt"] == 2]
    statuses = [one.payload()["workflow_run"] for one in history if one.event == "workflow_run"]
    assert last["status"] == [one["status"] for one in statuses if one["run_attempt"] == 2][-1]


def test_rows_say_when_and_how_they_came(lake: Lake) -> None:
    put_in_inbox(lake.store, delivered("workflow_run", workflow_run("completed", 1), 3))
    fold(lake)
    row = lake.tables("real")["workflow_runs"].to_pyarrow().to_pylist()[0]
    assert isinstance(row["collected_at"], datetime)
    assert row["collected_at"] == NOW + 3 * MINUTE
    assert row["source"] == "webhook"


def test_so_many_batches_at_a_time_until_nothing_is_left(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_module, "BLOBS_AT_ONCE", 2)
    for number in range(5):
        put_in_inbox(
            lake.store, delivered("workflow_run", workflow_run("completed", 1, run_id=number), 3), name=str(number)
        )
    lake.store.write(f"{INBOX}threats/0.ndjson", b"{}\n")
    rounds = [fold(lake, most=1) for _ in range(3)]
    assert [one.blobs for one in rounds] == [3, 2, 1], "a batch of each dataset"
    assert [one.more for one in rounds] == [True, True, False]
    assert lake.tables("real")["workflow_runs"].count().to_pyarrow().as_py() == 5
