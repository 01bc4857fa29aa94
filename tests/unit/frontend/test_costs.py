"""Charts and words of costs, flakes and deployments, from small frames."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from frontend.charts.costs import cost_bars, cost_trend
from frontend.charts.deployments import deployment_bars, deployment_trend
from frontend.costs import part_names, summed, terms
from frontend.deploying import likely_deployments
from frontend.flaking import by_week, summary
from frontend.words import commit, money, per_time
from shared.policy.workflows import CostPolicy

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)

COSTS = pd.DataFrame(
    {
        "repo": ["a/b", "a/c", None],
        "workflow_name": ["CI", None, "lint"],
        "cost": [1.0, None, 5.0],
        "estimated_cost": [0.5, 2.0, None],
    }
)


def test_bars_are_in_the_order_of_their_sums_and_say_them() -> None:
    measured, estimated, said = cost_bars(COSTS, part_names(COSTS, "repo"), "cost", "USD").data
    assert list(measured.y) == ["unknown", "a/c", "a/b"]
    assert (list(measured.x), list(estimated.x)) == ([5.0, 0.0, 1.0], [0.0, 2.0, 0.5])
    assert list(said.text) == [" 5.00", " 2.00", " 1.50"]


def test_a_workflow_is_named_with_its_repository() -> None:
    assert part_names(COSTS, "workflow").to_list() == ["CI · a/b", "unknown · a/c", "lint · unknown"]


def test_a_trend_keeps_what_jobs_tell_apart_from_estimates() -> None:
    frame = COSTS.assign(week=[MONDAY + timedelta(weeks=n) for n in range(3)])
    measured, estimated = cost_trend(frame, "week", "cost", "USD").data
    assert measured.marker.color != estimated.marker.color
    assert "from jobs" in measured.hovertemplate
    assert "estimated" in estimated.hovertemplate


def test_terms_name_what_is_included_and_what_has_no_price() -> None:
    row = pd.Series({"jobs_share": 0.5, "n": 4, "unpriced_minutes": 1_200.0})
    assert terms(row, CostPolicy(included_minutes=3000)) == (
        "The jobs of 50.0 % of 4 attempts are known; the rest is estimated. The contract includes 3,000 minutes a "
        "month, which are not taken off. 1,200 minutes ran where the policy has no price."
    )


def test_deployments_name_those_that_failed() -> None:
    frame = pd.DataFrame(
        {
            "repo": ["a/b", "a/c"],
            "deployments": [5, 2],
            "successes": [3, 2],
            "failed": [2, 0],
            "month": ["2026-05", "2026-06"],
        }
    )
    *_, said = deployment_bars(frame, "repo").data
    assert list(said.text) == [" 5, 2 failed", " 2"]
    good, bad = deployment_trend(frame, "month").data
    assert (list(good.y), list(bad.y)) == ([3, 2], [2, 0])


def test_flakes_of_a_period_are_summed_up_and_unknown_stays_unknown() -> None:
    flakes = pd.DataFrame(
        {
            "created_at": pd.to_datetime([MONDAY, MONDAY + timedelta(days=6), MONDAY + timedelta(days=20)], utc=True),
            "failed_attempts": [1, 2, 1],
            "wasted_minutes": [5.0, 7.0, 9.0],
            "estimated_minutes": [0.0, 7.0, 9.0],
            "wasted_cost": [None, None, 1.0],
        }
    )
    found = summary(flakes, MONDAY, MONDAY + timedelta(days=10))
    assert (found.flakes, found.failed_attempts, found.wasted_minutes) == (2, 3, 12)
    assert found.isna()["wasted_cost"]
    assert summary(flakes, None, MONDAY).flakes == 0
    assert by_week(flakes).flakes.to_list() == [2, 0, 1]
    assert by_week(flakes.head(0)).empty


@pytest.mark.parametrize(("name", "path", "pattern"), [
    ("Ship it", ".github/workflows/go.yml", "a/b:go.yml"),
    ("CI", ".github/workflows/deploy-prod.yml", "a/b:deploy-prod.yml"),
    ("Release", None, "a/b:Release"),
    ("CI", None, None),
])  # fmt: skip
def test_workflows_that_may_deploy_are_found_by_name_or_file(name: str, path: str | None, pattern: str | None) -> None:
    states = pd.DataFrame({"repo": ["a/b"], "workflow_name": [name], "workflow_path": [path], "runs": [1]})
    assert likely_deployments(states).pattern.to_list() == ([] if pattern is None else [pattern])


def test_words() -> None:
    assert (money(63.524, "EUR"), money(-1234.5, "USD")) == ("63.52 EUR", "-1,234 USD")
    assert [per_time(n) for n in (4.7, 0.3, 0.03)] == ["4.7 a day", "2.1 a week", "0.9 a month"]
    assert (commit("a" * 40), commit(None)) == ("aaaaaaa", "—")


def test_parts_of_a_cost_add_up_and_what_none_knows_stays_unknown() -> None:
    known = {"minutes": [10.0, None], "cost": [1.0, None], "unpriced_minutes": [0.0, None]}
    guessed = {"estimated_minutes": [None, None], "estimated_cost": [None, None]}
    parts = pd.DataFrame({"n": [3, 1], "n_with_jobs": [3, 0], "jobs": [6, 0], **known, **guessed})
    total = summed(parts.astype({"estimated_minutes": "float64", "estimated_cost": "float64"}))
    assert (total.n, total.jobs, total.cost, total.jobs_share) == (4, 6, 1.0, 0.75)
    assert pd.isna(total.estimated_cost)
    assert pd.isna(summed(parts.head(0)).jobs_share)
