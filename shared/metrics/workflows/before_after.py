"""Before and after: how runs fared in the range against the stretch of equal length just before it."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.metric import Metric
from shared.metrics.workflows.evidence import compared_runs
from shared.metrics.workflows.outcomes import failed, succeeded
from shared.metrics.workflows.runs import latest_in_range
from shared.scope import Scope

FEW = 5
"""Below so many cases on either side nothing is said of a difference."""

CHANCE_Z = 1.96
"""A difference of more standard errors than these is seen by chance in fewer than one of twenty comparisons."""

_DAY_S = 86_400.0


def before_after(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Two rows, "before" (scope.previous()) and "after" (the range); on the latter how surely they differ.

    Runs that had not ended when their side ended are unfinished there. z is above zero where the figure rose, and null
    where there are too few cases. No data, or a scope without a beginning: no rows.
    """
    runs = _runs(tables, scope)
    days = 1.0 if scope.since is None else (scope.until - scope.since).total_seconds() / _DAY_S
    sides = runs.group_by("side").aggregate(
        runs=runs.count(),
        runs_per_day=runs.count() / days,
        successes=runs.count(where=succeeded(runs)),
        failures=runs.count(where=failed(runs)),
        n=runs.duration_s.count(),
        p50_s=runs.duration_s.median(),
        p95_s=runs.duration_s.quantile(0.95),
    )
    rate = sides.successes / (sides.successes + sides.failures).nullif(0)
    found = sides.mutate(success_rate=rate).cross_join(_verdict_z(sides), _duration_z(runs))
    late = found.side == "after"
    zs = {name: late.ifelse(found[name], None) for name in ("success_rate_z", "duration_z")}
    rows = found.select(*[name for name in BEFORE_AFTER.columns if name not in zs], **zs)
    return rows.order_by(rows.side.desc())


def _runs(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The runs of both sides, with the side that they are of."""
    earlier = scope.previous()
    after = _side(tables, scope, "after")
    return after.filter(ibis.literal(False)) if earlier is None else _side(tables, earlier, "before").union(after)


def _side(tables: Mapping[str, ir.Table], scope: Scope, name: str) -> ir.Table:
    runs = latest_in_range(tables, scope)
    return runs.select("conclusion", "duration_s", side=ibis.literal(name))


def _verdict_z(sides: ir.Table) -> ir.Table:
    """The pooled z test of two proportions; null where a side's expected successes or failures are below FEW."""
    late = sides.side == "after"
    both = sides.aggregate(
        won_after=sides.successes.sum(where=late).fill_null(0).cast("float64"),
        n_after=(sides.successes + sides.failures).sum(where=late).fill_null(0).cast("float64"),
        won_before=sides.successes.sum(where=~late).fill_null(0).cast("float64"),
        n_before=(sides.successes + sides.failures).sum(where=~late).fill_null(0).cast("float64"),
    )
    share = (both.won_after + both.won_before) / (both.n_after + both.n_before).nullif(0)
    least = ibis.least(both.n_after, both.n_before) * ibis.least(share, 1 - share)
    error = (share * (1 - share) * (1 / both.n_after.nullif(0) + 1 / both.n_before.nullif(0))).sqrt()
    z = (both.won_after / both.n_after.nullif(0) - both.won_before / both.n_before.nullif(0)) / error.nullif(0)
    return both.select(success_rate_z=(least >= FEW).ifelse(z, None))


def _duration_z(runs: ir.Table) -> ir.Table:
    """The Mann-Whitney test of durations (normal approximation, corrected for ties) without ranking each run."""
    known = runs.filter(runs.duration_s.notnull())
    late = known.side == "after"
    values = known.group_by("duration_s").aggregate(
        after=known.count(where=late).cast("float64"), before=known.count(where=~late).cast("float64")
    )
    below = values.before.sum().over(order_by=values.duration_s, rows=(None, 0)) - values.before
    ranked = values.mutate(wins=values.after * (below + values.before / 2), tied=values.after + values.before)
    sums = ranked.aggregate(
        a=ranked.after.sum().fill_null(0.0),
        b=ranked.before.sum().fill_null(0.0),
        u=ranked.wins.sum(),
        ties=(ranked.tied * (ranked.tied * ranked.tied - 1)).sum(),
    )
    n = sums.a + sums.b
    variance = sums.a * sums.b / 12 * ((n + 1) - sums.ties / (n * (n - 1)).nullif(0))
    z = (sums.u - sums.a * sums.b / 2) / variance.clip(lower=0.0).sqrt().nullif(0)
    return sums.select(duration_z=(ibis.least(sums.a, sums.b) >= FEW).ifelse(z, None))


BEFORE_AFTER = Metric(
    name="before_after",
    title="Before and after",
    definition=(
        "Workflow runs of the range, after the date on which it begins, against those of the stretch of equal length "
        "just before: runs per day, success rate and the durations of completed runs, each side judged as of its own "
        "end. The z of the success rate is that of the pooled test of two proportions, the z of durations that of the "
        "Mann-Whitney test (normal approximation, corrected for ties): beyond 1.96 in either direction chance alone "
        "shows such a difference in fewer than one of twenty comparisons. It does not say what caused it."
    ),
    unit="runs",
    inputs=("workflow_runs",),
    exclusions=(
        "Earlier attempts; runs that are neither success nor failure have no part in the rate. No z below 5 durations "
        "on a side, or below 5 expected successes or failures; nothing for a range without a beginning."
    ),
    columns={
        "side": "Side",
        "runs": "Runs",
        "runs_per_day": "Runs per day",
        "successes": "Successes",
        "failures": "Failures",
        "success_rate": "Success rate (share of successes and failures)",
        "n": "Completed runs",
        "p50_s": "Duration, median (s)",
        "p95_s": "Duration, 95th percentile (s)",
        "success_rate_z": "Success rate, z",
        "duration_z": "Duration, z",
    },
    formula=before_after,
    evidence=compared_runs,
)
