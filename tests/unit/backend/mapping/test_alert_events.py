"""Changes of stored alerts become alert events."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.mapping.alert_events import events_of
from shared.datasets import ALERT_EVENTS, ALERTS, TS
from shared.datasets.alert_events import alert_event_id
from shared.lake.tables import Lake
from tests.builders import NOW, alert
from tests.properties import few

RAISED, CLOSED, LATER = (datetime(2026, 3, day, tzinfo=UTC) for day in (1, 5, 9))


def changed(*rows: dict[str, Any]) -> pa.Table:
    """Alerts as a merge announces them: not known before unless they say so."""
    own: list[tuple[str, pa.DataType]] = [
        ("was_known", pa.bool_()),
        ("old_state", pa.string()),
        ("old_closed_at", TS),
        ("old_updated_at", TS),
        ("old_fixed_at", TS),
        ("old_source", pa.string()),
    ]
    full = [
        {"was_known": any(name.startswith("old_") for name in row), **alert(created_at=RAISED), **row} for row in rows
    ]
    return pa.Table.from_pylist(full, schema=pa.schema([*ALERTS.schema, *own]))


def happened(*rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    events = events_of(changed(*rows)).to_pylist()
    return sorted((event["number"], event["at"], event["action"], event["actor"]) for event in events)


def closed(state: str = "fixed", at: datetime | None = CLOSED, **values: Any) -> dict[str, Any]:
    return {"state": state, "closed_at": at, "updated_at": at, **values}


def test_an_alert_that_was_not_known_was_created_and_closed_if_it_is_closed() -> None:
    assert happened({}) == [(1, RAISED, "created", None)]
    assert happened(closed()) == [(1, RAISED, "created", None), (1, CLOSED, "fixed", None)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("open", closed(), (CLOSED, "fixed", None)),
        ("open", closed("dismissed", dismissed_by="octocat"), (CLOSED, "dismissed", "octocat")),
        ("open", closed("auto_dismissed"), (CLOSED, "auto_dismissed", None)),
        ("open", closed("fixed", dismissed_by="octocat"), (CLOSED, "fixed", None)),
        ("dismissed", closed("fixed"), (CLOSED, "fixed", None)),
        (None, closed("fixed"), (CLOSED, "fixed", None)),
        ("fixed", {"state": "open", "updated_at": LATER}, (LATER, "reopened", None)),
        ("auto_dismissed", {"state": "open", "updated_at": LATER}, (LATER, "reopened", None)),
    ],
)
def test_a_known_alert_changed_its_state(old: str | None, new: dict[str, Any], expected: tuple[Any, ...]) -> None:
    old_closed_at = None if old in ("open", None) else CLOSED - timedelta(days=1)
    assert happened({**new, "old_state": old, "old_closed_at": old_closed_at}) == [(1, *expected)]


def test_the_same_closing_again_is_no_event_and_one_at_another_time_is() -> None:
    assert happened({**closed(), "old_state": "fixed", "old_closed_at": CLOSED}) == []
    again = {**closed(at=LATER), "old_state": "fixed", "old_closed_at": CLOSED}
    assert happened(again) == [(1, LATER, "fixed", None)]
    assert happened({**closed(), "old_state": "fixed", "old_closed_at": None}) == [(1, CLOSED, "fixed", None)]


def test_an_open_alert_that_changed_otherwise_is_no_event() -> None:
    assert happened({"updated_at": LATER, "old_state": "open", "old_updated_at": RAISED}) == []
    assert happened({"state": None, "updated_at": LATER, "old_state": "fixed", "old_closed_at": CLOSED}) == []


def test_what_has_no_time_is_no_event() -> None:
    assert happened({"created_at": None}) == []
    assert happened(closed(at=None)) == [(1, RAISED, "created", None)]
    assert happened({"state": "open", "updated_at": None, "old_state": "fixed", "old_closed_at": CLOSED}) == []


def test_demo_alerts_make_no_events_and_alerts_of_an_unknown_source_do() -> None:
    assert happened({"source": "demo"}) == []
    assert happened({"source": None}) == [(1, RAISED, "created", None)]


def test_an_event_is_a_row_of_its_dataset_with_the_alerts_provenance() -> None:
    row = {
        "repo": "Acme/API",
        "org": "Acme",
        "number": 7,
        "kind": "dependabot",
        "source": "webhook",
        "collected_at": LATER,
    }
    events = events_of(changed({**row, "created_at": RAISED}))
    assert events.schema == ALERT_EVENTS.schema
    own = {
        "event_id": alert_event_id("Acme/API", "dependabot", 7, "created", RAISED),
        "action": "created",
        "at": RAISED,
    }
    assert events.to_pylist() == [{**row, **own, "actor": None, "delivery_id": None}]


def test_no_changes_are_no_events() -> None:
    events = events_of(changed())
    assert (events.num_rows, events.schema) == (0, ALERT_EVENTS.schema)


moves = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from(["open", "fixed", "dismissed", "auto_dismissed"])), max_size=14
)


@given(history=moves, cuts=st.lists(st.integers(0, 14), max_size=6), again=st.booleans())
@few(8)
def test_a_history_makes_the_same_events_however_it_is_cut(
    lake: Lake, history: list[tuple[int, str]], cuts: list[int], again: bool
) -> None:
    """The oracle walks the states one by one; a batch ends before an alert's next state, as a merge sees the last."""
    for dataset in (ALERTS, ALERT_EVENTS):
        lake.remove(dataset, "github")
    told: list[dict[str, Any]] = []
    for batch in batches(states(history), set(cuts)):
        for _ in range(2 if again else 1):
            lake.upsert(ALERTS, ALERTS.table(batch), lambda changed: told.extend(events_of(changed).to_pylist()))
    assert sorted((event["number"], event["action"], event["at"]) for event in told) == sorted(expected(history))
    assert len({event["event_id"] for event in told}) == len(told)


def states(history: list[tuple[int, str]]) -> list[dict[str, Any]]:
    """An alert row per move, a minute after the one before; what is closed already stays as it was closed."""
    rows: dict[int, dict[str, Any]] = {}
    found = []
    for minute, (number, state) in enumerate(history):
        at = NOW + timedelta(minutes=minute)
        since = rows[number]["closed_at"] if number in rows and rows[number]["state"] == state else at
        closed_at = None if state == "open" else since
        rows[number] = alert(number=number, state=state, created_at=RAISED, updated_at=at, closed_at=closed_at)
        found.append(rows[number])
    return found


def batches(rows: list[dict[str, Any]], cuts: set[int]) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = [[]]
    for place, row in enumerate(rows):
        if place in cuts or any(row["number"] == other["number"] for other in found[-1]):
            found.append([])
        found[-1].append(row)
    return found


def expected(history: list[tuple[int, str]]) -> list[tuple[int, str, datetime]]:
    held: dict[int, str] = {}
    found = []
    for minute, (number, state) in enumerate(history):
        at, before = NOW + timedelta(minutes=minute), held.get(number)
        if before is None:
            found.append((number, "created", RAISED))
        if state == "open" and before not in (None, "open"):
            found.append((number, "reopened", at))
        if state not in ("open", before):
            found.append((number, state, at))
        held[number] = state
    return found
