"""Survival: how long until half of the cases are over, counting also those that are not over yet."""

from collections.abc import Sequence

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
    A part without a case that is over has no row.
    """
    moves = _moves(cases, parts)
    group = {"group_by": list(parts), "rows": (None, 0)}
    # From the greatest age down, those at risk are those that left so far less those that entered at a greater age.
    at_risk = moves.change.sum().over(order_by=[moves.age_s.desc(), moves.turn], **group)
    ends = moves.mutate(at_risk=at_risk).filter(moves.over)
    step = (ends.at_risk > 1).ifelse(((ends.at_risk - 1) / ends.at_risk).log(), _CERTAIN)
    ends = ends.mutate(log_survival=step.sum().over(order_by=ends.age_s, **group))
    # A rounding error in the logarithms must not carry the estimate over the half that it has just reached.
    half = ends.log_survival <= ibis.literal(0.5).log() + 1e-9
    if not parts:
        return ends.aggregate(survival_median_s=ends.age_s.min(where=half))
    return ends.group_by(*parts).aggregate(survival_median_s=ends.age_s.min(where=half))


def _moves(cases: ir.Table, parts: Sequence[str]) -> ir.Table:
    """A row for each case that leaves, and for each that enters late; `turn` orders those of one age, last first.

    Cases that are over at one age count one after the other: the product of (r - 1) / r, (r - 2) / (r - 1), ... is the
    estimate's 1 - over / r.
    """
    one, last = ibis.literal(1, "int64"), ibis.literal(2, "int64")
    over = cases.over.fill_null(False)
    leaving = cases.select(*parts, age_s=cases.left_s, change=one, over=over, turn=over.cast("int64"))
    late = cases.filter(cases.entered_s > 0)
    return leaving.union(late.select(*parts, age_s=late.entered_s, change=-one, over=ibis.literal(False), turn=last))
