"""The first row of the Customer page."""

from dataclasses import replace

import pandas as pd

from frontend.figures import Figure, metric_text
from frontend.first_row.at_risk import median_score
from frontend.words import count
from frontend.words import tier as tier_word
from shared.metrics.customers.signals import SIGNALS, UNKNOWN_BECAUSE


def customer(health: pd.DataFrame, trend: pd.DataFrame) -> list[Figure]:
    """The score and each signal of it, with what is known. health: one row of customer_health."""
    text, row = metric_text("customer_health"), health.iloc[0]
    score = median_score(health, trend, "Health score", text)
    if score.value is not None:
        unknown = f", {count(row.unknown, 'signal')} unknown" if row.unknown else ""
        score = replace(score, note=f"{tier_word(row.tier)}{unknown}")
    return [score, *(_signal(row, name, title, text) for name, title in SIGNALS.items())]


def _signal(row: "pd.Series", name: str, title: str, text: str) -> Figure:
    value = row[f"signal_{name}"]
    if pd.isna(value):
        return Figure(title, None, "higher", text, note=UNKNOWN_BECAUSE[name])
    return Figure(title, f"{value:.0f}", "higher", text, note=str(row[f"facts_{name}"]))
