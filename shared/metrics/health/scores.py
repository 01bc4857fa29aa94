"""Health: one engine that makes a score of signals, whatever they are about.

A signal is a value from 0 to 100, or unknown. What is unknown is left out and the weights of the rest are made to add
up to 1 again, so that it counts neither as 0 nor as 100.
"""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.policy.health import HealthPolicy

TIERS = ("at_risk", "watch", "good", "excellent", "unknown")
"""Worst first; `unknown` is a score of which no signal is known."""

_DECIMALS = 6
"""Beyond these a score is but rounding, and must not decide on which side of a limit it is."""


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
    value, weight = signals.value.clip(0.0, 100.0), signals.signal.cases(*weights.items(), else_=0.0)
    lost = weight * (100.0 - value)
    # Of signals that lose alike the first is named, whatever the order of the rows.
    order = lost - 1e-9 * signals.signal.cases(*_ranks(weights), else_=0)
    wide = signals.group_by("subject", "as_of").aggregate(
        known=weight.sum(where=value.notnull()).nullif(0.0),
        kept=(weight * value).sum(),
        unknown=signals.count(where=value.isnull() & (weight > 0)),
        worst_signal=signals.signal.argmax(order, where=lost > 0),
        worst_facts=signals.facts.argmax(order, where=lost > 0),
        **{name: signals[name].max() for name in carried},
        **{f"signal_{name}": value.max(where=signals.signal == name) for name in weights},
        **{f"facts_{name}": signals.facts.max(where=signals.signal == name) for name in weights},
    )
    shares = {name: wide[f"signal_{name}"].notnull().ifelse(of, None) / wide.known for name, of in weights.items()}
    points = {f"lost_{name}": share * (100.0 - wide[f"signal_{name}"]) for name, share in shares.items()}
    score = (wide.kept / wide.known).round(_DECIMALS)
    named = {f"weight_{name}": share for name, share in shares.items()}
    return wide.mutate(score=score, tier=tier(score, policy), **named, **points).drop("known", "kept")


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


def _ranks(weights: Mapping[str, float]) -> list[tuple[str, int]]:
    return [(name, rank) for rank, name in enumerate(weights)]
