"""The first row of the At risk page."""

from dataclasses import replace

import pandas as pd

from frontend.figures import FEW, Figure, count_figure, metric_text
from frontend.first_row.period import points
from frontend.words import count
from frontend.words import tier as tier_word
from shared.metrics.health.scores import TIERS

TIERS_AND_SCORES = ["tier", "tier_7d_ago", "score", "score_7d_ago"]
"""The columns of scores that this page's figures are made of."""

_GOOD = ("good", "excellent")


def at_risk(health: pd.DataFrame, trend: pd.DataFrame) -> list[Figure]:
    """Repositories by tier, and their median score, each with its change in seven days and its history."""
    return by_tier(health, trend, metric_text("repository_health"), count(len(health), "repository", "repositories"))


def customers(health: pd.DataFrame, trend: pd.DataFrame) -> list[Figure]:
    """The same of customers."""
    return by_tier(health, trend, metric_text("customer_health"), count(len(health), "customer"))


def by_tier(health: pd.DataFrame, trend: pd.DataFrame, text: str, of: str) -> list[Figure]:
    """Subjects by tier, and their median score. text: the definition of the score.  of: how many there are."""
    note = f"of {of}"
    known = (health.tier_7d_ago != "unknown").any()
    tiers = [
        replace(
            count_figure(
                tier_word(tier),
                (health.tier == tier).sum(),
                float((health.tier_7d_ago == tier).sum()) if known else None,
                better="higher" if tier in _GOOD else "lower",
                text=text,
            ),
            note=note,
            sparkline=points(trend, tier),
        )
        for tier in TIERS
    ]
    return [*tiers, median_score(health, trend, text=text)]


def median_score(health: pd.DataFrame, trend: pd.DataFrame, title: str = "Median score", text: str = "") -> Figure:
    """The median score, and how it changed in seven days. text: its definition, that of repositories if not told."""
    text, scores = text or metric_text("repository_health"), health.score.dropna()
    if scores.empty:
        return Figure(title, None, "higher", text, note="no signal is known")
    before, few = health.score_7d_ago.dropna(), f"n = {len(scores)}, too few" if 1 < len(scores) < FEW else ""
    change = scores.median() - before.median() if len(before) else None
    return Figure(
        title,
        f"{scores.median():.1f}",
        "higher",
        text,
        note=few or (f"of {count(len(scores), 'score')}" if len(scores) > 1 else ""),
        change="" if change is None else (f"{change:+.1f}" if abs(change) >= 0.05 else 0),
        sparkline=points(trend, "median_score"),
    )
