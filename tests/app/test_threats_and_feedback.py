"""The page Threats and feedback: what is unresolved, resolving several at once, and how users rated."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from shared.lake.opening import open_lake
from shared.settings import load_settings
from shared.usage.resolving import resolve_threats
from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, Row, rating, request, threat

DAY = timedelta(days=1)


def some(source: str = "api") -> dict[str, list[Row]]:
    return {
        "threats": [
            threat(1, source=source),
            threat(2, severity="critical", type="replay", source=source),
            threat(3, resolved_at=NOW - DAY, at=NOW - 2 * DAY, source=source),
        ],
        "feedback": [rating(1, comment="Good", source=source), rating(2, rating=1, at=NOW - 20 * DAY, source=source)],
        "requests": [request(1, source=source)],
    }


def threats(app: AppTest) -> list[str]:
    return next(table.value["type"].tolist() for table in app.dataframe if "severity" in table.value.columns)


def test_the_worst_unresolved_threat_is_on_top_and_the_range_narrows(fill: Fill, open_page: Open) -> None:
    fill(**some())
    app = open_page("threats_and_feedback", range="7d")
    shown = figures(app)
    assert (shown["Unresolved threats"], shown["Threats seen"], shown["Critical"]) == ("2", "3", "1")
    assert shown["Mean rating"] == "4.00 of 5"
    assert threats(app) == ["Replay", "Rate limit"]
    app.button_group(key="range").set_value("30d").run()
    assert figures(app)["Mean rating"] == "2.50 of 5"


def test_a_link_shows_the_resolved_ones_too(fill: Fill, open_page: Open) -> None:
    fill(**some())
    app = open_page("threats_and_feedback", unresolved="false")
    assert not app.toggle(key="unresolved").value
    assert len(threats(app)) == 3


def test_threats_are_resolved_together_and_keep_what_they_say(fill: Fill, open_page: Open) -> None:
    for source in ("api", "demo"):
        rows = some(source)
        fill(threats=[{**row, "threat_id": f"{source}-{row['threat_id']}"} for row in rows["threats"]])
    lake = open_lake(load_settings())
    try:
        ids = ("api-threat-1", "api-threat-2", "api-threat-3", "demo-threat-1", "no such")
        assert resolve_threats(lake, ids, "sam").written == 3
        assert resolve_threats(lake, ids, "kim").written == 0, "a second time changes nothing"
        found = {
            row["threat_id"]: row
            for world in ("real", "demo")
            for row in lake.tables(world)["threats"].to_pyarrow().to_pylist()
        }
    finally:
        lake.close()
    one = found["api-threat-2"]
    assert (one["resolved"], one["resolved_at"], one["resolved_by"], one["severity"]) == (True, NOW, "sam", "critical")
    assert (one["source"], found["demo-threat-1"]["source"]) == ("api", "demo")
    assert found["api-threat-3"]["resolved_by"] is None, "it was resolved before"
    assert not found["demo-threat-2"]["resolved"]
    app = open_page("threats_and_feedback", range="7d")
    assert figures(app)["Unresolved threats"] == "0", "also where it is resolved at this very moment"


def select(app: AppTest, *places: int) -> None:
    """Selects rows of the threats, which AppTest has no way for but to send what a browser would."""
    table = next(one for one in app.dataframe if "severity" in one.value.columns)
    states = app._tree.get_widget_states()
    chosen = json.dumps({"selection": {"rows": places, "columns": [], "cells": []}})
    states.widgets.append(WidgetState(id=table.proto.id, string_value=chosen))
    app._tree = app._run(states)._tree


def test_threats_selected_on_the_page_are_resolved_together(
    fill: Fill, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FETTLE_NOW")
    seen = datetime.now(UTC) - DAY
    kinds = dict(enumerate(("critical", "high", "medium", "low")))
    fill(threats=[threat(n, severity=kind, at=seen, collected_at=seen) for n, kind in kinds.items()])
    app = open_page("threats_and_feedback", range="7d", unresolved="false")
    assert figures(app)["Unresolved threats"] == "4"
    assert not [button for button in app.button if button.key == "resolve"], "nothing is selected"
    select(app, 1, 2)
    assert app.button(key="resolve").label == "Resolve 2 threats"
    app.button(key="resolve").click()
    select(app, 1, 2)
    assert not app.exception
    assert [toast.value for toast in app.toast] == ["2 threats resolved."]
    assert figures(app)["Unresolved threats"] == "2"
    assert "Select threats to resolve them together." in texts(app), "others have moved to where these stood"
    lake = open_lake(load_settings())
    try:
        rows = lake.tables("real")["threats"].to_pyarrow().to_pylist()
    finally:
        lake.close()
    by = {row["severity"]: (row["resolved"], row["resolved_by"]) for row in rows}
    assert by == {
        "critical": (False, None),
        "low": (False, None),
        "high": (True, "form"),
        "medium": (True, "form"),
    }


def test_empty_store_says_what_to_do(open_page: Open) -> None:
    assert "Threats and feedback: nothing collected yet" in texts(open_page("threats_and_feedback"))
