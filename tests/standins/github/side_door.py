"""What other processes may ask of the stand-in itself, outside of GitHub's paths: its figures, and moves.

| request | does |
|---|---|
| `GET /_standin/log` | the log's figures, and the seconds of processor time this process has used |
| `GET /_standin/targets` | what was asked for so far, in that order, each with its parameters |
| `GET /_standin/lists?org=acme` | how many items each list holds that a collector of this organisation has to read |
| `POST /_standin/clear` | begins a new log |
| `POST /_standin/new_runs?org=acme&at=2026-11-01` | one new run in each repository |
"""

from collections.abc import Callable
from time import process_time
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from tests.standins.github.alerts import KINDS
from tests.standins.github.answers import Answer, answer, error
from tests.standins.github.log import RequestLog
from tests.standins.github.state import State

PREFIX = "/_standin/"

Query = dict[str, str]


def at_side_door(state: State, log: RequestLog, method: str, target: str) -> Answer:
    """Answers one request below PREFIX; none of them is in the log."""
    path, _, query = target.partition("?")
    found = DOORS.get((method, path.removeprefix(PREFIX)))
    if found is None:
        return error(404, f"{method} {path} is not one of {', '.join(' '.join(door) for door in DOORS)}")
    return answer(found(state, log, dict(parse_qsl(query))))


def figures(state: State, log: RequestLog, query: Query) -> dict[str, float]:
    """See the table."""
    return {**log.figures(), "cpu_s": process_time()}


def targets(state: State, log: RequestLog, query: Query) -> list[str]:
    """See the table."""
    return [f"{quote(entry.path)}?{urlencode(entry.query)}" for entry in log]


def lists(state: State, log: RequestLog, query: Query) -> dict[str, int]:
    """See the table."""
    org = query["org"]
    with state.lock:
        repos = state.repos_of(org)
        sizes = {f"/orgs/{org}/repos": len(repos)}
        for name in (kind.name for kind in KINDS.values()):
            on = [repo for repo in repos if repo.features[name] == "on"]
            sizes[f"/orgs/{org}/{name}/alerts"] = sum(len(repo.alerts.get(name, ())) for repo in on)
        for repo in repos:
            place = f"/repos/{repo.full_name}"
            sizes[f"{place}/actions/workflows"] = len(repo.workflows)
            sizes[f"{place}/actions/runs"] = len(repo.runs)
            sizes[f"{place}/pulls"] = len(repo.pulls)
            sizes[f"{place}/code-scanning/analyses"] = len(repo.analyses)
        return sizes


def clear(state: State, log: RequestLog, query: Query) -> dict[str, float]:
    """See the table."""
    log.clear()
    return figures(state, log, query)


def new_runs(state: State, log: RequestLog, query: Query) -> list[int]:
    """See the table; the answer has their ids."""
    at = query.get("at")
    return [state.new_run(repo.full_name, at=at)["id"] for repo in state.repos_of(query["org"])]


DOORS: dict[tuple[str, str], Callable[[State, RequestLog, Query], Any]] = {
    ("GET", "log"): figures,
    ("GET", "targets"): targets,
    ("GET", "lists"): lists,
    ("POST", "clear"): clear,
    ("POST", "new_runs"): new_runs,
}
