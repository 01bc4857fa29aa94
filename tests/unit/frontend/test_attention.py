"""What needs someone today: which things, in which order, in which words."""

import pandas as pd

from frontend.attention import COLUMNS, needs_attention

HOUR = 3600.0


def states(**values: object) -> pd.DataFrame:
    columns = {
        "state": ["stale", "failing", "failing", "healthy", "inactive"],
        "workflow_name": ["nightly", "lint", "build", "sweep", "old"],
        "repo": "acme/api",
        "failure_streak": [0, 1, 3, 0, 0],
        "days_since_last_run": [20.0, 0.1, 0.1, 0.2, 90.0],
        "days_until_disabled": [None, 40.0, None, 5.2, 0.0],
        "html_url": None,
    }
    return pd.DataFrame({**columns, **values})


def due(*left_h: float) -> pd.DataFrame:
    rows = [("acme/web", "dependabot", n, "high", None, hours * HOUR, None) for n, hours in enumerate(left_h)]
    return pd.DataFrame(rows, columns=["repo", "kind", "number", "severity", "rule_id", "left_s", "html_url"])


def health(**scores: float | None) -> pd.DataFrame:
    tiers = ["unknown" if score is None else "at_risk" if score <= 50 else "good" for score in scores.values()]
    cause = ["Security: 9 critical open" if tier == "at_risk" else None for tier in tiers]
    return pd.DataFrame({"repo": list(scores), "score": list(scores.values()), "tier": tiers, "cause": cause})


def silent(*days: float | None) -> pd.DataFrame:
    rows = [("acme/api", "CodeQL", "scan", value) for value in days]
    return pd.DataFrame(rows, columns=["repo", "tool", "workflow_name", "days_silent"])


def test_the_most_urgent_kind_comes_first_and_in_each_the_worst() -> None:
    found = needs_attention(
        states(), due(5, 30), health(web=40, api=80, new=None), silent(12), {"web": "https://h/web"}
    )
    assert list(found.columns) == list(COLUMNS)
    assert list(zip(found.problem, found.subject, strict=True)) == [
        ("failing", "build"),
        ("failing", "lint"),
        ("due", "Dependabot #0"),
        ("due", "Dependabot #1"),
        ("at_risk", "web"),
        ("silent", "CodeQL"),
        ("switched_off", "sweep"),
        ("stale", "nightly"),
    ]
    assert found.html_url[4] == "https://h/web"


def test_each_is_told_in_words() -> None:
    told = needs_attention(states(), due(5), health(web=40), silent(12), {}).set_index("subject").detail
    assert told["build"] == "3 failed runs in a row on the default branch"
    assert told["Dependabot #0"] == "high, its limit ends in 5.0 h"
    assert told["web"] == "score 40, Security: 9 critical open"
    assert told["CodeQL"].startswith("no scan for 12.0 days")
    assert told["sweep"] == "GitHub stops its schedule in 5 days unless someone pushes"
    assert told["nightly"] == "no run for 20.0 days, longer than is usual for it"


def test_a_schedule_that_may_stop_any_day_and_a_scan_that_nobody_knows_are_told_so() -> None:
    near = states(state="healthy", days_until_disabled=[0.4, 14.0, None, None, 60.0])
    found = needs_attention(near, due(), health(), silent(None), {})
    assert found.subject.tolist() == ["CodeQL", "nightly"]
    assert "no scan is known" in found.detail[0]
    assert "any day now" in found.detail[1]


def test_what_is_switched_off_already_is_not_about_to_be() -> None:
    found = needs_attention(states(state="inactive", days_until_disabled=1.0), due(), health(), silent(), {})
    assert found.empty


def test_nothing_wrong_is_no_rows() -> None:
    found = needs_attention(states().query("state == 'never'"), due(), health(good=99), silent(), {})
    assert found.empty
    assert list(found.columns) == list(COLUMNS)


def test_a_workflow_without_a_name_is_told_of_too() -> None:
    found = needs_attention(states(workflow_name=None), due(), health(), silent(), {})
    assert found.subject.tolist()[:2] == ["unnamed", "unnamed"]
    assert found.workflow.isna().all()
