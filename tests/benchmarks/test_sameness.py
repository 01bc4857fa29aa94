"""The hand-written SQL of the benchmark is an independent computation: on a small sample it gives the app's rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa
import pytest

from backend.demo.load import load_demo
from backend.demo.size import DemoSize
from frontend import questions
from frontend.options import options
from shared.datasets import DATASETS
from shared.datasets.dataset import DEMO_SOURCE
from shared.lake.reading import Tables
from shared.metrics.sla.worklist import SOON
from shared.policy import Policy
from shared.policy.workflows import DeliveryPolicy
from shared.scope import Scope
from tests.benchmarks.by_sql import FOLDER, BySql
from tests.benchmarks.questions_of_pages import Question, as_frame
from tests.benchmarks.report import with_section
from tests.benchmarks.sameness import differences
from tests.builders import Row, agent_session, alert_event, decision
from tests.lakes import lake_in

NOW = datetime.fromisoformat("2026-11-21T12:00+00:00")
SINCE = NOW - timedelta(days=90)
SIZE = DemoSize(repos=10, days=220, runs=4_000, alerts=500)
POLICY = Policy(delivery=DeliveryPolicy(deployments=("*:Deploy*",)))
RANGE = Scope(until=NOW, since=SINCE)

NAMES = sorted(path.stem for path in FOLDER.glob("*.sql") if path.stem != "as_of_a_time_past")
TYPICAL = (
    *("alert_states", "open_alerts.severity", "sla_summary.severity", "success_rate", "workflow_state", "options"),
    *("first_rows.alert_list", "receipt.time_to_remediate", "health_trend"),
)
"""For every day: what is compared is what `make bench` measures."""

OF_ALL = {"options": options, "row_counts": questions.row_counts, "last_collections": questions.last_collections}


@dataclass(frozen=True)
class Sides:
    """The app's tables and the hand-written side over one store."""

    tables: Tables
    by_sql: BySql


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    folder = tmp_path_factory.mktemp("sameness")
    lake = lake_in(folder, lambda: NOW)
    load_demo(lake, SIZE)
    for name, rows in work_on(lake.tables("demo")["alerts"].to_pyarrow()).items():
        lake.upsert(DATASETS[name], DATASETS[name].table([{**row, "source": DEMO_SOURCE} for row in rows]))
    yield Sides(lake.tables("demo"), BySql(folder / "store", NOW))
    lake.close()


def work_on(alerts: pa.Table) -> dict[str, list[Row]]:
    """What people and agents did about some alerts, before and in the range, by turns."""
    found: dict[str, list[Row]] = {"alert_events": [], "triage": [], "agent_sessions": []}
    for place, row in enumerate(alerts.sort_by("created_at").to_pylist()[::3]):
        key = {name: row[name] for name in ("repo", "kind", "number")}
        subject = "alert:" + "/".join(str(value) for value in key.values())
        begun = row["created_at"] + timedelta(hours=5 + place)
        when = {"decided_at": begun, "expires_at": begun + timedelta(days=60)}
        action = ("dismissed", "reopened", "fixed")[place % 3]
        found["alert_events"].append(alert_event(event_id=str(place), action=action, at=begun, **key))
        found["triage"].append(decision(subject=subject, decision=("wont_fix", "reopened")[place % 2], **when))
        status, end = (("running", None), ("finished", begun + timedelta(days=9)))[place % 2]
        named = {"session_id": str(place), "repo": row["repo"], "status": status, "ended_at": end}
        refs = [subject.removeprefix("alert:").replace("_scanning", "")]
        found["agent_sessions"].append(agent_session(created_at=begun, updated_at=begun, alert_refs=refs, **named))
    return found


def question(name: str, scope: Scope) -> Question:
    """The question that a file of SQL is the counterpart of."""
    kind, _, rest = name.partition(".")
    switches = ("include_archived",) if kind == "repository_health" else ()
    match kind:
        case "first_rows":
            metric, _, column = rest.partition(".")
            return Question(questions.first_rows, (metric, scope, POLICY, ((column, SOON),) if column else ()))
        case "receipt":
            return Question(questions.receipt, (rest, scope, POLICY, ()))
        case "listing":
            return Question(questions.listing, (rest, scope, POLICY, "", (), "created_at"))
        case "repository_links":
            return Question(questions.repository_links, ())
        case _ if kind in OF_ALL:
            return Question(OF_ALL[kind], ())
    return Question(questions.metric, (kind, scope, rest or None, POLICY, switches))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in TYPICAL else pytest.mark.slow) for name in NAMES]
)
def test_the_same_rows_by_hand(name: str, sides: Sides) -> None:
    asked = question(name, RANGE)
    ours = as_frame(asked.function(sides.tables, *asked.details))
    assert asked.name == name
    assert differences(ours, sides.by_sql.ask(asked)) == []
    assert len(ours) or name in ("repository_links", "health_trend", "customer_health_trend")


@pytest.mark.parametrize(
    "name",
    [
        "open_alerts.severity",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("success_rate", "alert_states")),
    ],
)
def test_the_same_rows_as_of_a_time_past(name: str, sides: Sides) -> None:
    asked = question(name, Scope(until=SINCE, since=SINCE - timedelta(days=90)))
    assert differences(as_frame(asked.function(sides.tables, *asked.details)), sides.by_sql.ask(asked)) == []


def test_differences_are_told_and_rounding_is_none() -> None:
    ours = pd.DataFrame({"name": ["a", "b"], "n": [1, 2], "share": [0.1, float("nan")]})
    assert differences(ours, ours.iloc[::-1]) == []
    assert differences(ours, ours.assign(share=[0.1 + 1e-12, float("nan")])) == []
    assert differences(ours, ours.assign(n=[1, 3])) == ["n: 1 of 2 rows, such as 2.0 and 3.0"]
    assert differences(ours, ours.assign(share=[0.1, 0.2]))[0].startswith("share: 1 of 2 rows")
    assert differences(ours, ours.head(1)) == ["2 rows, 1 in the second"]
    assert differences(ours, ours.assign(x=1)) == ["columns x are only in the second"]


def test_a_section_takes_the_place_of_its_own_and_of_no_other() -> None:
    page = with_section(with_section("# Benchmarks\n", "## One\nold"), "## Two\n\n### Part\nkept")
    again = with_section(page, "## One\nnew\n")
    assert again == "# Benchmarks\n\n## One\nnew\n\n## Two\n\n### Part\nkept\n"
