"""Small worlds of rows for property tests: few repositories, times on both sides of a range's edges."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from shared.datasets.alerts import KINDS, SEVERITIES
from tests.builders import NOW, Row, alert, run

REPOS = ("acme/api", "acme/web", "globex/api")

CONCLUSIONS = ("success", "success", "failure", "timed_out", "startup_failure", "cancelled", "skipped", None)


def times(days: int = 200) -> st.SearchStrategy[datetime]:
    """Whole hours around NOW, a few of them in the future, so that equal times are likely."""
    return st.integers(-days * 24, 72).map(lambda hours: NOW + timedelta(hours=hours))


@st.composite
def _alert(draw: st.DrawFn, number: int) -> Row:
    state = draw(st.sampled_from(("open", "open", "fixed", "fixed", "dismissed", "auto_dismissed")))
    return alert(
        repo=draw(st.sampled_from(REPOS)),
        number=number,
        kind=draw(st.sampled_from(KINDS)),
        state=state,
        severity=draw(st.sampled_from(SEVERITIES)),
        tool=draw(st.sampled_from(("CodeQL", "Trivy", None))),
        cwe_family=draw(st.sampled_from(("injection", "xss", None))),
        created_at=draw(times()),
        closed_at=None if state == "open" else draw(times()),
    )


@st.composite
def _run(draw: st.DrawFn, run_id: int) -> Row:
    conclusion = draw(st.sampled_from(CONCLUSIONS))
    created_at = draw(times())
    return run(
        repo=draw(st.sampled_from(REPOS)),
        run_id=run_id,
        workflow_id=draw(st.sampled_from((7, None))),
        workflow_name="build",
        branch=draw(st.sampled_from(("main", "main", "topic"))),
        event=draw(st.sampled_from(("push", "schedule", "pull_request"))),
        is_latest_attempt=draw(st.integers(0, 5)) > 0,
        status="completed" if conclusion else "in_progress",
        conclusion=conclusion,
        created_at=created_at,
        run_started_at=created_at + timedelta(minutes=draw(st.integers(0, 9))),
        completed_at=created_at + timedelta(minutes=draw(st.integers(10, 300))) if conclusion else None,
    )


def alerts(size: int = 25) -> st.SearchStrategy[list[Row]]:
    return st.integers(0, size).flatmap(lambda n: st.tuples(*[_alert(number) for number in range(n)])).map(list)


def runs(size: int = 25) -> st.SearchStrategy[list[Row]]:
    return st.integers(0, size).flatmap(lambda n: st.tuples(*[_run(run_id) for run_id in range(1, n + 1)])).map(list)
