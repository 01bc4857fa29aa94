"""No page fails on data that is odd, and none shows a traceback."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.app.conftest import Fill, Open, texts
from tests.builders import NOW, Row, alert, collection, repository, run, workflow

VIEWS = (
    *("overview", "at_risk", "repository", "workflows", "workflow_analysis", "flaky_and_cost", "delivery"),
    *("remediation", "alerts", "sla", "data"),
)
LATER = NOW + timedelta(days=400)
LONG_AGO = datetime(2016, 7, 1, tzinfo=UTC)

ODD: dict[str, dict[str, list[Row]]] = {
    "empty": {},
    "single row": {"alerts": [alert()], "workflow_runs": [run()], "workflows": [workflow()]},
    "all open": {
        "alerts": [alert(number=n) for n in range(3)],
        "workflow_runs": [run(status="queued", conclusion=None)],
    },
    "closed before created": {"alerts": [alert(created_at=NOW - timedelta(days=1), closed_at=NOW - timedelta(days=2))]},
    "unknown severity": {
        "alerts": [alert(severity="unknown"), alert(number=2, severity="Grave"), alert(number=3, severity=None)]
    },
    "future": {"alerts": [alert(created_at=LATER)], "workflow_runs": [run(created_at=LATER)]},
    "ten years old": {
        "alerts": [
            alert(created_at=LONG_AGO, closed_at=LONG_AGO + timedelta(days=3)),
            alert(number=2, created_at=LONG_AGO),
        ],
        "workflow_runs": [run(created_at=LONG_AGO)],
        "collections": [collection(started_at=LONG_AGO)],
    },
    "nameless": {
        "workflow_runs": [run(workflow_name=None, workflow_path=None, workflow_id=None, branch=None, html_url=None)]
    },
    "marked up": {
        "repositories": [repository(repo="a/<b>$x$`c`")],
        "workflow_runs": [run(repo="a/<b>$x$`c`", workflow_name="[click](javascript:alert(1))", conclusion="failure")],
        "alerts": [alert(repo="a/<b>$x$`c`", number=n, rule_name="<script>$x$", path=None) for n in range(5)],
    },
}


@pytest.mark.parametrize(("odd", "range_"), [*((odd, "90d") for odd in ODD), ("ten years old", "all")])
def test_no_page_fails(fill: Fill, open_page: Open, odd: str, range_: str) -> None:
    fill(**ODD[odd])
    for view in VIEWS:
        app = open_page(view, range=range_)
        assert not app.error, (view, app.error[0].value)
        assert "Traceback" not in texts(app)
