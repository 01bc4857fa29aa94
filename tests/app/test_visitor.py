"""The visitor: what a viewer is offered, whose name is in the audit log, and what a session leaves that has ended."""

import pytest
from streamlit.testing.v1 import AppTest

from frontend import writing
from shared.access.roles import Caller
from shared.errors import SettingsError
from shared.lake.opening import open_lake
from shared.lake.store import StoreUnreachable
from shared.settings import load_settings
from tests.app.conftest import Fill, Open, Visitors, texts
from tests.builders import activity, customer, threat


def buttons(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def test_a_viewer_reads_and_is_told_who_may_write(fill: Fill, open_page: Open, visitors: Visitors) -> None:
    fill(threats=[threat(1)], customers=[customer()], activity_events=[activity("login")])
    visitors.now = Caller("vic", "viewer")
    app = open_page("threats_and_feedback")
    assert app.dataframe
    assert "Threats are resolved by operators; you are signed in as a viewer." in texts(app)
    app = open_page("customer", customer="Acme · acme")
    assert "Events are recorded by operators; you are signed in as a viewer." in texts(app)
    assert "Record" not in buttons(app)
    visitors.now = Caller("ann", "operator")
    assert "Record" in buttons(open_page("customer", customer="Acme · acme"))


def test_the_sidebar_names_who_is_signed_in(fill: Fill, open_page: Open, visitors: Visitors) -> None:
    fill(threats=[threat(1)])
    visitors.now = Caller("ann", "operator")
    assert [text.value for text in open_page("threats_and_feedback").sidebar.text] == ["ann · operator"]


def test_without_sign_in_nobody_is_named(fill: Fill, open_page: Open) -> None:
    fill(threats=[threat(1)])
    app = open_page("threats_and_feedback")
    assert not app.sidebar.text
    assert "operators" not in texts(app)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (None, "Your session has ended; sign in again."),
        (StoreUnreachable("The store does not answer."), "The store does not answer."),
        (SettingsError("The file of users is of no use."), "The file of users is of no use."),
    ],
)
def test_nothing_is_shown_to_who_cannot_be_told(
    fill: Fill, open_page: Open, visitors: Visitors, now: Exception | None, told: str
) -> None:
    fill(threats=[threat(1)])
    visitors.now = now
    app = open_page("threats_and_feedback")
    assert told in texts(app)
    assert not app.dataframe
    assert not app.metric


def test_what_one_has_chosen_is_not_for_the_next_one_in_the_tab(
    fill: Fill, open_page: Open, visitors: Visitors
) -> None:
    fill(threats=[threat(1)])
    visitors.now = Caller("ann", "operator")
    app = open_page("threats_and_feedback")
    app.session_state["theirs"] = "a secret"
    app.run()
    assert app.session_state["theirs"] == "a secret"
    visitors.now = Caller("vic", "viewer")
    app.run()
    assert not app.exception
    assert "theirs" not in app.session_state


def test_a_viewer_writes_nothing_by_whatever_way(fill: Fill, visitors: Visitors) -> None:
    fill(threats=[threat(1)])
    visitors.now = Caller("vic", "viewer")
    with pytest.raises(writing.NotAllowed, match="vic is a viewer; an operator may do that"):
        writing.resolve_threats(("threat-1",))
    with pytest.raises(writing.NotAllowed):
        writing.record_event({"event_type": "login"})
    visitors.now = Caller("ann", "operator")
    assert writing.resolve_threats(("threat-1",)) == 1
    lake = open_lake(load_settings())
    rows = lake.tables("real")["audit_log"].to_pyarrow().to_pylist()
    lake.close()
    assert [(row["user"], row["action"]) for row in rows] == [("ann", "threats.resolve")]
