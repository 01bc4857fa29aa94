"""The first row of each page: its figures from the data, now and in the previous period."""

from dataclasses import replace

import pandas as pd

from frontend import data
from frontend.attention import tally
from frontend.figures import Figure, count_figure, duration_figure, metric_text, rate_figure
from frontend.periods import last_year, two_periods
from frontend.restoring import broken_at, summary, within
from frontend.words import DAY_S, count, duration, percent, readable, size
from shared.datasets.alerts import KINDS
from shared.metrics.coverage import GOOD
from shared.metrics.workflow_state import STATES
from shared.scope import Scope

WORST = ("critical", "high")

SPARKLINE_POINTS = 40

_QUARANTINE = "Rows that failed validation, kept with the reason."
_MONTHLY = "The sparkline shows the last twelve months."


def period_of(scope: Scope) -> str:
    """What changes are against: "previous 90 days"; "" where there is no previous period."""
    if scope.since is None:
        return ""
    seconds = (scope.until - scope.since).total_seconds()
    return f"previous {count(seconds / DAY_S, 'day')}" if seconds > DAY_S else "previous 24 hours"


def overview(scope: Scope) -> list[Figure]:
    """Open alerts, those critical or high, time to remediate, success rate, failing workflows, time to restore."""
    return [
        open_alerts(scope),
        open_alerts(scope, worst=True),
        time_to_remediate(scope),
        success_rate(scope),
        failing_workflows(scope),
        time_to_restore(scope),
    ]


def workflows(scope: Scope) -> list[Figure]:
    """How many workflows are in each state, and the time to restore."""
    states = data.metric("workflow_state", scope)
    counts, text, note = tally(states, STATES), metric_text("workflow_state"), f"of {count(len(states), 'workflow')}"
    others = [
        replace(count_figure(readable(state), counts[state], None, better="lower", text=text), note=note)
        for state in STATES
        if state != "failing"
    ]
    return [replace(failing_workflows(scope), title="Failing"), *others, time_to_restore(scope)]


def remediation(scope: Scope, dismissed: bool) -> list[Figure]:
    """Median, mean and 90th percentile of the time to remediate, alerts fixed, and those open."""
    now = data.remediation(scope, None, dismissed).iloc[0]
    previous = scope.previous()
    before = None if previous is None else data.remediation(previous, None, dismissed).iloc[0]
    text, noun = metric_text("time_to_remediate"), "closed alert" if dismissed else "fixed alert"
    monthly = _by_month(scope, dismissed)
    durations = [
        replace(duration_figure(title, key, now, before, text=text, noun=noun), sparkline=_points(monthly, key))
        for title, key in (("Median", "median_s"), ("Mean", "mean_s"), ("90th percentile", "p90_s"))
    ]
    title, earlier = "Closed" if dismissed else "Fixed", None if before is None else int(before.n)
    fixed = count_figure(title, int(now.n), earlier, better="higher", text=text)
    return [*durations, _or_unknown(fixed, "alerts"), open_alerts(scope)]


def ledger(entries: pd.DataFrame, datasets: pd.DataFrame, refused: pd.DataFrame) -> list[Figure]:
    """Repositories, sources complete and not, rows, size and quarantine of the lake."""
    on, text = entries[entries.outcome != "disabled"], metric_text("coverage")
    good, off = on.outcome.isin(GOOD), len(entries) - len(on)
    complete = percent(good.mean()) if len(on) else None
    sources, files = count(len(on), "source"), count(datasets.files.sum(), "file")
    of_all = f"of {sources}, {count(off)} switched off" if off else f"of {sources}"
    repos = entries.repo[~entries.repo.str.endswith("/*")]  # what stands for a whole organisation is none
    return [
        Figure("Repositories", count(repos.nunique()), "higher", "Repositories in the ledger."),
        Figure("Sources complete", complete, "higher", text, note=of_all),
        Figure("Sources incomplete", count((~good).sum()), "lower", text, note="unknown, not zero"),
        Figure("Rows", count(datasets.rows.sum()), "higher", "Rows of all datasets that are shown."),
        Figure("Size", size(datasets.bytes.sum()), "lower", "Parquet files of all datasets.", note=f"in {files}"),
        Figure("Quarantine", count(refused.rows.sum()), "lower", _QUARANTINE, note="rows refused"),
    ]


def open_alerts(scope: Scope, *, worst: bool = False) -> Figure:
    """Alerts open at the end of the range; worst: only those critical or high."""
    title, text = "Critical and high" if worst else "Open alerts", metric_text("open_alerts")
    narrowed = _worst(scope) if worst else scope
    if narrowed is None:
        return Figure(title, None, "lower", text, note="filtered out")
    now, before = data.metric("open_alerts", scope, "severity"), _before("open_alerts", scope, "severity")
    earlier = None if before is None else _open(before, worst=worst)
    figure = count_figure(title, _open(now, worst=worst), earlier, better="lower", text=text)
    trend = data.metric("alert_trend", narrowed)
    return _or_unknown(replace(figure, sparkline=_points(trend, "open_at_end"), note=_gaps(scope, KINDS)), "alerts")


def time_to_remediate(scope: Scope) -> Figure:
    """The median time to remediate, with the mean in its help."""
    now, before = data.metric("time_to_remediate", scope).iloc[0], _before("time_to_remediate", scope)
    mean = (
        "" if pd.isna(now.mean_s) else f"**Mean:** {duration(now.mean_s)}. **90th percentile:** {duration(now.p90_s)}."
    )
    text = metric_text("time_to_remediate", f"{mean} {_MONTHLY}")
    figure = duration_figure(
        "Time to remediate", "median_s", now, _first(before), text=text, noun="fix", plural="fixes"
    )
    return _or_unknown(replace(figure, sparkline=_points(_by_month(scope, False), "median_s")), "alerts")


def success_rate(scope: Scope) -> Figure:
    """The share of workflow runs that succeeded."""
    now, before = data.metric("success_rate", scope).iloc[0], _before("success_rate", scope)
    figure = rate_figure("CI success rate", now, _first(before), text=metric_text("success_rate"))
    return _or_unknown(
        replace(figure, sparkline=_points(data.metric("run_trend", scope), "success_rate")), "workflow_runs"
    )


def failing_workflows(scope: Scope) -> Figure:
    """Workflows whose last run on the default branch failed, against those that were broken when the range began."""
    states, episodes = data.metric("workflow_state", scope), data.metric("restore_episodes", two_periods(scope))
    failing = states[states.state == "failing"]
    episodes = _of_known_end(episodes, failing)
    before = None if scope.since is None else float(broken_at(episodes, [scope.since])[0])
    text = metric_text("workflow_state", "The change is against the workflows that were broken when the range began.")
    figure = count_figure("Failing workflows", len(failing), before, better="lower", text=text)
    times = [] if scope.since is None else pd.date_range(scope.since, scope.until, SPARKLINE_POINTS).to_list()
    points = tuple(float(n) for n in broken_at(episodes, times))
    return _or_unknown(replace(figure, note=f"of {count(len(states), 'workflow')}", sparkline=points), "workflow_runs")


def time_to_restore(scope: Scope) -> Figure:
    """The median time to restore, with the mean in its help."""
    episodes, previous = data.metric("restore_episodes", two_periods(scope)), scope.previous()
    now = summary(episodes, scope.since, scope.until)
    before = None if previous is None else summary(episodes, previous.since, previous.until)
    spread = "" if not now.n else f"**Mean:** {duration(now.mean_s)}. **Still broken:** {now.open:,.0f}."
    text = metric_text("time_to_restore", f"{spread} The sparkline shows the newest episodes one by one.")
    figure = duration_figure("Time to restore", "median_s", now, before, text=text, noun="episode")
    restored = within(episodes, scope.since, scope.until).dropna(subset="restored_at").sort_values("restored_at")
    return _or_unknown(
        replace(figure, sparkline=_points(restored.tail(SPARKLINE_POINTS), "duration_s")), "workflow_runs"
    )


def _of_known_end(episodes: pd.DataFrame, failing: pd.DataFrame) -> pd.DataFrame:
    """Episodes without those still open of workflows that do not count as failing, being switched off."""
    names = ["repo", "workflow_name"]
    counted = pd.MultiIndex.from_frame(episodes[names]).isin(pd.MultiIndex.from_frame(failing[names]))
    return episodes[episodes.restored_at.notna() | counted]


def _or_unknown(figure: Figure, dataset: str) -> Figure:
    """The figure, or an unknown one where the dataset holds nothing at all."""
    if data.row_counts()[dataset]:
        return figure
    return replace(figure, value=None, change="", sparkline=(), note="nothing collected yet")


def _gaps(scope: Scope, sources: tuple[str, ...]) -> str:
    """How many sources of the scope are unknown, as a note; "" if none."""
    ledger = data.coverage(scope)
    missing = int((ledger.dataset.isin(sources) & ~ledger.outcome.isin(GOOD)).sum())
    return f"{count(missing, 'source')} unknown" if missing else ""


def _worst(scope: Scope) -> Scope | None:
    """The scope narrowed to the worst severities; None if it excludes them."""
    severities = tuple(name for name in WORST if not scope.severities or name in scope.severities)
    return replace(scope, severities=severities) if severities else None


def _by_month(scope: Scope, dismissed: bool) -> pd.DataFrame:
    return data.remediation(last_year(scope), "month", dismissed)


def _open(severities: pd.DataFrame, *, worst: bool) -> float:
    """How many alerts are open, all or the worst, of a frame of open_alerts by severity."""
    return float(severities[severities.severity.isin(WORST)].n.sum() if worst else severities.n.sum())


def _before(name: str, scope: Scope, by: str | None = None) -> pd.DataFrame | None:
    previous = scope.previous()
    return None if previous is None else data.metric(name, previous, by)


def _first(frame: pd.DataFrame | None) -> "pd.Series | None":
    return None if frame is None else frame.iloc[0]


def _points(frame: pd.DataFrame, column: str) -> tuple[float, ...]:
    """The known values of a column, for a sparkline; none where there are fewer than two."""
    values = tuple(float(value) for value in frame[column].dropna())
    return values if len(values) > 1 else ()
