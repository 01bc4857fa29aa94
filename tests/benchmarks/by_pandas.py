"""The pandas way: a page reads every Parquet file whole (the columns that it needs), and filters and groups in memory.

`python -m tests.benchmarks.by_pandas STORE PAGE NOW DAYS` works out what is most of one page, in a process of its own.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

FAILURES = ["failure", "timed_out", "startup_failure"]
LIMITS_S = {"critical": 48 * 3600, "high": 96 * 3600, "medium": 168 * 3600, "low": 336 * 3600}

_RUN = ["repo", "workflow_id", "created_at", "is_latest_attempt", "conclusion"]
_ALERT = ["repo", "severity", "state", "created_at", "closed_at"]
_KEY = ["repo", "workflow_id"]


@dataclass(frozen=True)
class Seen:
    """A store as a page sees it, for a range."""

    store: Path
    since: datetime
    until: datetime

    def read(self, dataset: str, *columns: str) -> pd.DataFrame:
        """All rows of a dataset."""
        files = sorted((self.store / "tables" / dataset).glob("**/*.parquet"))
        return pd.concat([pd.read_parquet(file, columns=list(columns)) for file in files], ignore_index=True)

    def runs(self, *columns: str) -> pd.DataFrame:
        """The latest attempts of all runs."""
        runs = self.read("workflow_runs", *_RUN, *columns)
        return runs[runs.is_latest_attempt]

    def on_default(self, runs: pd.DataFrame) -> pd.DataFrame:
        """Pushed runs of the default branches that succeeded or failed."""
        told = self.read("repositories", "repo", "default_branch").set_index("repo").default_branch
        pushed = runs[~runs.event.isin(["pull_request", "pull_request_target"])]
        pushed = pushed[pushed.branch == pushed.repo.map(told)]
        return pushed[pushed.conclusion.isin(["success", *FAILURES])]

    def recent(self, rows: pd.DataFrame, time_: str = "created_at") -> pd.DataFrame:
        """Rows of the range."""
        return rows[(rows[time_] >= self.since) & (rows[time_] < self.until)]

    def before(self, rows: pd.DataFrame, time_: str = "created_at") -> pd.DataFrame:
        """Rows of the stretch of equal length just before the range."""
        return rows[(rows[time_] >= self.since - (self.until - self.since)) & (rows[time_] < self.since)]


def overview(seen: Seen) -> list[pd.DataFrame]:
    """Runs by day and outcome, states of workflows, alerts opened and closed, open ones, time to remediate."""
    runs, alerts = seen.runs("branch", "event"), seen.read("alerts", *_ALERT)
    recent = seen.recent(runs)
    fixed = alerts[alerts.state == "fixed"]
    return [
        _outcomes(recent, recent.created_at.dt.floor("D")),
        _outcomes(seen.before(runs), seen.before(runs).created_at.dt.floor("D")),
        _last_runs(seen, runs),
        _per_day(seen, alerts),
        alerts[alerts.state == "open"].groupby(["severity"]).size().to_frame(),
        alerts[alerts.state == "open"].groupby(["repo"]).size().to_frame(),
        _lived(seen.recent(fixed, "closed_at")).describe().to_frame(),
        _lived(seen.before(fixed, "closed_at")).describe().to_frame(),
    ]


def at_risk(seen: Seen) -> list[pd.DataFrame]:
    """Per repository: open alerts, closed in time, runs of the default branch, last runs."""
    runs, alerts = seen.runs("branch", "event"), seen.read("alerts", *_ALERT)
    month = runs[runs.created_at >= seen.until - timedelta(days=30)]
    verdicts = seen.on_default(month)
    return [
        alerts[alerts.state == "open"].groupby(["repo", "severity"]).size().unstack(),
        _judged(seen, alerts).groupby(["repo", "status"]).size().unstack(),
        _outcomes(verdicts, verdicts.repo),
        _last_runs(seen, runs),
    ]


def repository(seen: Seen) -> list[pd.DataFrame]:
    """The alerts and the workflows of the first repository."""
    runs, alerts = seen.runs("branch", "event"), seen.read("alerts", *_ALERT, "number", "kind", "rule_id", "path")
    name = alerts.repo.min()
    runs, alerts = runs[runs.repo == name], alerts[alerts.repo == name]
    recent = seen.recent(runs)
    return [
        alerts[alerts.state == "open"].sort_values("created_at"),
        _per_day(seen, alerts),
        _judged(seen, alerts).groupby("status").size().to_frame(),
        _outcomes(recent, recent.created_at.dt.floor("D")),
        _last_runs(seen, runs),
    ]


def workflows(seen: Seen) -> list[pd.DataFrame]:
    """States of workflows, outcomes and durations by workflow and by day."""
    runs = seen.runs("branch", "event", "duration_s")
    recent = seen.recent(runs)
    return [
        _last_runs(seen, runs),
        _outcomes(recent, recent.created_at.dt.floor("D")),
        recent.groupby(_KEY).duration_s.describe(percentiles=[0.5, 0.95]),
        recent.groupby(recent.created_at.dt.floor("D")).duration_s.describe(percentiles=[0.5, 0.95]),
    ]


def workflow_analysis(seen: Seen) -> list[pd.DataFrame]:
    """One workflow: outcomes and durations by day, hours of the week, the newest runs."""
    runs = seen.runs("workflow_name", "run_id", "duration_s", "html_url", "actor", "branch", "event")
    runs = runs[(runs.repo == runs.repo.min()) & (runs.workflow_name == runs.workflow_name.min())]
    recent = seen.recent(runs)
    return [
        _outcomes(recent, recent.created_at.dt.floor("D")),
        recent.groupby(recent.created_at.dt.floor("D")).duration_s.describe(percentiles=[0.5, 0.95]),
        _outcomes(recent, recent.created_at.dt.strftime("%w %H")),
        recent.nlargest(1_000, "created_at"),
        _last_runs(seen, runs),
    ]


def flaky_and_cost(seen: Seen) -> list[pd.DataFrame]:
    """Minutes by day and by repository, and failures that later succeeded on the same commit."""
    columns = ["run_id", "run_attempt", "head_sha", "event", "branch", "completed_at", "duration_s"]
    runs = seen.read("workflow_runs", *_RUN, *columns)
    jobs = seen.read("workflow_jobs", "run_id", "run_attempt", "billable_minutes")
    spent = jobs.groupby(["run_id", "run_attempt"]).billable_minutes.sum().reset_index()
    runs = runs[runs.created_at >= seen.since - timedelta(days=31)].merge(spent, how="left")
    runs["minutes"] = runs.billable_minutes.fillna(np.ceil(runs.duration_s / 60))
    recent = seen.recent(runs)
    commit = ["repo", "workflow_id", "head_sha", "event", "branch"]
    tries = runs[runs.conclusion.isin(["success", *FAILURES])].sort_values(["created_at", "run_id", "run_attempt"])
    tries["failed"] = tries.conclusion != "success"
    tries["success"] = (tries.conclusion == "success").astype(int)
    tries["part"] = tries.groupby(commit).success.cumsum() - tries.success
    flakes = tries.groupby([*commit, "part"]).agg(
        failures=("failed", "sum"), tries=("failed", "size"), minutes=("minutes", "sum"), last=("created_at", "max")
    )
    flakes = flakes[(flakes.failures > 0) & (flakes.tries > flakes.failures)]
    return [
        recent.groupby(recent.created_at.dt.floor("D")).minutes.sum().to_frame(),
        recent.groupby("repo").minutes.sum().to_frame(),
        flakes.groupby(_KEY).agg(n=("failures", "size"), minutes=("minutes", "sum")),
    ]


def delivery(seen: Seen) -> list[pd.DataFrame]:
    """Deployments by day and repository, with their outcome and the time until the next success."""
    columns = ["workflow_name", "run_id", "branch", "event", "completed_at", "duration_s"]
    runs = seen.read("workflow_runs", *_RUN, *columns)
    runs = seen.on_default(runs[runs.workflow_name.str.lower().str.startswith("deploy")])
    runs = runs[runs.completed_at >= seen.since - timedelta(days=92)].sort_values("completed_at")
    recent = seen.recent(runs, "completed_at")
    return [_outcomes(recent, recent.completed_at.dt.floor("D")), _outcomes(recent, recent.repo), recent]


def remediation(seen: Seen) -> list[pd.DataFrame]:
    """Time to remediate by severity and month, alerts by age, and by repository and month."""
    alerts = seen.read("alerts", *_ALERT)
    fixed = seen.recent(alerts[alerts.state == "fixed"], "closed_at")
    lived, opened = _lived(fixed), alerts[alerts.state == "open"]
    days = (seen.until - opened.created_at).dt.days
    closed = alerts[alerts.closed_at.notna()]
    return [
        lived.groupby(fixed.severity).describe(),
        lived.groupby(fixed.closed_at.dt.strftime("%Y-%m")).describe(),
        opened.groupby([pd.cut(days, [-1, 7, 30, 90, 365, 99_999]), opened.severity], observed=True).size().to_frame(),
        closed.groupby(["repo", closed.closed_at.dt.strftime("%Y-%m")]).size().to_frame(),
        alerts.groupby(["repo", alerts.created_at.dt.strftime("%Y-%m")]).size().to_frame(),
    ]


def alerts(seen: Seen) -> list[pd.DataFrame]:
    """The alerts that are open or were closed in the range, the worst first, and how many are in which state."""
    rows = seen.read("alerts", *_ALERT, "kind", "number", "rule_id", "rule_name", "tool", "path", "html_url")
    rows = rows[(rows.state == "open") | (rows.closed_at >= seen.since)]
    return [rows.sort_values(["severity", "created_at"]).head(2_000), rows.groupby("state").size().to_frame()]


def sla(seen: Seen) -> list[pd.DataFrame]:
    """Alerts by SLA status and severity, by month, and those that are due."""
    rows = _judged(seen, seen.read("alerts", *_ALERT, "kind", "number", "rule_id"))
    month = rows.closed_at.dt.strftime("%Y-%m")
    return [
        rows.groupby(["severity", "status"]).size().unstack(),
        rows.groupby([month, "status"]).size().unstack(),
        rows[rows.status == "breached_open"].sort_values("created_at"),
        _per_day(seen, rows),
    ]


def data(seen: Seen) -> list[pd.DataFrame]:
    """The last collection of each source."""
    ledger = seen.read("collections", "repo", "dataset", "outcome", "started_at", "finished_at", "rows")
    return [ledger.sort_values("started_at").groupby(["repo", "dataset"]).last()]


PAGES: dict[str, Callable[[Seen], list[pd.DataFrame]]] = {
    page.__name__: page
    for page in (
        *(overview, at_risk, repository, workflows, workflow_analysis, flaky_and_cost, delivery),
        *(remediation, alerts, sla, data),
    )
}


def _outcomes(runs: pd.DataFrame, by: "pd.Series") -> pd.DataFrame:
    return runs.groupby([by, "conclusion"]).size().unstack()


def _last_runs(seen: Seen, runs: pd.DataFrame) -> pd.DataFrame:
    """Each workflow's last run, its last success and its last verdict, by all runs there are."""
    verdicts = seen.on_default(runs).sort_values("created_at")
    last = runs.groupby(_KEY).created_at.max().to_frame("last_run_at")
    success = verdicts[verdicts.conclusion == "success"].groupby(_KEY).created_at.max()
    return last.join(success.rename("last_success_at")).join(verdicts.groupby(_KEY).conclusion.last())


def _per_day(seen: Seen, rows: pd.DataFrame) -> pd.DataFrame:
    opened, closed = seen.recent(rows), seen.recent(rows, "closed_at")
    counts = {
        "opened": opened.groupby(opened.created_at.dt.floor("D")).size(),
        "closed": closed.groupby(closed.closed_at.dt.floor("D")).size(),
    }
    return pd.DataFrame(counts).fillna(0)


def _lived(rows: pd.DataFrame) -> "pd.Series":
    return (rows.closed_at - rows.created_at).dt.total_seconds()


def _judged(seen: Seen, rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows[(rows.state == "open") | (rows.closed_at >= seen.since)].copy()
    late = _lived(rows.assign(closed_at=rows.closed_at.fillna(seen.until))) > rows.severity.map(LIMITS_S)
    rows["status"] = late.map({True: "breached_", False: "within_"}) + (rows.state == "open").map(
        {True: "open", False: "closed"}
    )
    return rows


def main(store: str, page: str, now: str, days: str) -> None:
    """Prints the seconds that one page took and how many rows it came to."""
    until = datetime.fromisoformat(now)
    began = time.perf_counter()
    found = PAGES[page](Seen(Path(store), until - timedelta(days=int(days)), until))
    sys.stdout.write(f"took {time.perf_counter() - began:.3f} s for {sum(map(len, found))} rows\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
