"""Fold: whatever order deliveries come in, however often, and wherever it is killed, the tables are the same."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ingest import webhooks
from backend.ingest.delivery import Delivery
from backend.ingest.fold import Folded, fold
from backend.ingest.fold_deliveries import fold_deliveries
from shared.datasets import DATASETS
from shared.lake.inbox import INBOX
from shared.lake.local import LocalStore
from shared.lake.quarantine import quarantine_counts, quarantined
from shared.lake.store import Absent, Blob, StoreUnreachable
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

NAMES = ("alerts", "alert_events", "workflow_runs", "workflow_jobs", "pull_requests")

Tables = dict[str, list[dict[str, Any]]]


T = TypeVar("T")


def tables(lake: Lake) -> Tables:
    """What is stored, but for the time at which it was read: of what is sent twice either may be."""
    return {name: stored(lake, name) for name in NAMES}


def stored(lake: Lake, name: str) -> list[dict[str, Any]]:
    rows = lake.tables("real", only=[DATASETS[name]])[name].to_pyarrow().to_pylist()
    kept = [{column: value for column, value in row.items() if column != "collected_at"} for row in rows]
    return sorted(kept, key=lambda row: [str(row[column]) for column in DATASETS[name].key])


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


class Failing(LocalStore):
    """A local store whose n-th call fails, before or after it has done what it was asked."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.calls, self.fails_at, self.after = 0, -1, False

    def write(self, name: str, data: bytes | Path, if_match: str | Absent | None = None) -> str:
        return self._step(lambda: super(Failing, self).write(name, data, if_match))

    def read(self, name: str) -> tuple[bytes, str]:
        return self._step(lambda: super(Failing, self).read(name))

    def delete(self, name: str, if_match: str | None = None) -> None:
        return self._step(lambda: super(Failing, self).delete(name, if_match))

    def list(self, prefix: str) -> Iterator[Blob]:
        yield from self._step(lambda: super(Failing, self).list(prefix))

    def _step(self, call: Callable[[], T]) -> T:
        self.calls += 1
        fails = self.calls == self.fails_at
        if fails and not self.after:
            raise StoreUnreachable("killed")
        try:
            return call()
        finally:  # also where there was nothing to read
            if fails:
                raise StoreUnreachable("killed")


HISTORY = [
    delivered("dependabot_alert", dependabot("created", "open", 0), 1),
    delivered("dependabot_alert", dependabot("fixed", "fixed", 5), 5),
    delivered("dependabot_alert", dependabot("reopened", "open", 7), 7),
    delivered("code_scanning_alert", code_scanning("fixed", "fixed"), 8),
    delivered("workflow_run", workflow_run("completed", 9, conclusion="success"), 9),
    delivered("workflow_job", workflow_job("completed"), 9),
    delivered("ping", {"zen": "."}, 10),
]


@pytest.mark.parametrize(
    ("after", "every"),
    [
        pytest.param(True, 4, id="some"),
        pytest.param(True, 1, marks=pytest.mark.slow, id="after"),
        pytest.param(False, 1, marks=pytest.mark.slow, id="before"),
    ],
)
def test_killed_at_any_step_it_can_run_again(tmp_path: Path, after: bool, every: int) -> None:
    calm = Failing(tmp_path / "calm")
    put_in_inbox(calm, *HISTORY)
    lake = Lake(calm, tmp_path / "calm-cache", lambda: NOW)
    fold(lake)
    steps = calm.calls
    expected = tables(lake), quarantine_counts(calm)
    lake.close()
    for step in range(1, steps, every):
        store = Failing(tmp_path / f"store-{step}")
        put_in_inbox(store, *HISTORY)
        lake = Lake(store, tmp_path / f"cache-{step}", lambda: NOW)
        store.calls, store.fails_at, store.after = 1, step + 1, after
        with pytest.raises(StoreUnreachable):
            fold(lake)
        fold(lake)
        assert (tables(lake), quarantine_counts(store)) == expected, f"killed at step {step} of {steps}"
        lake.close()


def test_two_replicas_that_fold_the_same_store_each_row_once(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    put_in_inbox(store, *HISTORY)
    first, second = (Lake(store, tmp_path / name, lambda: NOW) for name in ("first", "second"))
    blobs = {blob.name: store.read(blob.name)[0] for blob in store.list(INBOX)}
    assert fold(first).lines == len(HISTORY)
    for name, data in blobs.items():  # the second had listed them before the first deleted them
        store.write(name, data)
    before = tables(first)
    assert fold(second).changed == 0
    assert tables(second) == before
    assert sum(quarantine_counts(store).values()) == 1
    first.close()
    second.close()


def test_bad_lines_go_to_quarantine_with_the_reason_and_stop_nothing(lake: Lake) -> None:
    threat = {"threat_id": "t1", "at": NOW.isoformat(), "collected_at": NOW.isoformat(), "source": "api"}
    good = delivered("workflow_run", workflow_run("completed", 1))
    lake.store.write(f"{INBOX}threats/1.ndjson", b"\n".join([b"{half", b"[1]", _json(threat), b"", _json({"a": 1})]))
    lake.store.write(
        f"{INBOX}webhooks/1.ndjson",
        b"\n".join(
            [
                _json({"event": "workflow_run"}),
                Delivery("workflow_run", "d", NOW, b"not json").line(),
                Delivery("workflow_run", "d", NOW, b"\xff\xfe").line(),
                Delivery("workflow_run", "d", NOW, b"{}").line(),
                good.line(),
            ]
        ),
    )
    lake.store.write(f"{INBOX}nonsense/1.ndjson", b"{}")
    result = fold(lake)
    assert (result.blobs, result.changed, result.rejected) == (3, 2, 8)
    assert [row["threat_id"] for row in stored(lake, "threats")] == ["t1"]
    assert len(stored(lake, "workflow_runs")) == 1
    reasons = {entry["reason"].partition(":")[0] for entry in quarantined(lake.store)}
    assert {"not JSON", "no event, delivery_id or received_at", "the body is not JSON", "no workflow_run"} <= reasons
    assert fold(lake) == Folded()


def test_what_no_code_expects_goes_to_quarantine_alone(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(lake: Lake, parts: list[list[dict[str, Any]]]) -> Any:
        if any(line["delivery_id"] == "poison" for part in parts for line in part):
            raise KeyError("poison")
        return fold_deliveries(lake, parts)

    monkeypatch.setattr("backend.ingest.fold.fold_deliveries", fails)
    put_in_inbox(lake.store, delivered("workflow_run", workflow_run("completed", 1)), name="1")
    put_in_inbox(lake.store, delivered("workflow_run", workflow_run("queued", 1), delivery_id="poison"), name="2")
    assert fold(lake).blobs == 2
    assert len(stored(lake, "workflow_runs")) == 1
    assert quarantine_counts(lake.store) == {("webhooks", "could not be folded; see the log"): 1}


@pytest.mark.parametrize("action", [["fixed"], {"fixed": 1}, None, 7])
def test_an_action_that_is_no_text_stops_nothing(lake: Lake, action: Any) -> None:
    odd = delivered("dependabot_alert", {**dependabot("fixed", "fixed", 1, updated_at=None), "action": action})
    put_in_inbox(lake.store, odd, delivered("workflow_run", workflow_run("completed", 1)))
    fold(lake)
    assert len(stored(lake, "workflow_runs")) == 1
    assert "could not be folded; see the log" not in {reason for _, reason in quarantine_counts(lake.store)}


def test_a_delivery_that_a_flaw_of_ours_stops_waits_alone(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others of the same blob were acknowledged too."""

    def flawed(payload: Any, *_more: Any) -> Any:
        raise TypeError("unhashable type: 'list'")

    monkeypatch.setitem(webhooks._TOLD, "workflow_job", flawed)
    job, run = delivered("workflow_job", workflow_job("completed")), workflow_run("completed", 1)
    put_in_inbox(lake.store, job, delivered("workflow_run", run))
    assert (fold(lake).rejected, len(stored(lake, "workflow_runs"))) == (1, 1)
    assert quarantine_counts(lake.store) == {
        ("webhooks", "it cannot be mapped (TypeError: unhashable type: 'list')"): 1
    }


def _json(value: Any) -> bytes:
    return orjson.dumps(value)


def test_rows_say_when_and_how_they_came(lake: Lake) -> None:
    put_in_inbox(lake.store, delivered("workflow_run", workflow_run("completed", 1), 3))
    fold(lake)
    row = lake.tables("real")["workflow_runs"].to_pyarrow().to_pylist()[0]
    assert isinstance(row["collected_at"], datetime)
    assert row["collected_at"] == NOW + 3 * MINUTE
    assert row["source"] == "webhook"
