"""Customer health against the same definitions in plain Python, and what holds whatever customers do."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from shared.datasets.activity_events import EVENT_TYPES
from shared.metrics import metric
from shared.metrics.customers.signals import SIGNALS
from shared.metrics.metric import EXCLUDED
from shared.policy import Policy
from tests.builders import NOW, Row, activity, customer
from tests.unit.shared.metrics.asking import Ask, scope, tables_of

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEIGHTS = {"logins": 0.25, "adoption": 0.25, "tickets": 0.2, "invoices": 0.2, "api": 0.1}

World = dict[str, list[Row]]


def world_at_random(customers: int = 30, seed: int = 3, types: tuple[str, ...] = EVENT_TYPES) -> World:
    """Customers with few events of some types, times on both sides of every limit, some after NOW."""
    dice = Random(seed)
    listed = [customer(customer_id=f"c{n}", created_at=dice.choice((None, NOW - n * DAY))) for n in range(customers)]
    events = [event_at_random(dice, f"c{n}", types) for n in range(customers + 2) for _ in range(dice.randint(0, 25))]
    return {
        "customers": listed,
        "activity_events": [{**row, "event_id": str(number)} for number, row in enumerate(events)],
    }


def event_at_random(dice: Random, whose: str, types: tuple[str, ...]) -> Row:
    kind = dice.choice(types)
    at = NOW - dice.randint(-48, 24 * dice.choice((10, 45))) * HOUR
    later = at + dice.choice((0, 1, 24, 24 * 14, 24 * 15, 24 * 30)) * HOUR
    own: Row = {}
    if kind == "feature":
        own = {"feature_name": dice.choice(("export", "search", "share", "print"))}
    elif kind == "ticket":
        own = dice.choice(({"closed_at": later}, {}, {"ticket_status": "closed"}, {"ticket_status": "in_progress"}))
    elif kind == "invoice":
        due = (at + dice.choice((0, 7, 14)) * DAY).replace(hour=dice.choice((0, at.hour)))
        own = {"due_date": due, **dice.choice(({"paid_date": later}, {}, {"invoice_status": "paid"}))}
    return activity(kind, customer_id=whose, at=at, **own)


def plain(world: World, until: datetime) -> dict[str, Row]:
    """The score of each customer by the definition's words."""
    seen = [row for row in world["activity_events"] if row["at"] < until]
    features = {row["feature_name"] for row in seen if row["type"] == "feature"}
    kinds = {row["type"] for row in seen}
    found = {}
    for one in world["customers"]:
        if one["created_at"] is not None and one["created_at"] >= until:
            continue
        mine = [row for row in seen if row["customer_id"] == one["customer_id"]]
        of = {kind: [row for row in mine if row["type"] == kind] for kind in EVENT_TYPES}
        recent = {kind: sum(row["at"] >= until - 30 * DAY for row in of[kind]) for kind in EVENT_TYPES}
        used = {row["feature_name"] for row in of["feature"]}
        late = sum(bad_invoice(row, until) for row in of["invoice"])
        values = {
            "logins": min(10 * recent["login"], 100) if "login" in kinds else None,
            "adoption": 100 * len(used) / len(features) if features else None,
            "tickets": max(100 - 10 * sum(open_ticket(row, until) for row in of["ticket"]), 0)
            if "ticket" in kinds
            else None,
            "invoices": (100 * (1 - late / len(of["invoice"])) if of["invoice"] else 100)
            if "invoice" in kinds
            else None,
            "api": min(recent["api"], 100) if "api" in kinds else None,
        }
        known = {name: value for name, value in values.items() if value is not None}
        weight = sum(WEIGHTS[name] for name in known)
        score = sum(WEIGHTS[name] * value for name, value in known.items()) / weight if weight else None
        latest = {f"last_{kind}_at": max((row["at"] for row in of[kind]), default=None) for kind in EVENT_TYPES}
        found[one["customer_id"]] = {"score": score, "values": values, "latest": latest}
    return found


def open_ticket(row: Row, until: datetime) -> bool:
    if row.get("closed_at") is not None:
        return bool(row["closed_at"] >= until)
    return row["ticket_status"] not in ("closed", "resolved")


def bad_invoice(row: Row, until: datetime) -> bool:
    """Paid late, or unpaid past the due date, of which a midnight is the whole day."""
    due, paid_at = row["due_date"], row.get("paid_date")
    whole_day = (due.hour, due.minute, due.second, due.microsecond) == (0, 0, 0, 0)
    if (paid_at is not None and paid_at < until) or (paid_at is None and row["invoice_status"] == "paid"):
        return paid_at is not None and (paid_at >= due + DAY if whole_day else paid_at > due)
    return bool(until >= due + DAY if whole_day else until > due)


@pytest.fixture(scope="module")
def world() -> World:
    return world_at_random()


@pytest.fixture(scope="module")
def found(ask: Ask, world: World) -> Mapping[str, Row]:
    return {row["customer_id"]: row for row in ask("customer_health", scope(), None, **world)}


def test_scores_and_signals_are_those_of_the_definition(found: Mapping[str, Row], world: World) -> None:
    expected = plain(world, NOW)
    assert set(found) == set(expected)
    for name, one in expected.items():
        assert found[name]["score"] == pytest.approx(one["score"], abs=1e-5), name
        for signal, value in one["values"].items():
            assert found[name][f"signal_{signal}"] == pytest.approx(value), (name, signal)


def test_scores_of_a_week_before_are_those_of_the_definition_then(found: Mapping[str, Row], world: World) -> None:
    then = plain(world, NOW - 7 * DAY)
    assert 0 < len(then) < len(found), "some became customers since"
    for name, row in found.items():
        before = then[name]["score"] if name in then else None
        assert row["score_7d_ago"] == (None if before is None else pytest.approx(before, abs=1e-5)), name
        if before is not None:
            assert row["change_7d"] == pytest.approx(row["score"] - before, abs=1e-5)


def test_the_latest_event_of_each_type_is_told(found: Mapping[str, Row], world: World) -> None:
    for name, one in plain(world, NOW).items():
        assert {key: found[name][key] for key in one["latest"]} == one["latest"], name


def test_points_lost_add_up_and_the_worst_come_first(found: Mapping[str, Row]) -> None:
    scores = [row["score"] for row in found.values()]
    assert scores == sorted(scores)
    for row in found.values():
        lost = [row[f"lost_{name}"] for name in SIGNALS]
        assert sum(lost) == pytest.approx(100 - row["score"], abs=1e-5)
        assert row["worst_signal"] is None or row[f"lost_{row['worst_signal']}"] == pytest.approx(max(lost))
        assert sum(row[f"weight_{name}"] for name in SIGNALS) == pytest.approx(1)


def test_order_of_rows_makes_no_difference(ask: Ask, found: Mapping[str, Row], world: World) -> None:
    turned = {name: rows[::-1] for name, rows in world.items()}
    assert {row["customer_id"]: row for row in ask("customer_health", scope(), None, **turned)} == found


@pytest.mark.parametrize("types", [("login",), ("ticket", "invoice"), ("feature", "api")])
def test_what_nobody_sends_is_unknown_and_not_nothing(ask: Ask, types: tuple[str, ...]) -> None:
    world = world_at_random(8, 5, types)
    expected = plain(world, NOW)
    for row in ask("customer_health", scope(), None, **world):
        one = expected[row["customer_id"]]
        assert row["score"] == pytest.approx(one["score"], abs=1e-5)
        assert row["unknown"] == sum(value is None for value in one["values"].values()) > 0


def test_a_customer_of_whom_nothing_is_recorded(ask: Ask) -> None:
    nobody, other = customer(customer_id="quiet"), customer()
    rows = {"customers": [nobody, other], "activity_events": [activity(kind) for kind in EVENT_TYPES]}
    quiet = next(row for row in ask("customer_health", scope(), None, **rows) if row["customer_id"] == "quiet")
    assert {name: quiet[f"signal_{name}"] for name in SIGNALS} == {
        "logins": 0,
        "adoption": 0,
        "tickets": 100,
        "invoices": 100,
        "api": 0,
    }
    assert (quiet["score"], quiet["tier"]) == (40.0, "at_risk")
    (alone,) = ask("customer_health", scope(), customers=[nobody])
    assert (alone["score"], alone["tier"], alone["unknown"]) == (None, "unknown", 5)


def test_one_customer_is_scored_as_among_all(ask: Ask, found: Mapping[str, Row], world: World) -> None:
    """Also where no other is looked at the features that others use count."""
    assert ask("customer_health", scope(customers=("c7",)), None, **world) == [found["c7"]]


def test_signals_tell_the_facts_behind_the_score(ask: Ask, found: Mapping[str, Row], world: World) -> None:
    rows = ask("customer_signals", scope(), None, **world)
    assert [(row["customer_id"], row["signal"]) for row in rows] == [
        (name, s) for name in sorted(found) for s in SIGNALS
    ]
    for row in rows:
        one = found[row["customer_id"]]
        assert row["lost"] == pytest.approx(one[f"lost_{row['signal']}"])
        assert row["facts"] == one[f"facts_{row['signal']}"]


def test_weights_are_the_policys(ask: Ask, world: World) -> None:
    only_tickets = Policy.model_validate(
        {"health": {"customer": {"logins": 0, "adoption": 0, "invoices": 0, "api": 0}}}
    )
    for row in ask.under(only_tickets, "customer_health", scope(), world):
        assert row["score"] == pytest.approx(row["signal_tickets"])


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"due_date": NOW - DAY}, "overdue"),
        ({"due_date": NOW}, "unpaid"),
        ({"due_date": NOW - HOUR}, "overdue"),
        ({"due_date": NOW - 5 * DAY, "paid_date": NOW - 5 * DAY + 23 * HOUR}, "paid"),
        ({"due_date": NOW - 5 * DAY, "paid_date": NOW - 4 * DAY}, "paid_late"),
        ({"due_date": NOW - 5 * DAY + HOUR, "paid_date": NOW - 5 * DAY + 2 * HOUR}, "paid_late"),
        ({"due_date": NOW + DAY, "paid_date": NOW + HOUR}, "unpaid"),
        ({"due_date": NOW - 5 * DAY, "invoice_status": "paid"}, "paid"),
    ],
)
def test_how_an_invoice_stands(ask: Ask, values: dict[str, Any], state: str) -> None:
    """A due date at midnight lasts all day; what is paid later is not paid yet."""
    invoice = activity("invoice", at=NOW - 20 * DAY, **values)
    (row,) = ask("customer_events", scope(), customers=[customer()], activity_events=[invoice])
    assert row["standing"] == state


def test_events_are_those_of_the_range_and_of_listed_customers_newest_first(ask: Ask) -> None:
    events = [
        *(activity(kind, at=NOW - n * DAY, event_id=kind) for n, kind in enumerate(EVENT_TYPES, start=1)),
        activity(at=NOW, event_id="later"),
        activity(at=NOW - 91 * DAY, event_id="before"),
        activity(customer_id="nobody", event_id="nobody"),
    ]
    rows = ask("customer_events", scope(), customers=[customer()], activity_events=events)
    assert [row["event_id"] for row in rows] == list(EVENT_TYPES)
    assert {row["type"]: (row["about"], row["standing"], row["amount"]) for row in rows} == {
        "login": (None, None, None),
        "feature": ("export", None, None),
        "ticket": (None, "open", None),
        "invoice": (None, "unpaid", 100.0),
        "api": ("/v1/things", None, None),
    }
    evidence = metric("customer_events").rows(
        tables_of({"customers": [customer()], "activity_events": events}), scope()
    )
    assert {row["event_id"]: row[EXCLUDED] for row in ask.rows(evidence) if row[EXCLUDED]} == {
        "before": "before the range",
        "nobody": "no such customer is listed",
    }


def test_activity_adds_up_to_the_events(ask: Ask, world: World) -> None:
    days, events = (ask(name, scope(30), None, **world) for name in ("customer_activity", "customer_events"))
    assert sum(day["n"] for day in days) == len(events)
    for kind in EVENT_TYPES:
        assert sum(day[kind] for day in days) == sum(row["type"] == kind for row in events)
    of_one = ask("customer_activity", scope(30, customers=("c3",)), None, **world)
    assert sum(day["n"] for day in of_one) == sum(row["customer_id"] == "c3" for row in events)


def test_history_is_of_customers_and_of_those_that_are_asked_for(ask: Ask) -> None:
    day = NOW - DAY
    kept = {"day": day, "complete": True, "tier": "good", "unknown": 0, "collected_at": NOW, "source": "rollup"}
    scores = {"customer:a": 80.0, "customer:b": 40.0, "repo:acme/api": 0.0}
    history = [{**kept, "subject": subject, "score": score} for subject, score in scores.items()]
    (every,) = ask("customer_health_trend", scope(), health_history=history)
    assert (every["n"], every["median_score"], every["good"]) == (2, 60.0, 2)
    (one,) = ask("customer_health_trend", scope(customers=("b",)), health_history=history)
    assert (one["n"], one["median_score"]) == (1, 40.0)
