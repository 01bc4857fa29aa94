"""Survival: how long until half of the cases are over, counting also those that are not over yet."""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

_CERTAIN = -1e9
"""Instead of the logarithm of zero, which is no number: as good as certain that nothing is left."""


def survival_median(cases: ir.Table, parts: Sequence[str]) -> ir.Table:
    """The median of the Kaplan-Meier estimate per part: columns `parts` and survival_median_s.

    cases: columns `parts`, `entered_s` and `left_s` (age in seconds at which a case came under observation and at which
    it left it) and `over` (whether it was over then, or is only not seen any longer).
    The estimate at age t is the product over all ages t' <= t at which cases were over of 1 - over / at risk; at risk
    are those that entered by then and did not leave before (E. L. Kaplan, P. Meier: Nonparametric Estimation from
    Incomplete Observations, 1958; with late entry as in J. P. Klein, M. L. Moeschberger: Survival Analysis, 2003,
    section 4.6). The median is the least age at which it is one half or less; null where it stays above.
    A part without a case has no row.
    """
    ages = _ages(cases, parts)
    order = {"group_by": list(parts), "order_by": "age_s"}
    ages = ages.mutate(
        at_risk=ages.entered.sum().over(**order, rows=(None, 0))
        - ages["left"].sum().over(**order, rows=(None, 0))
        + ages["left"]
    )
    going_on = 1 - ages.over / ages.at_risk
    step = ibis.cases((ages.over == 0, 0.0), (ages.over >= ages.at_risk, _CERTAIN), else_=going_on.log())
    ages = ages.mutate(log_survival=step.sum().over(**order, rows=(None, 0)))
    # A rounding error in the logarithms must not carry the estimate over the half that it has just reached.
    half = (ages.over > 0) & (ages.log_survival <= ibis.literal(0.5).log() + 1e-9)
    if not parts:
        return ages.aggregate(survival_median_s=ages.age_s.min(where=half))
    return ages.group_by(*parts).aggregate(survival_median_s=ages.age_s.min(where=half))


def _ages(cases: ir.Table, parts: Sequence[str]) -> ir.Table:
    """How many cases enter, leave and are over at each age."""
    one, none = ibis.literal(1, "int64"), ibis.literal(0, "int64")
    entering = cases.select(*parts, age_s=cases.entered_s, entered=one, left=none, over=none)
    leaving = cases.select(
        *parts, age_s=cases.left_s, entered=none, left=one, over=cases.over.fill_null(False).cast("int64")
    )
    moves = entering.union(leaving)
    sums: Mapping[str, ir.Value] = {name: moves[name].sum() for name in ("entered", "left", "over")}
    return moves.group_by(*parts, "age_s").aggregate(**sums)
