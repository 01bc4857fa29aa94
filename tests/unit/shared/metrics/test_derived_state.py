"""Derived states of alerts and findings against the same rules in plain Python, and the search over them."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrics.findings.search import MOST_WORDS, matching, searchable
from shared.metrics.findings.timeline import timeline
from tests.builders import NOW, Row, agent_session, alert, alert_event, decision, finding, pull_request
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, scope, tables_of
from tests.unit.shared.metrics.strategies import alerts, times

DAY = timedelta(days=1)


def ref(row: Row, form: int) -> str:
    """One of the forms in which an alert is referred to."""
    words = row["kind"].replace("_", "-")
    return (
        f"{row['repo']}/{row['kind']}/{row['number']}",
        f"https://github.com/{row['repo']}/security/{words}/{row['number']}",
        f"https://ghe.acme.com/api/v3/repos/{row['repo']}/{words}/alerts/{row['number']}".upper(),
    )[form]


@st.composite
def worlds(draw: st.DrawFn) -> Any:
    """Alerts with pull requests, sessions and decisions about some of them."""
    rows = draw(alerts(8))
    world: dict[str, list[Row]] = {"alerts": rows, "pull_requests": [], "agent_sessions": [], "triage": []}
    for n in range(draw(st.integers(0, 9)) if rows else 0):
        about = draw(st.sampled_from(rows))
        created = max(draw(times(20)), about["created_at"])  # nobody works on what is not there yet
        later = created + timedelta(hours=draw(st.integers(1, 200)))
        named = [ref(about, draw(st.integers(0, 2)))]
        kind = draw(st.sampled_from(("merged", "closed", "open", "running", "finished", "decided")))
        if kind in ("merged", "closed", "open"):
            ends = {"merged_at": later} if kind == "merged" else {"closed_at": later} if kind == "closed" else {}
            world["pull_requests"].append(
                pull_request(number=n, alert_refs=named, created_at=created, state=kind, **ends)
            )
        elif kind == "decided":
            code = draw(st.sampled_from(("false_positive", "wont_fix", "risk_accepted", "reopened")))
            subject = f"alert:{about['repo']}/{about['kind']}/{about['number']}"
            expires = draw(st.sampled_from((None, later)))
            at = created + timedelta(seconds=n)
            world["triage"].append(decision(subject=subject, decision=code, decided_at=at, expires_at=expires))
        else:
            ended = later if kind == "finished" else None
            session = agent_session(
                session_id=f"{n}", alert_refs=named, created_at=created, ended_at=ended, status=kind
            )
            world["agent_sessions"].append(session)
    return world


def plain_state(row: Row, world: dict[str, list[Row]], now: datetime) -> str:
    """The definition of an alert's state."""
    names = {ref(row, form).lower() for form in range(3)}

    def about(other: Row) -> bool:
        return other["created_at"] < now and any(name.lower() in names for name in other["alert_refs"])

    def before(time: datetime | None) -> bool:
        return time is not None and time < now

    pulls = [pull for pull in world["pull_requests"] if about(pull)]
    merged = [
        pull["merged_at"] for pull in pulls if before(pull["merged_at"]) and pull["merged_at"] >= row["created_at"]
    ]
    fixed_at = row["closed_at"] if row["state"] == "fixed" and before(row["closed_at"]) else None
    decided = plain_decision(row, world, now)
    ladder = {
        "verified_fixed": merged and fixed_at and fixed_at >= min(merged),
        "pr_merged": merged,
        "pr_open": any(not before(pull["merged_at"]) and not before(pull["closed_at"]) for pull in pulls),
        "session_dispatched": any(about(made) and not before(made["ended_at"]) for made in world["agent_sessions"]),
        "fixed": fixed_at,
        str(decided): decided and decided != "reopened",
        "dismissed": before(row["closed_at"]) and not decided,
    }
    return next((state for state, true in ladder.items() if true), "new")


def plain_decision(row: Row, world: dict[str, list[Row]], now: datetime) -> str | None:
    """The decision in force."""
    subject = f"alert:{row['repo']}/{row['kind']}/{row['number']}"
    taken = [made for made in world["triage"] if made["subject"] == subject and made["decided_at"] <= now]
    last = max(taken, key=lambda made: made["decided_at"], default=None)
    return None if last is None or (last["expires_at"] and last["expires_at"] <= now) else str(last["decision"])


@few(10)
@given(worlds())
def test_states_are_as_defined(ask: Ask, world: Any) -> None:
    question = scope(30)
    shown = [
        row for row in world["alerts"]
        if (row["created_at"] < NOW or (row["closed_at"] or NOW) < NOW)
        and not (row["closed_at"] and row["closed_at"] < NOW and row["closed_at"] < NOW - 30 * DAY)
    ]  # fmt: skip
    expected = {f"alert:{r['repo']}/{r['kind']}/{r['number']}": plain_state(r, world, NOW) for r in shown}
    assert {row["subject"]: row["state"] for row in ask("alert_list", question, **world)} == expected
    counts = {row["state"]: row["n"] for row in ask("alert_states", question, **world)}
    assert counts == Counter(expected.values())


def states(ask: Ask, until: datetime = NOW, **world: Any) -> list[str]:
    return [row["state"] for row in ask("alert_list", scope(90, until), **world)]


def test_a_merge_before_an_alert_was_reopened_is_of_its_earlier_life(ask: Ask) -> None:
    world: Any = {"pull_requests": [pull_request(merged_at=NOW - 2 * DAY)], "alerts": [alert()]}
    assert states(ask, **world) == ["pr_merged"]
    reopened = alert_event(action="reopened", at=NOW - DAY)
    assert states(ask, **world, alert_events=[reopened]) == ["recurring"]
    assert states(ask, until=NOW - DAY, **world, alert_events=[reopened]) == ["pr_merged"]


def test_a_pull_request_that_names_no_alert_stands_for_its_sessions(ask: Ask) -> None:
    pull = pull_request(alert_refs=[], session_id="a" * 32)
    assert states(ask, alerts=[alert()], pull_requests=[pull], agent_sessions=[agent_session()]) == ["pr_open"]


def test_a_ticket_is_the_alert_of_that_fingerprint(ask: Ask) -> None:
    pull = pull_request(alert_refs=["CQLF-R1-0001"])
    assert states(ask, alerts=[alert(fingerprint="CQLF-R1-0001")], pull_requests=[pull]) == ["pr_open"]


def test_a_decision_holds_until_it_expires(ask: Ask) -> None:
    taken = decision(decided_at=NOW - 5 * DAY, decision="risk_accepted", expires_at=NOW - DAY)
    for until, state in ((NOW - 6 * DAY, "new"), (NOW - 2 * DAY, "risk_accepted"), (NOW, "new")):
        assert states(ask, until=until, alerts=[alert()], triage=[taken]) == [state]


FINDING = finding(first_seen=NOW - 9 * DAY)


@pytest.mark.parametrize(
    ("values", "until", "state"),
    [
        ({}, NOW, "new"),
        ({"appearances": 3}, NOW, "recurring"),
        ({"fixed_at": NOW - DAY}, NOW, "fixed"),
        ({"fixed_at": NOW - DAY}, NOW - 2 * DAY, "new"),
        ({"fixed_at": NOW - 120 * DAY}, NOW, None),
        ({"first_seen": NOW + DAY}, NOW, None),
    ],
)
def test_findings_are_judged_as_of_the_end_of_the_range(
    ask: Ask, values: dict[str, Any], until: datetime, state: str | None
) -> None:
    found = ask("finding_list", scope(90, until), findings=[{**FINDING, **values}])
    assert [row["state"] for row in found] == ([] if state is None else [state])


def test_work_on_a_finding_is_that_on_its_alert(ask: Ask) -> None:
    world: Any = {"findings": [FINDING], "alerts": [alert()], "pull_requests": [pull_request()]}
    assert ask("finding_states", scope(), **world) == [{"state": "pr_open", "n": 1}]
    decided = decision(subject=f"finding:acme/api/CodeQL/{'f' * 20}")
    assert ask("finding_states", scope(), findings=[FINDING], triage=[decided]) == [{"state": "false_positive", "n": 1}]


TEXTS = ("py/sql-injection app/db.py", "GHSA-35JH-R3H4 lodash", 'it\'s 100% "odd" \\ _ %', "")


@few(20)
@given(st.text(max_size=30) | st.sampled_from([" ".join(text.split()[::-1]) for text in TEXTS]))
def test_search_finds_where_all_words_occur(ask: Ask, text: str) -> None:
    rows = ibis.memtable(pa.table({"text": list(TEXTS)}))
    found = ask.rows(matching(rows.mutate(search=searchable(rows.text, ibis.null("string"))), text))
    words = text.lower().split()[:MOST_WORDS]
    assert [row["text"] for row in found] == [known for known in TEXTS if all(w in known.lower() for w in words)]


def test_search_is_over_what_people_know_an_alert_by(ask: Ask) -> None:
    rows = [alert(ghsa_id="GHSA-1", cve_id="CVE-2026-7", package="lodash", cwes=["CWE-89", "CWE-564"])]
    (found,) = ask("alert_list", scope(), alerts=rows)
    for word in (
        "acme/api",
        "py/sql-injection",
        "SQL injection",
        "app/db.py",
        "ghsa-1",
        "cve-2026-7",
        "lodash",
        "cwe-564",
    ):
        assert word.lower() in found["search"]


def test_a_timeline_tells_each_happening_once(ask: Ask) -> None:
    closed = NOW - DAY
    world = {
        "alerts": [alert(closed_at=closed)],
        "alert_events": [alert_event(at=closed, actor="octocat")],
        "pull_requests": [pull_request(merged_at=NOW - 2 * DAY), pull_request(number=6, alert_refs=[])],
        "triage": [decision(), decision(subject="alert:acme/api/code_scanning/2")],
    }
    steps = ask.rows(timeline(tables_of(world), scope(), "alert:acme/api/code_scanning/1"))
    assert [(step["what"], step["who"]) for step in steps] == [
        ("created", None),
        ("pull_request_opened", "octocat"),
        ("pull_request_merged", "octocat"),
        ("fixed", "octocat"),
        ("false_positive", "octocat"),
    ]
    assert ask.rows(timeline(tables_of(world), scope(), "alert:nobody")) == []
