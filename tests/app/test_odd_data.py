"""No page fails on data that is odd, and none shows a traceback."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from frontend.components.repository import PARTS
from frontend.filters import CUSTOMER, PART, REPOSITORY
from shared.datasets import ACTIVITY_EVENTS
from shared.datasets.activity_events import EVENT_TYPES
from tests.app.conftest import Fill, Open, texts
from tests.builders import (
    NOW,
    Row,
    activity,
    alert,
    collection,
    customer,
    rating,
    repository,
    request,
    run,
    threat,
    workflow,
)

VIEWS = (
    *("overview", "at_risk", "repository", "workflows", "workflow_analysis", "flaky_and_cost", "delivery"),
    *("remediation", "alerts", "sla", "customers", "customer", "api_and_models", "threats_and_feedback", "data"),
)
LATER = NOW + timedelta(days=400)
LONG_AGO = datetime(2016, 7, 1, tzinfo=UTC)

MARKED = "a/<b>$x$`c`"
NAMES = ("\"quoted\" 'twice'", "two\nlines\r\nand three", "\u202eevil\u202c שלום", "x" * 10_000, "=1+1", "  ", "a\0b")
"""Names that have broken pages and tables elsewhere."""

ODD: dict[str, dict[str, list[Row]]] = {
    "empty": {},
    "single row, marked up": {
        "repositories": [repository(repo=MARKED)],
        "workflow_runs": [run(repo=MARKED, workflow_name="[click](javascript:alert(1))", conclusion="failure")],
        "alerts": [alert(repo=MARKED, rule_name="<script>$x$", path=None)],
        "customers": [customer(customer_id=MARKED, name="[click](javascript:alert(1)) **$x$**")],
        "activity_events": [activity("feature", customer_id=MARKED, feature_name="<img src=x>", recorded_by="`$x$`")],
        "requests": [request(model=MARKED, country="??", user="<b>", status=None, latency_ms=None, cost_usd=None)],
        "feedback": [rating(comment="<script>$x$", user=MARKED), rating(2, rating=9)],
        "threats": [threat(type=MARKED, severity="Grave", description="[click](javascript:alert(1)) `$x$`")],
    },
    "names": {
        "repositories": [repository(repo=f"acme/{name}") for name in NAMES],
        "workflow_runs": [
            run(
                run_id=700 + n,
                repo=f"acme/{name}",
                workflow_name=name,
                branch=name,
                conclusion=("failure", "success")[n % 2],
            )
            for n, name in enumerate(NAMES)
        ],
        "alerts": [
            alert(number=n, repo=f"acme/{name}", rule_name=name, path=name, tool=name) for n, name in enumerate(NAMES)
        ],
        "requests": [request(n, model=name, user=name, endpoint=name) for n, name in enumerate(NAMES)],
        "feedback": [rating(n, comment=name, user=name) for n, name in enumerate(NAMES)],
        "threats": [threat(n, description=name, raw_excerpt=name, user=name) for n, name in enumerate(NAMES)],
        "customers": [customer(customer_id=f"c{n}", name=name, owner=name) for n, name in enumerate(NAMES)],
        "activity_events": [
            activity(kind, customer_id=f"c{n}", feature_name=name, endpoint=name, recorded_by=name)
            for n, name in enumerate(NAMES)
            for kind in EVENT_TYPES
        ],
    },
    "all open": {
        "alerts": [alert(number=n) for n in range(3)],
        "workflow_runs": [run(status="queued", conclusion=None)],
        "workflows": [workflow()],
    },
    "unknown severity, closed before created, nameless": {
        "alerts": [
            alert(severity="unknown", created_at=NOW - timedelta(days=1), closed_at=NOW - timedelta(days=2)),
            alert(number=2, severity="Grave"),
            alert(number=3, severity=None),
        ],
        "workflow_runs": [run(workflow_name=None, workflow_path=None, workflow_id=None, branch=None, html_url=None)],
        "customers": [{**customer(), "name": None, "segment": None, "owner": None, "created_at": None}],
        "activity_events": [
            {
                **dict.fromkeys(ACTIVITY_EVENTS.schema.names),
                "event_id": kind,
                "customer_id": "acme",
                "type": kind,
                "at": NOW,
            }
            for kind in (*EVENT_TYPES, "party")
        ],
    },
    "future": {
        "alerts": [alert(created_at=LATER)],
        "workflow_runs": [run(created_at=LATER)],
        "customers": [customer(created_at=LATER), customer(customer_id="b")],
        "activity_events": [activity(kind, at=LATER) for kind in EVENT_TYPES],
        "requests": [request(at=LATER)],
        "feedback": [rating(at=LATER)],
        "threats": [threat(at=LATER)],
    },
    "ten years old": {
        "alerts": [
            alert(created_at=LONG_AGO, closed_at=LONG_AGO + timedelta(days=3)),
            alert(number=2, created_at=LONG_AGO),
        ],
        "workflow_runs": [run(created_at=LONG_AGO)],
        "collections": [collection(started_at=LONG_AGO)],
        "customers": [customer(created_at=LONG_AGO)],
        "activity_events": [activity(kind, at=LONG_AGO) for kind in EVENT_TYPES],
    },
}
ODD["all of these at once"] = {
    dataset: [
        {**row, **({"number": 100 * place + row["number"]} if "number" in row else {})}
        for place, world in enumerate(ODD.values())
        for row in world.get(dataset, [])
    ]
    for dataset in dict.fromkeys(name for world in ODD.values() for name in world)
}
QUICK = ("empty", "all of these at once")
"""Worlds for every day: to walk all pages takes some seconds, and each of the others is part of the last."""

LONG_AGO_RANGE = "2016-06-01..2016-08-29"
"""Ninety days, as those that pages begin with, since a question of another length takes long to prepare."""


@pytest.mark.parametrize(
    "odd", [*QUICK, *(pytest.param(odd, marks=pytest.mark.slow) for odd in ODD if odd not in QUICK)]
)
def test_no_page_fails(every_page: "EveryPage", odd: str) -> None:
    every_page(odd, LONG_AGO_RANGE if odd == "ten years old" else "90d")


@pytest.mark.slow
@pytest.mark.parametrize("odd", list(ODD))
def test_no_page_fails_without_a_beginning(every_page: "EveryPage", odd: str) -> None:
    every_page(odd, "all")


EveryPage = Callable[..., None]


@pytest.fixture
def every_page(fill: Fill, open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> EveryPage:
    """Looks at every page of an odd world: every_page("empty", "90d").

    One session walks all pages, since every page shares most of its questions with the others.
    """
    policy = tmp_path / "policy.toml"
    policy.write_text('[delivery]\ndeployments = ["*/*:*"]\n')
    monkeypatch.setenv("FETTLE_POLICY", str(policy))

    def walk(odd: str, days: str) -> None:
        fill(**ODD[odd])
        app = open_page("overview", range=days)
        for view in VIEWS[1:]:
            look(app, view)
            customers = [box for box in app.selectbox if box.key == CUSTOMER]
            for place in range(len(customers[0].options) if customers else 0):
                box = next(box for box in app.selectbox if box.key == CUSTOMER)
                box.select_index(place)
            look(app, view)
            boxes = [box for box in app.selectbox if box.key == REPOSITORY and box.options]
            if boxes:
                boxes[0].select_index(0)
                for part in PARTS:
                    app.session_state[PART] = part
                    look(app, view)

    return walk


def look(app: AppTest, view: str) -> AppTest:
    """A page in the same session; it may say that there is nothing to see, but not fail."""
    app.switch_page(f"views/{view}.py").run()
    assert not app.exception, (view, app.exception[0].message)
    assert not app.error, (view, app.error[0].value)
    assert "Traceback" not in texts(app)
    return app
