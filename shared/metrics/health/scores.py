"""Health: one engine that makes a score of signals, whatever they are about.

A signal is a value from 0 to 100, or unknown. What is unknown is left out and the weights of the rest are made to add
up to 1 again, so that it counts neither as 0 nor as 100.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from shared.policy.health import HealthPolicy

TIERS = ("at_risk", "watch", "good", "excellent", "unknown")
"""Worst first; `unknown` is a score of which no signal is known."""

_DECIMALS = 6
"""Beyond these a score is but rounding, and must not decide on which side of a limit it is."""

_TIE = 1e-9
"""What a signal is behind the one before it, so that of those that lose alike the first is named."""


def health_scores(
    signals: ir.Table, weights: Mapping[str, float], policy: HealthPolicy, carried: tuple[str, ...] = ()
) -> ir.Table:
    """One row per subject and time with its score, tier, the points that each signal loses it, and what is not known.

    signals: columns subject, as_of (the time it is judged at), signal, value (0-100, null where unknown) and facts
    (words for what the value stands on); a row for each signal of each subject, the unknown ones included.
    weights: signal -> its share.  carried: other columns of signals, the same in all rows of a subject and time.

    Columns: subject, as_of, those carried, score (0-100, null without a known signal that counts), tier (of TIERS),
    unknown (signals that would count and are not known), worst_signal and worst_facts (what loses most points, null
    where nothing does), and for each signal `signal_<name>` (its value), `weight_<name>` (its share among the known
    ones), `lost_<name>` (points) and `facts_<name>`, each null where it is unknown. The points lost add up to
    100 - score. No signals: no rows.
    """
    value, facts = signals.value.clip(0.0, 100.0), signals.facts
    wide = signals.group_by("subject", "as_of").aggregate(
        **{name: signals[name].max() for name in carried},
        **{f"signal_{name}": value.max(where=signals.signal == name) for name in weights},
        **{f"facts_{name}": facts.max(where=signals.signal == name) for name in weights},
    )
    return with_scores(wide, weights, policy)


def with_scores(wide: ir.Table, weights: Mapping[str, float], policy: HealthPolicy) -> ir.Table:
    """The same of rows that have their signals side by side, with all their columns.

    wide: for each signal that has a weight `signal_<name>` (0-100, null where unknown) and `facts_<name>`.
    """
    wide = _as_named(wide)
    order = _losses(wide, weights).items()
    most = ibis.greatest(*[(lost > 0).ifelse(lost - _TIE * rank, None) for rank, (_, lost) in enumerate(order)])
    wide = _as_named(wide.mutate(known=_known(_values(wide, weights), weights), most=most))
    values, losses = _values(wide, weights), _losses(wide, weights)
    worst = [(name, lost - _TIE * rank == wide.most) for rank, (name, lost) in enumerate(losses.items())]
    score = score_of(values, weights, wide.known)
    found = wide.mutate(
        score=score,
        tier=tier(score, policy),
        unknown=_sum(value.isnull().cast("int64") for name, value in values.items() if weights[name] > 0),
        worst_signal=ibis.cases(*((is_worst, name) for name, is_worst in worst), else_=ibis.null("string")),
        worst_facts=ibis.cases(*((is_worst, wide[f"facts_{name}"]) for name, is_worst in worst), else_=None),
        **{f"weight_{name}": values[name].notnull().ifelse(of, None) / wide.known for name, of in weights.items()},
        **{f"lost_{name}": lost / wide.known for name, lost in losses.items()},
    )
    return found.drop("known", "most")


def _as_named(rows: ir.Table) -> ir.Table:
    """The same rows as a view: Ibis writes what a column is made of wherever it is named, but not beyond a view.

    Not by `rows.view()`, each of which is another one, so that no two questions would be the same.
    """
    named: ir.Table = ops.SelfReference(rows, identifier=0).to_expr()
    return named


def score_of(
    values: Mapping[str, ir.FloatingValue], weights: Mapping[str, float], known: ir.FloatingValue | None = None
) -> ir.FloatingValue:
    """The weighted mean of what is known. known: its share, where that is at hand."""
    kept = _sum((weight * values[name]).fill_null(0.0) for name, weight in weights.items())
    return (kept / (_known(values, weights) if known is None else known)).round(_DECIMALS)


def _known(values: Mapping[str, ir.FloatingValue], weights: Mapping[str, float]) -> ir.FloatingValue:
    """The share of the signals that are known; null if none that counts is."""
    return _sum(values[name].notnull().ifelse(weight, 0.0) for name, weight in weights.items()).nullif(0.0)


def _losses(wide: ir.Table, weights: Mapping[str, float]) -> dict[str, ir.FloatingValue]:
    return {name: weights[name] * (100.0 - value) for name, value in _values(wide, weights).items()}


def _values(wide: ir.Table, weights: Mapping[str, float]) -> dict[str, ir.FloatingValue]:
    return {name: wide[f"signal_{name}"] for name in weights}


def _sum(parts: Iterable[ir.NumericValue]) -> ir.NumericValue:
    return reduce(add, parts)


def tier(score: ir.FloatingValue, policy: HealthPolicy) -> ir.StringValue:
    """The tier of a score: up to at_risk it is at risk, below watch to be watched, below good good, else excellent."""
    return ibis.cases(
        (score.isnull(), "unknown"),
        (score <= policy.at_risk, "at_risk"),
        (score < policy.watch, "watch"),
        (score < policy.good, "good"),
        else_="excellent",
    )


def score_columns(titles: Mapping[str, str]) -> dict[str, str]:
    """The columns that health_scores has for each signal with the words shown for them. titles: of the signals."""
    words = {
        "lost": "points lost",
        "signal": "signal (0-100)",
        "weight": "weight among the known signals",
        "facts": "what is known",
    }
    return {f"{kind}_{name}": f"{title}, {said}" for kind, said in words.items() for name, title in titles.items()}
