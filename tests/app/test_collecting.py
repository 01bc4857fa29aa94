"""Collections that operators start on the Data page: one at a time with those of the API, followed to their end."""

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from frontend import collecting, writing
from shared.access.reach import OutOfReach
from shared.access.roles import Caller
from shared.collecting import runner as module
from shared.collecting.asked import Asked
from shared.collecting.choices import CHOICES
from shared.collecting.runner import Runner
from shared.datasets import COLLECTIONS
from shared.lake.opening import open_lake, open_store
from shared.settings import load_settings
from tests.app.conftest import Fill, Open, Visitors, texts
from tests.builders import collection, run

ADA = Caller("ada", "operator")
POLL = Asked(kind="poll", orgs=("acme",))
PATIENCE_S = 20

DONE = 'print("12 rows stored from 3 of 3 sources.")'
FAILS = 'import sys; print("[1/3] acme: found", flush=True); sys.exit("fettle: GitHub refused the token.")'
WAITS = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
print("[3/12] acme/web: alerts: 7 rows", flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Has GitHub readable, and ends what a test has started."""
    monkeypatch.setenv("GITHUB_TOKEN", "a token of nobody")
    yield
    collecting.end_collections()


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[Asked]]:
    """Has collections be a line of Python; gives what was asked of them."""
    asked: list[Asked] = []

    def be(line: str) -> list[Asked]:
        def said(wanted: Asked) -> list[str]:
            asked.append(wanted)
            return [sys.executable, "-S", "-c", line]

        monkeypatch.setattr(module, "_command", said)
        monkeypatch.setattr(module, "BEAT_S", 0.05)
        return asked

    return be


def known_collection(repo: str) -> dict[str, object]:
    return collection(repo=repo, dataset="repositories")


def offered(app: AppTest) -> bool:
    return "start_collection" in {button.key for button in app.button}


def start(
    app: AppTest, *names: str, datasets: tuple[str, ...] = (), kind: str | None = None, since: date | None = None
) -> AppTest:
    """Fills in the form and sends it."""
    if kind:
        app.button_group(key="collect_kind").set_value(kind).run()
    app.multiselect(key="collect_names").set_value(list(names))
    app.multiselect(key="collect_datasets").set_value(list(datasets))
    if since:
        app.date_input(key="collect_since").set_value(since)
    app.button(key="start_collection").click().run()
    assert not app.exception
    return app


def until_ended() -> None:
    for thread in threading.enumerate():
        if thread.name == "collecting":
            thread.join(PATIENCE_S)
    assert collecting.started().running is None


def until_printed() -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not ((running := collecting.started().running) and running.lines):
        assert time.monotonic() < deadline, "nothing was printed"
        time.sleep(0.05)


def audited() -> list[tuple[str, str, str]]:
    lake = open_lake(load_settings())
    try:
        rows = lake.tables("real")["audit_log"].to_pyarrow().to_pylist()
    finally:
        lake.close()
    return sorted((row["action"], row["user"], row["resource"]) for row in rows)


def test_operators_alone_are_offered_it(fill: Fill, open_page: Open, visitors: Visitors) -> None:
    fill(collections=[known_collection("acme/web")])
    visitors.now = ADA
    assert offered(open_page("data"))
    for other in (Caller("vic", "viewer"), Caller("ann", "operator", frozenset({"acme/web"}))):
        visitors.now = other
        app = open_page("data")
        assert not offered(app)
        assert "collection" not in " ".join(expander.label for expander in app.expander)


def test_others_start_and_stop_nothing_by_whatever_way(
    fill: Fill, visitors: Visitors, command: Callable[[str], list[Asked]]
) -> None:
    fill(collections=[known_collection("acme/web")])
    begun = command(DONE)
    visitors.now = Caller("vic", "viewer")
    for forbidden in (lambda: writing.start_collection(POLL), writing.stop_collection):
        with pytest.raises(writing.NotAllowed, match="vic is a viewer"):
            forbidden()
    visitors.now = Caller("ann", "operator", frozenset({"acme/web"}))
    for forbidden in (lambda: writing.start_collection(POLL), writing.stop_collection):
        with pytest.raises(OutOfReach, match="ann may see"):
            forbidden()
    assert not begun


def test_it_is_started_followed_and_the_page_shows_what_it_brought(
    fill: Fill, open_page: Open, visitors: Visitors, command: Callable[[str], list[Asked]]
) -> None:
    fill(collections=[known_collection("acme/web")])
    asked = command(WAITS)
    visitors.now = ADA
    app = start(open_page("data"), "octo-org", "acme/web", datasets=("alerts", "scans"))
    assert [(one.kind, one.orgs, one.repos, one.datasets) for one in asked] == [
        ("poll", ("octo-org",), ("acme/web",), ("alerts", "scans"))
    ]
    assert "**A collection runs.** Started by ada at" in texts(app)
    assert not offered(app), "one at a time"
    until_printed()
    app.run()
    assert "What is new · octo\\-org, acme\\/web · Security alerts, Code scanning analyses" in texts(app)
    assert "[3/12] acme/web: alerts: 7 rows" in app.code[0].value
    (bar,) = app.get("progress")
    assert bar.proto.text == "3 of 12 steps known so far"

    fill(collections=[known_collection("acme/shop")], workflow_runs=[run(run_id=n) for n in (1, 2, 3)])
    collecting.runner().stop("ada")
    until_ended()
    app.run()
    assert "was stopped by ada" in texts(app)
    assert offered(app)
    assert {metric.label: metric.value for metric in app.metric}["Repositories"] == "2", "read anew, not remembered"
    assert audited() == [("collection.poll", "ada", "octo-org, acme/web")]


def test_without_names_all_is_read_that_was_before_and_a_good_end_is_told(
    fill: Fill, open_page: Open, command: Callable[[str], list[Asked]]
) -> None:
    fill(collections=[known_collection(name) for name in ("acme/*", "acme/web", "octo/robot")])
    asked = command(DONE)
    app = open_page("data")
    assert app.multiselect(key="collect_names").options == ["acme", "acme/web", "octo/robot"]
    start(app)
    until_ended()
    app.run()
    (one,) = asked
    assert (one.orgs, one.repos) == (("acme",), ("octo/robot",))
    said = r"ended well after \d+ s \(exit code 0\)\. 12 rows stored from 3 of 3 sources\\\."
    assert re.search(said, app.success[0].value)


def test_one_that_fails_says_why(fill: Fill, open_page: Open, command: Callable[[str], list[Asked]]) -> None:
    fill(collections=[known_collection("acme/web")])
    command(FAILS)
    app = start(open_page("data"))
    until_ended()
    app.run()
    (error,) = app.error
    assert "The last collection, by local at " in error.value
    assert re.search(r"failed after \d+ s \(exit code 1\)\. GitHub refused the token\\\.", error.value)
    assert "[1/3] acme: found" in app.code[0].value


def test_a_second_one_is_refused_in_a_sentence_then_followed_and_stopped(
    fill: Fill, open_page: Open, visitors: Visitors, command: Callable[[str], list[Asked]]
) -> None:
    fill(collections=[known_collection("acme/web")])
    asked = command(WAITS)
    visitors.now = ADA
    app = open_page("data")
    api = Runner(open_store(load_settings()))
    api.start(Asked(kind="refresh", repos=("acme/web",)), "Nightly")
    try:
        start(app)
        (error,) = app.error
        assert error.value.startswith("A refresh that Nightly started at")
        assert error.value.endswith("still runs\\; wait for its end\\.")
        until_printed()
        app.run()
        assert "**A collection runs.** Started by Nightly at" in texts(app)
        app.button(key="stop_collection").click().run()
        assert not app.exception
        assert "ada has told it to end; it stores what it has read." in texts(app)
    finally:
        until_ended()
        api.close()
    assert len(asked) == 1
    ended = collecting.started().ended[0]
    assert (ended.by, ended.status, ended.stopped_by) == ("Nightly", "stopped", "ada")
    assert audited() == [("collection.stop", "ada", "acme/web")]


def test_what_cannot_be_read_is_said_at_its_field(open_page: Open, command: Callable[[str], list[Asked]]) -> None:
    begun = command(DONE)
    app = open_page("data")
    assert "Nothing was collected before: name an organisation or a repository" in texts(app)
    told = {
        "none": start(app).error[0].value,
        "typed": start(app, "--since=2000").error[0].value,
        "refresh": start(app, "acme", kind="refresh").error[0].value,
        "since": start(app, "acme", kind="backfill").error[0].value,
    }
    assert told == {
        "none": "Nothing was collected before; name organisations or repositories.",
        "typed": "`--since=2000` is not a name on GitHub: type an organisation such as octo-org, or a repository such "
        "as octo-org/octo-repo.",
        "refresh": "Name the repositories to read again, such as octo-org/octo-repo; organisations are not, as a "
        "whole.",
        "since": "Choose the day to reach back to.",
    }
    assert not begun


def test_a_day_to_reach_back_to_is_handed_on(open_page: Open, command: Callable[[str], list[Asked]]) -> None:
    asked = command(DONE)
    day = datetime.now(UTC).date() - timedelta(days=30)
    start(open_page("data"), "acme", kind="backfill", since=day)
    until_ended()
    assert [(one.kind, one.orgs, one.since, one.full) for one in asked] == [("backfill", ("acme",), day, False)]


def test_without_a_token_the_next_step_is_named(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    app = open_page("data")
    assert not offered(app)
    assert "GitHub cannot be read from here: set GITHUB_TOKEN, or GITHUB_APP_ID" in texts(app)
    with pytest.raises(collecting.NothingToReadWith):
        writing.start_collection(POLL)


@pytest.mark.parametrize(
    ("kind", "names", "datasets", "since", "fields"),
    [
        ("anything", ["acme"], [], None, {"kind"}),
        ("poll", ["acme/.."], ["passwords"], None, {"names", "datasets"}),
        ("poll", ["a" * 101], [], None, {"names"}),
        ("poll", ["acme/" + "a" * 200], [], None, {"names"}),
        ("poll", [f"acme/r{n}" for n in range(101)], [], None, {"names"}),
        ("backfill", ["acme"], [], date(1999, 1, 1), {"since"}),
        ("backfill", ["acme"], [], date(9999, 1, 1), {"since"}),
    ],
)
def test_the_rules_are_those_of_the_api(
    kind: str, names: list[str], datasets: list[str], since: date | None, fields: set[str]
) -> None:
    with pytest.raises(collecting.Unusable) as refused:
        collecting.asked(kind, names, datasets, since)  # type: ignore[arg-type]
    assert set(refused.value.problems) == fields


def test_whatever_the_api_takes_the_form_hands_on() -> None:
    asked = collecting.asked("refresh", ["acme/web"], list(CHOICES), date(2026, 1, 1))
    assert (asked.repos, asked.datasets, asked.since, asked.full) == (("acme/web",), CHOICES, None, True)


def test_the_end_of_the_pages_ends_a_collection_in_good_order(
    fill: Fill, open_page: Open, command: Callable[[str], list[Asked]]
) -> None:
    fill(**{COLLECTIONS.name: [known_collection("acme/web")]})
    command(WAITS)
    start(open_page("data"))
    until_printed()
    collecting.end_collections()
    ended = collecting.started().ended[0]
    assert (ended.status, ended.exit_code, ended.stopped_by) == ("stopped", 130, None)
    assert not [thread for thread in threading.enumerate() if thread.name == "collecting"]
