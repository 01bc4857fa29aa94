"""Changes: what moved most between a period and the one before it, in words, each with the page that says more.

Every function takes frames that pages ask for anyway and gives rows with COLUMNS, the biggest move first:
change (a key of CHANGES), subject, repo, workflow, detail (in words), better (whether it is good news).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from frontend.costs import ALIKE
from frontend.words import count, duration, money

if TYPE_CHECKING:
    Series: TypeAlias = pd.Series[Any]
else:
    Series = pd.Series

COLUMNS = ("change", "subject", "repo", "workflow", "detail", "better")

ALERTS_MOVED = 3
"""So many alerts more or fewer are a change."""

COST_MOVED, COST_SHARE = 0.25, 0.02
"""Cost that rose or fell by the first share of what it was, and by the second share of all cost, is a change."""

FLAKES = 2
"""So many flakes in one period and none in the other are a change."""


@dataclass(frozen=True)
class Change:
    """A kind of change. title: with its sign.  page: that says more of it."""

    title: str
    page: str


CHANGES = {
    "broke": Change("✕ Started to fail", "workflow_analysis"),
    "at_risk": Change("✕ Became at risk", "repository"),
    "breaches": Change("▲ More beyond their limit", "sla"),
    "backlog": Change("▲ More open alerts", "remediation"),
    "cost": Change("▲ Cost rose", "flaky_and_cost"),
    "flaky": Change("≈ Became flaky", "workflow_analysis"),
    "recovered": Change("✓ Recovered", "workflow_analysis"),
    "healthier": Change("✓ No longer at risk", "repository"),
    "fewer_breaches": Change("▼ Fewer beyond their limit", "sla"),
    "smaller_backlog": Change("▼ Fewer open alerts", "remediation"),
    "cheaper": Change("▼ Cost fell", "flaky_and_cost"),
    "steady": Change("✓ No longer flaky", "workflow_analysis"),
}
"""The worst first, then the good news."""


def in_order(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All changes in the order of CHANGES; no rows where nothing moved."""
    found = [part for part in parts if not part.empty]
    if not found:
        return pd.DataFrame(columns=list(COLUMNS)).astype({"better": "bool"})
    rows = pd.concat(found, ignore_index=True)
    ranks = {name: rank for rank, name in enumerate(CHANGES)}
    return rows.sort_values("change", key=lambda kinds: kinds.map(ranks), kind="stable").reset_index(drop=True)


def foremost(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most so many rows of in_order, in that order: the first of every kind before the second of any."""
    place = rows.groupby("change", sort=False).cumcount()
    return rows.loc[place.sort_values(kind="stable").index[:most].sort_values()]


def of_workflows(states: pd.DataFrame, episodes: pd.DataFrame, since: datetime, until: datetime) -> pd.DataFrame:
    """Workflows that fail at `until` and did not at `since`, and those that failed then and do not any more.

    states: workflow_state.  episodes: restore_episodes, of which those restored before `since` play no part.
    """
    failing = pd.MultiIndex.from_frame(states.loc[states.state == "failing", ["repo", "workflow_name"]])
    fails = pd.MultiIndex.from_frame(episodes[["repo", "workflow_name"]]).isin(failing)
    named, is_open = episodes.workflow_name.notna(), episodes.restored_at.isna()
    broke = episodes[named & fails & is_open & (episodes.failed_at >= since)].sort_values("failed_at", kind="stable")
    well = episodes[named & ~fails & (episodes.failed_at < since) & (episodes.restored_at >= since)]
    well = well.sort_values("duration_s", ascending=False, kind="stable")
    for_s = (until - broke.failed_at).dt.total_seconds()
    broken = [
        f"broken for {duration(seconds)}, {count(n, 'failed run')}"
        for seconds, n in zip(for_s, broke.runs_failed, strict=True)
    ]
    restored = [f"restored after {duration(seconds)}" for seconds in well.duration_s]
    return _join(
        _rows("broke", broke.workflow_name, broke.repo, broken, better=False, workflow=broke.workflow_name),
        _rows("recovered", well.workflow_name, well.repo, restored, better=True, workflow=well.workflow_name),
    )


def of_health(health: pd.DataFrame) -> pd.DataFrame:
    """Repositories that became at risk within the last seven days, and those that are so no longer.

    health: repository_health with its `cause`.
    """
    known = (health.tier != "unknown") & (health.tier_7d_ago != "unknown")
    now, then = health.tier == "at_risk", health.tier_7d_ago == "at_risk"
    worse = health[known & now & ~then].sort_values("change_7d", kind="stable")
    well = health[known & then & ~now].sort_values("change_7d", ascending=False, kind="stable")
    return _join(
        _rows("at_risk", worse.repo, worse.repo, [_scores(row) for row in worse.itertuples()], better=False),
        _rows("healthier", well.repo, well.repo, [_scores(row) for row in well.itertuples()], better=True),
    )


def of_backlog(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Repositories whose open alerts grew or fell by ALERTS_MOVED. now, before: open_alerts by repository."""
    rows = growth(now, before, "n")
    return _moved(rows, ("backlog", "smaller_backlog"), lambda row: count(row.n, "open alert"))


def of_breaches(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Repositories whose open alerts beyond their limit grew or fell by ALERTS_MOVED.

    now, before: sla_summary by repository. Those that went beyond their limit in the range are the ones open beyond it
    at the end or closed beyond it since, less those that were open beyond it when the range began.
    """
    closed = now.set_index("repo").breached_closed
    rows = growth(now, before, "breached_open")
    new = rows.breached_open + rows.repo.map(closed).astype("float64").fillna(0) - rows.before
    rows = rows.assign(new=new.clip(lower=0).astype("int64"))
    return _moved(
        rows,
        ("breaches", "fewer_breaches"),
        lambda row: f"{row.breached_open:,} open, {count(row.new, 'new breach', 'new breaches')}",
    )


def of_cost(now: pd.DataFrame, before: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Repositories whose known cost rose or fell by COST_MOVED. now, before: run_cost by repository.

    Periods of which jobs tell unlike shares cannot be compared.
    """
    both = now.merge(before, on="repo", suffixes=("", "_before"))
    alike = (both.jobs_share - both.jobs_share_before).abs() <= ALIKE
    both = both[alike & (both.cost_before > 0) & both.cost.notna()]
    moved = both.cost - both.cost_before
    large = (moved.abs() >= COST_MOVED * both.cost_before) & (moved.abs() >= COST_SHARE * now.cost.sum())
    rows = both.assign(moved=moved)[large]
    more = rows[rows.moved > 0].sort_values("moved", ascending=False, kind="stable")
    less = rows[rows.moved < 0].sort_values("moved", kind="stable")
    said = partial(_cost, currency=currency)
    return _join(
        _rows("cost", more.repo, more.repo, [said(row) for row in more.itertuples()], better=False),
        _rows("cheaper", less.repo, less.repo, [said(row) for row in less.itertuples()], better=True),
    )


def of_flakes(flakes: pd.DataFrame, since: datetime, until: datetime) -> pd.DataFrame:
    """Workflows with FLAKES since `since` and none before, and the other way round. flakes: of both periods."""
    named = flakes[flakes.workflow_name.notna() & (flakes.created_at < until)]
    named = named.assign(now=named.created_at >= since, before=named.created_at < since)
    counts = named.groupby(["repo", "workflow_name"], as_index=False)[["now", "before"]].sum()
    new = counts[(counts.before == 0) & (counts.now >= FLAKES)].sort_values("now", ascending=False, kind="stable")
    old = counts[(counts.now == 0) & (counts.before >= FLAKES)].sort_values("before", ascending=False, kind="stable")
    told = [f"{count(n, 'flake')}, none in the previous period" for n in new.now]
    untold = [f"no flake, {n:,} in the previous period" for n in old.before]
    return _join(
        _rows("flaky", new.workflow_name, new.repo, told, better=False, workflow=new.workflow_name),
        _rows("steady", old.workflow_name, old.repo, untold, better=True, workflow=old.workflow_name),
    )


def growth(now: pd.DataFrame, before: pd.DataFrame, column: str) -> pd.DataFrame:
    """A count by repository now and `before`, 0 where it had none, and how much it has `grown`."""
    both = now[["repo", column]].merge(before[["repo", column]], on="repo", how="outer", suffixes=("", "_before"))
    counts = both.set_index("repo").fillna(0).astype("int64").rename(columns={f"{column}_before": "before"})
    return counts.assign(grown=counts[column] - counts.before).reset_index()


def _moved(rows: pd.DataFrame, names: tuple[str, str], said: Callable[[Any], str]) -> pd.DataFrame:
    """The rows of growth that moved enough, under the name of what is worse or better."""
    more = rows[rows.grown >= ALERTS_MOVED].sort_values("grown", ascending=False, kind="stable")
    less = rows[rows.grown <= -ALERTS_MOVED].sort_values("grown", kind="stable")
    less, begun = less.assign(grown=less.grown.abs()), "than when the range began"
    risen = [f"{said(row)}, {row.grown:,} more {begun}" for row in more.itertuples()]
    fallen = [f"{said(row)}, {row.grown:,} fewer {begun}" for row in less.itertuples()]
    return _join(
        _rows(names[0], more.repo, more.repo, risen, better=False),
        _rows(names[1], less.repo, less.repo, fallen, better=True),
    )


def _scores(row: Any) -> str:  # noqa: ANN401  (a row of itertuples)
    cause = f", {row.cause}" if row.tier == "at_risk" and isinstance(row.cause, str) else ""
    return f"score {row.score_7d_ago:.0f} seven days ago, now {row.score:.0f}{cause}"


def _cost(row: Any, currency: str) -> str:  # noqa: ANN401  (a row of itertuples)
    share = 100 * row.moved / row.cost_before
    return f"{money(row.cost, currency)}, {share:+,.0f} % against the previous period"


def _rows(
    change: str, subject: Series, repo: Series, detail: list[str], *, better: bool, workflow: Series | None = None
) -> pd.DataFrame:
    names = {"change": change, "subject": subject, "repo": repo, "workflow": workflow, "detail": detail}
    return pd.DataFrame(names, dtype="object").assign(better=better)


def _join(*parts: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)
