"""Cost: minutes and money that workflow runs take, by the prices of the policy."""

from collections.abc import Mapping

import ibis.expr.types as ir

from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric
from shared.metrics.spending.billing import attempts
from shared.policy.policy import Policy
from shared.scope import Scope

_ROW = (
    *("org", "repo", "workflow_name", "run_id", "run_attempt", "actor", "event", "branch", "conclusion", "created_at"),
    *("jobs", "minutes", "cost", "unpriced_minutes", "estimated_minutes", "estimated_cost", "html_url", EXCLUDED),
)


def run_cost(
    tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None, *, policy: Policy | None = None
) -> ir.Table:
    """Minutes and cost of the attempts of runs created in the range: those of known jobs, and estimates apart.

    by: org, repo, workflow, actor, runner (an attempt counts once for each of its runners), event, or day, week or
    month of creation (UTC).  No data: one row with zeros and nulls, or no rows if grouped. A sum of nothing is null.
    """
    rows = attempts(tables, scope, (policy or Policy()).cost, by_runner=by == "runner")
    n, with_jobs = rows.count(where=rows.counted), rows.jobs.count()
    figures = {
        "n": n,
        "n_with_jobs": with_jobs,
        "jobs_share": with_jobs / n.nullif(0),
        "jobs": rows.jobs.sum().fill_null(0),
        "minutes": rows.minutes.sum(),
        "cost": rows.cost.sum(),
        "unpriced_minutes": rows.unpriced_minutes.sum(),
        "estimated_minutes": rows.estimated_minutes.sum(),
        "estimated_cost": rows.estimated_cost.sum(),
        "excluded": rows.count(where=~rows.counted),
    }
    parts = grouped(rows, by, figures, "created_at")
    money = parts.cost.fill_null(0.0) + parts.estimated_cost.fill_null(0.0)
    time = parts.minutes.fill_null(0.0) + parts.estimated_minutes.fill_null(0.0)
    return in_order(parts, by, money, time)


def cost_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """The attempts of runs created in the range, newest first, with what each took."""
    rows = attempts(tables, scope, (policy or Policy()).cost)
    return rows.order_by(rows.created_at.desc(), rows.run_id, rows.run_attempt).select(*_ROW)


RUN_COST = Metric(
    name="run_cost",
    title="Minutes and cost",
    definition=(
        "Minutes that runners worked for the workflow runs created in the range, every attempt counted, and their cost "
        "by the prices in the policy. Where the jobs of an attempt are collected: its billable minutes, rounded up per "
        "job, times the price of the runner; the first pattern of the policy that one of the runner's labels fits "
        "counts. On self-hosted runners nothing is billed, so the duration counts, rounded up per job, at a price that "
        "is 0 unless the policy says otherwise. Where no jobs are collected the minutes are estimated: the duration of "
        "the run, rounded up, at the price of `*`. Estimates are shown apart and never added in, and since jobs run "
        "side by side they are usually too low. Minutes that the contract includes are not taken off."
    ),
    unit="the policy's currency",
    inputs=("workflow_runs", "workflow_jobs"),
    exclusions=(
        "Runs without jobs that had not finished by the end of the range, that never had a runner (skipped, action "
        "required, startup failure) or whose duration is unknown; jobs under way. Minutes on a runner without a price "
        "are told apart and are in no cost."
    ),
    by=("org", "repo", "workflow", "actor", "runner", "event", "day", "week", "month"),
    columns={
        "n": "Attempts",
        "n_with_jobs": "Attempts whose jobs are known",
        "jobs_share": "Share of attempts whose jobs are known",
        "jobs": "Jobs",
        "minutes": "Minutes, from jobs",
        "cost": "Cost, from jobs",
        "unpriced_minutes": "Minutes without a price, from jobs",
        "estimated_minutes": "Minutes, estimated where no jobs are known",
        "estimated_cost": "Cost, estimated where no jobs are known",
        "excluded": "Excluded, unfinished or without a runner",
    },
    formula=run_cost,
    uses_policy=True,
    evidence=cost_rows,
)
