"""Costs: the words for prices, and the names of what cost is broken down by."""

from typing import Any

import pandas as pd

from frontend.words import count, percent
from shared.policy.workflows import CostPolicy

ALIKE = 0.05
"""Periods are compared where the shares of what jobs tell differ by no more than so much."""


def part_names(frame: pd.DataFrame, by: str) -> "pd.Series[Any]":
    """A name for each part on a chart's axis; a workflow is named with its repository, nobody is "unknown"."""
    column = "workflow_name" if by == "workflow" else by
    names = frame[column].astype("object").where(frame[column].notna(), "unknown").map(str)
    return names + " · " + frame.repo.fillna("unknown") if by == "workflow" else names


def summed(parts: pd.DataFrame) -> "pd.Series[Any]":
    """run_cost of parts that share no attempt, added up; a sum of nothing known is NaN."""
    counts = parts[["n", "n_with_jobs", "jobs"]].sum()
    known = parts[["minutes", "cost", "unpriced_minutes", "estimated_minutes", "estimated_cost"]].sum(min_count=1)
    share = counts.n_with_jobs / counts.n if counts.n else float("nan")
    total: pd.Series[Any] = pd.concat([counts, known, pd.Series({"jobs_share": share})]).astype("float64")
    return total


def terms(cost: "pd.Series[Any]", policy: CostPolicy) -> str:
    """What to know of the figures: how many attempts have jobs, what is included, what has no price."""
    said = [f"The jobs of {percent(cost.jobs_share)} of {count(cost.n, 'attempt')} are known; the rest is estimated."]
    if policy.included_minutes:
        said.append(
            f"The contract includes {count(policy.included_minutes, 'minute')} a month, which are not taken off."
        )
    if cost.unpriced_minutes > 0:
        said.append(f"{count(cost.unpriced_minutes, 'minute')} ran where the policy has no price.")
    return " ".join(said)
