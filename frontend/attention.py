"""Attention: what needs someone now, as one table; and other arrangements of metric frames for a page."""

from collections.abc import Mapping

import pandas as pd

from frontend.figures import FEW
from frontend.words import count, duration
from shared.datasets.alerts import KINDS
from shared.metrics.coverage import GOOD

PILING_UP = 3
"""Open alerts more than at the start of the range that make a repository's alerts pile up."""

COLUMNS = ("subject", "repo", "workflow", "problem", "detail", "weight", "html_url")

_REFUSED = ("forbidden", "not_found")

PILES_UP = "▲ Alerts pile up"
_PROBLEMS = {"failing": "✕ Failing", "stale": "◷ Stale"}


def needs_attention(
    states: pd.DataFrame, now: pd.DataFrame, before: pd.DataFrame | None, links: Mapping[str, str]
) -> pd.DataFrame:
    """Failing workflows, then repositories whose open alerts pile up, then stale workflows, worst first.

    states: workflow_state.  now, before: open_alerts by repository at the end and at the start of the range.
    links: the address of each repository, where it is known.
    """
    rows = [_workflows(states, "failing"), _repositories(now, before, links), _workflows(states, "stale")]
    found = [part for part in rows if not part.empty]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))


def growth(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Open alerts by repository at the end, with `before` (0 where there were none) and `grown`."""
    earlier = before.set_index("repo").n
    result = now.assign(before=now.repo.map(earlier).fillna(0).astype("int64"))
    return result.assign(grown=result.n - result.before)


def tally(states: pd.DataFrame, order: tuple[str, ...]) -> dict[str, int]:
    """How many workflows are in each state, zeros included."""
    counts = states.state.value_counts()
    return {name: int(counts.get(name, 0)) for name in order}


def incomplete_first(ledger: pd.DataFrame) -> pd.DataFrame:
    """The ledger with what is incomplete on top, what is switched off below that, else in its own order."""
    rank = ledger.outcome.isin(GOOD) * 2 + (ledger.outcome == "disabled")
    return ledger.iloc[rank.to_numpy().argsort(kind="stable")].reset_index(drop=True)


def by_source(ledger: pd.DataFrame) -> pd.DataFrame:
    """How the sources of each dataset ended last: one row per dataset, with the least complete on top."""
    ended = ledger.assign(
        sources=1,
        complete=ledger.outcome.isin(GOOD),
        off=ledger.outcome == "disabled",
        refused=ledger.outcome.isin(_REFUSED),
        cut_short=ledger.outcome == "partial",
        failed=ledger.outcome == "failed",
    )
    sums = {name: (name, "sum") for name in ("sources", "complete", "off", "refused", "cut_short", "failed")}
    found = ended.groupby("dataset").agg(**sums, last_good_at=("last_good_at", "max"))
    missing = found.refused + found.cut_short + found.failed
    return found.loc[missing.sort_values(ascending=False, kind="stable").index].reset_index()


def freshness(ledger: pd.DataFrame, rows: Mapping[str, int], files: pd.DataFrame) -> pd.DataFrame:
    """One row per dataset: rows, files, bytes, when it was last collected well, and how many sources are not.

    files: columns dataset, files, bytes. A kind of alert is a source of the dataset alerts.
    """
    sources = ledger.assign(dataset=ledger.dataset.where(~ledger.dataset.isin(KINDS), "alerts"))
    bad = ~sources.outcome.isin((*GOOD, "disabled"))
    known = sources.assign(incomplete=bad).groupby("dataset").agg({"last_good_at": "max", "incomplete": "sum"})
    counted = files.assign(rows=[rows[name] for name in files.dataset])
    return counted.merge(known.reset_index(), on="dataset", how="left")


def compared(now: pd.DataFrame, before: pd.DataFrame | None, part: str) -> pd.DataFrame:
    """Time to remediate by part with the median of the previous period, the change, and a note on few cases."""
    earlier = None if before is None else before[before.n > 0].set_index(part).median_s
    previous = now[part].map(earlier) if earlier is not None else pd.Series(float("nan"), index=now.index)
    previous = previous.astype("float64")
    note = ["too few to judge" if n < FEW else "" for n in now.n]
    return now.assign(previous_median_s=previous, change_s=now.median_s - previous, note=note)


def _workflows(states: pd.DataFrame, state: str) -> pd.DataFrame:
    rows = states[states.state == state]
    weight = "failure_streak" if state == "failing" else "days_since_last_run"
    rows = rows.sort_values(weight, ascending=False)
    return pd.DataFrame(
        {
            "subject": rows.workflow_name,
            "repo": rows.repo,
            "workflow": rows.workflow_name,
            "problem": _PROBLEMS[state],
            "detail": [_said(state, value) for value in rows[weight]],
            "weight": rows[weight].astype("float64"),
            "html_url": rows.html_url,
        }
    )


def _said(state: str, value: float) -> str:
    if state == "failing":
        return f"{count(value, 'failed run')} in a row on the default branch"
    return f"no run for {duration(value * 86_400)}, although one is overdue"


def _repositories(now: pd.DataFrame, before: pd.DataFrame | None, links: Mapping[str, str]) -> pd.DataFrame:
    if before is None or now.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = growth(now, before)
    rows = rows[rows.grown >= PILING_UP].sort_values("grown", ascending=False)
    return pd.DataFrame(
        {
            "subject": rows.repo,
            "repo": rows.repo,
            "workflow": None,
            "problem": PILES_UP,
            "detail": [
                f"{count(n, 'open alert')}, {grown:,} more than at the start of the range"
                for n, grown in zip(rows.n, rows.grown, strict=True)
            ],
            "weight": rows.grown.astype("float64"),
            "html_url": [f"{links[repo]}/security" if links.get(repo) else None for repo in rows.repo],
        }
    )
