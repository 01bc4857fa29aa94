"""What if: SLA figures under the policy in force, and under another one, side by side."""

import pandas as pd

from frontend.figures import FEW
from shared.policy.sla import SlaPolicy

_COUNTS = ("n", "met", "breached_closed", "breached_open", "at_risk", "on_track", "unknown", "closed")


def total(parts: pd.DataFrame) -> "pd.Series[float]":
    """The counts of sla_summary added up over its parts, and the compliance that follows; NaN where none is judged."""
    sums = parts[list(_COUNTS)].sum().astype("float64")
    judged = sums.met + sums.breached_closed
    return pd.concat([sums, pd.Series({"compliance": sums.met / judged if judged else float("nan"), "judged": judged})])


def side_by_side(now: pd.DataFrame, then: pd.DataFrame, own: SlaPolicy, other: SlaPolicy) -> pd.DataFrame:
    """sla_summary by severity with limit_s, and the same under another policy in columns that end in `_then`.

    limit_then_s: the limit of the other policy. A severity that neither policy has a limit for is left out.
    """
    judged = [level for level in own.limits if own.limits[level] or other.limits[level]]
    rows = now[now.severity.isin(judged)].merge(then, on="severity", how="left", suffixes=("", "_then"))
    return rows.assign(limit_s=_limits(rows, own), limit_then_s=_limits(rows, other))


def sample(row: "pd.Series[float]") -> str:
    """How many closed alerts a compliance is of, with a warning where they are few."""
    n = int(row.met + row.breached_closed)
    return f"n = {n:,}, too few" if n < FEW else f"n = {n:,}"


def _limits(rows: pd.DataFrame, policy: SlaPolicy) -> "pd.Series[float]":
    seconds = {level: limit.total_seconds() for level, limit in policy.limits.items() if limit}
    return rows.severity.map(seconds).astype("float64")
