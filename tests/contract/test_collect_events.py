"""What happens to alerts between collections is told as events, once, and an alert knows how often it came back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.lake.store import StoreError
from tests.contract.collecting import NOW, SHOP, Collector, Row, collector_in
from tests.standins.github import AlertName, faults

DAY = timedelta(days=1)
KIND: AlertName = "code-scanning"


@pytest.fixture
def shop(shared_data: Path, tmp_path: Path) -> Iterator[Collector]:
    with collector_in(tmp_path) as collector:
        collector.gh.state.create_repo(SHOP)
        collector.gh.state.new_alert(SHOP, KIND, at=NOW - 9 * DAY)
        yield collector


def events(collector: Collector, number: int = 1) -> list[tuple[str, datetime, str | None]]:
    """What happened to an alert, in its order."""
    rows = [row for row in collector.rows("alert_events") if row["number"] == number]
    return [(row["action"], row["at"], row["actor"]) for row in sorted(rows, key=lambda row: row["at"])]


def alert(collector: Collector, number: int = 1) -> Row:
    return next(row for row in collector.rows("alerts") if row["number"] == number)


@pytest.mark.parametrize("selected", [{"orgs": ["acme"]}, {"repos": [SHOP]}], ids=str)
def test_life_of_an_alert_over_collections(shop: Collector, selected: Any) -> None:
    state = shop.gh.state
    shop.collect(**selected)
    state.fix_alert(SHOP, KIND, 1, at=NOW - 7 * DAY)
    shop.collect(**selected)
    assert (alert(shop)["state"], alert(shop)["reopened_count"]) == ("fixed", None)
    state.reopen_alert(SHOP, KIND, 1, at=NOW - 5 * DAY)
    shop.collect(**selected)
    assert (alert(shop)["state"], alert(shop)["closed_at"], alert(shop)["reopened_count"]) == ("open", None, 1)
    state.dismiss_alert(SHOP, KIND, 1, at=NOW - 3 * DAY)
    shop.collect(**selected)
    state.reopen_alert(SHOP, KIND, 1, at=NOW - 2 * DAY)
    shop.collect(**selected)
    assert alert(shop)["reopened_count"] == 2
    told = events(shop)
    assert [(action, at) for action, at, _ in told] == [
        ("created", NOW - 9 * DAY),
        ("fixed", NOW - 7 * DAY),
        ("reopened", NOW - 5 * DAY),
        ("dismissed", NOW - 3 * DAY),
        ("reopened", NOW - 2 * DAY),
    ]
    assert told[3][2] is not None


def test_what_was_closed_at_first_sight_has_two_events_and_no_reopening(shop: Collector) -> None:
    shop.gh.state.fix_alert(SHOP, KIND, 1, at=NOW - 7 * DAY)
    shop.collect(repos=[SHOP])
    assert [action for action, _, _ in events(shop)] == ["created", "fixed"]
    assert alert(shop)["reopened_count"] is None  # of the time before nobody knows


def test_reading_everything_again_tells_nothing_twice(shop: Collector) -> None:
    shop.gh.state.fix_alert(SHOP, KIND, 1, at=NOW - 7 * DAY)
    shop.collect(repos=[SHOP])
    shop.gh.state.reopen_alert(SHOP, KIND, 1, at=NOW - 5 * DAY)
    shop.collect(repos=[SHOP])
    before, counted = shop.rows("alert_events"), alert(shop)["reopened_count"]
    shop.collect(repos=[SHOP], full=True)
    assert (shop.rows("alert_events"), alert(shop)["reopened_count"]) == (before, counted)


def test_event_is_stored_before_the_change_that_it_tells_of(shop: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the two, the next collection sees the same change once more and tells the same event."""
    shop.collect(repos=[SHOP])
    shop.gh.state.fix_alert(SHOP, KIND, 1, at=NOW - 7 * DAY)
    write = shop.lake.store.write

    def fails_for_alerts(name: str, *rest: Any, **named: Any) -> str:
        if name.startswith("tables/alerts/"):
            raise StoreError("The disk is gone.")
        return write(name, *rest, **named)

    monkeypatch.setattr(shop.lake.store, "write", fails_for_alerts)
    assert shop.collect(repos=[SHOP]).problem == "The disk is gone."
    assert (alert(shop)["state"], [action for action, _, _ in events(shop)]) == ("open", ["created", "fixed"])
    monkeypatch.undo()
    assert shop.collect(repos=[SHOP]).exit_code == 0
    assert (alert(shop)["state"], [action for action, _, _ in events(shop)]) == ("fixed", ["created", "fixed"])


def test_alert_that_is_reopened_while_it_is_read_is_counted_once(shop: Collector) -> None:
    shop.gh.state.fix_alert(SHOP, KIND, 1, at=NOW - 7 * DAY)
    shop.collect(repos=[SHOP])
    again = faults.hook(lambda _: shop.gh.state.reopen_alert(SHOP, KIND, 1, at=NOW))
    shop.gh.faults.add(again, path="/code-scanning/alerts")
    shop.collect(repos=[SHOP])
    shop.collect(repos=[SHOP])
    assert (alert(shop)["state"], alert(shop)["reopened_count"]) == ("open", 1)
