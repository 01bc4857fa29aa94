"""Real repositories from the project's data folder, as their owners published them."""

import json
from pathlib import Path
from typing import Any

from tests.standins.github.alerts import AlertName
from tests.standins.github.examples import DATA, example
from tests.standins.github.jobs import JobObject
from tests.standins.github.runs import Attempts, RunObject
from tests.standins.github.state import State

RUNS = "ionic-team/ionic-framework"
CODE_SCANNING = "Tibule12/AutoPromote"
DEPENDABOT = "AvansHogeschoolBreda/openmrsmodule"
SECRET_SCANNING = "octo-org/private-repo"


def load_shipped(state: State, data: Path = DATA) -> None:
    """Adds the four repositories named above: 101 runs with jobs, 372 and 199 alerts, an example secret."""
    _load_runs(state, data)
    state.create_user(CODE_SCANNING.partition("/")[0])
    _load_alerts(state, CODE_SCANNING, "code-scanning", _read(data / "alerts" / "code_scanning_autopromote.json"))
    _load_alerts(state, DEPENDABOT, "dependabot", _read(data / "alerts" / "dependabot_openmrs.json"))
    state.create_repo(SECRET_SCANNING, private=True)
    for alert in example("secret_org", data):
        state.add_alert(SECRET_SCANNING, "secret-scanning", alert)


def _load_runs(state: State, data: Path) -> None:
    runs: dict[str, RunObject] = _read(data / "runs" / "ionic_stencil_workflow_runs.json")
    jobs: dict[str, JobObject] = _read(data / "runs" / "ionic_stencil_jobs.json")
    _create_repo(state, next(iter(runs.values()))["repository"])
    for run in runs.values():
        state.new_workflow(RUNS, run["name"], id=run["workflow_id"], path=run["path"])
        state.add_run(RUNS, run, earlier=_earlier(run))
    # The jobs of runs that were not published would belong to nothing.
    state.add_jobs(RUNS, [job for job in jobs.values() if str(job["run_id"]) in runs])


def _create_repo(state: State, recorded: dict[str, Any]) -> None:
    owner = recorded["owner"]
    state.create_org(owner["login"], id=owner["id"])
    state.create_repo(recorded["full_name"], repo_id=recorded["id"], description=recorded["description"])


def _earlier(run: RunObject) -> Attempts:
    """The attempt before a second one, which was not published; it is taken to have failed."""
    if run["run_attempt"] == 1:
        return {}
    first = {
        "run_attempt": 1,
        "run_started_at": run["created_at"],
        "updated_at": run["created_at"],
        "conclusion": "failure",
        "previous_attempt_url": None,
        "triggering_actor": run["actor"],
    }
    own = {key: value for key, value in run.items() if key not in ("repository", "head_repository")}
    return {1: own | first}


def _load_alerts(state: State, full_name: str, kind: AlertName, alerts: list[dict[str, Any]]) -> None:
    state.create_repo(full_name)
    for alert in alerts:
        state.add_alert(full_name, kind, alert)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8-sig"))
