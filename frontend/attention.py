"""Attention: what needs someone today, kind by kind, each thing with the page that says more of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from frontend.words import count, duration, readable

DISABLED_WITHIN_DAYS = 14
"""A scheduled workflow is told of so many days before GitHub switches it off."""

COLUMNS = ("problem", "subject", "repo", "workflow", "detail", "html_url")


@dataclass(frozen=True)
class Problem:
    """A kind of problem. title: with its sign.  page: that says more of one such thing.  all_page: that lists all."""

    title: str
    page: str
    all_page: str


PROBLEMS: Mapping[str, Problem] = {
    "failing": Problem("✕ Failing workflows", "workflow_analysis", "workflows"),
    "due": Problem("◷ SLA ends within 7 days", "sla", "sla"),
    "at_risk": Problem("✕ Repositories at risk", "repository", "at_risk"),
    "silent": Problem("◌ Silent scanners", "repository", "workflows"),
    "switched_off": Problem("◔ Schedules about to be switched off", "workflow_analysis", "workflows"),
    "stale": Problem("◷ Stale workflows", "workflow_analysis", "workflows"),
}
"""What is told, the most urgent first."""


def needs_attention(
    states: pd.DataFrame, due: pd.DataFrame, health: pd.DataFrame, silent: pd.DataFrame, links: Mapping[str, str]
) -> pd.DataFrame:
    """One row per thing that needs someone, by PROBLEMS and in each by how urgent it is.

    states: workflow_state.  due: the rows of sla_worklist that are due soon.  health: repository_health with its
    `cause`.  silent: silent_scanners.  links: the address of each repository, where it is known.
    """
    rows = [
        _failing(states),
        _due(due),
        _at_risk(health, links),
        _silent(silent, links),
        _switched_off(states),
        _stale(states),
    ]
    found = [part for part in rows if not part.empty]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))


def _failing(states: pd.DataFrame) -> pd.DataFrame:
    rows = states[states.state == "failing"].sort_values("failure_streak", ascending=False, kind="stable")
    said = [f"{count(n, 'failed run')} in a row on the default branch" for n in rows.failure_streak]
    return _of_workflows("failing", rows, said)


def _stale(states: pd.DataFrame) -> pd.DataFrame:
    rows = states[states.state == "stale"].sort_values("days_since_last_run", ascending=False, kind="stable")
    said = [f"no run for {duration(days * 86_400)}, longer than is usual for it" for days in rows.days_since_last_run]
    return _of_workflows("stale", rows, said)


def _switched_off(states: pd.DataFrame) -> pd.DataFrame:
    near = (states.days_until_disabled < DISABLED_WITHIN_DAYS) & (states.state != "inactive")
    rows = states[near].sort_values("days_until_disabled", kind="stable")
    when = [f"in {count(days, 'day')}" if days >= 1 else "any day now" for days in rows.days_until_disabled]
    said = [f"GitHub stops its schedule {soon} unless someone pushes" for soon in when]
    return _of_workflows("switched_off", rows, said)


def _due(due: pd.DataFrame) -> pd.DataFrame:
    subjects = [
        f"{rule if isinstance(rule, str) else readable(kind)} #{number}"
        for rule, kind, number in zip(due.rule_id, due.kind, due.number, strict=True)
    ]
    said = [
        f"{readable(severity).lower()}, its limit ends in {duration(left)}"
        for severity, left in zip(due.severity, due.left_s, strict=True)
    ]
    return _rows("due", subjects, due.repo, None, said, due.html_url)


def _at_risk(health: pd.DataFrame, links: Mapping[str, str]) -> pd.DataFrame:
    rows = health[health.tier == "at_risk"]
    said = [
        f"score {score:.0f}, {cause}" if isinstance(cause, str) else f"score {score:.0f}"
        for score, cause in zip(rows.score, rows.cause, strict=True)
    ]
    return _rows("at_risk", rows.repo, rows.repo, None, said, rows.repo.map(links))


def _silent(silent: pd.DataFrame, links: Mapping[str, str]) -> pd.DataFrame:
    said = [
        ("no scan is known" if pd.isna(days) else f"no scan for {duration(days * 86_400)}")
        + ", so fewer alerts may only mean that nobody looks"
        for days in silent.days_silent
    ]
    return _rows("silent", silent.tool, silent.repo, silent.workflow_name, said, silent.repo.map(links))


def _of_workflows(problem: str, rows: pd.DataFrame, said: list[str]) -> pd.DataFrame:
    return _rows(problem, rows.workflow_name.fillna("unnamed"), rows.repo, rows.workflow_name, said, rows.html_url)


def _rows(problem: str, subject: object, repo: object, workflow: object, said: object, url: object) -> pd.DataFrame:
    values = (problem, subject, repo, workflow, said, url)
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)), dtype="object")
