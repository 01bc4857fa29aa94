"""Workflows, runs, attempts and jobs."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.standins.github.accounts import API
from tests.standins.github.answers import Answer, ApiError, answer, dumps
from tests.standins.github.calls import Call
from tests.standins.github.pages import Page, numbered
from tests.standins.github.repositories import Repository
from tests.standins.github.routes import route
from tests.standins.github.runs import Attempts, RunObject, run_text
from tests.standins.github.tokens import ACTIONS

RUN_DOCS = "/actions/workflow-runs#"
REPO = "/repos/{owner}/{repo}/actions"
Test = Callable[[RunObject], bool]
Window = tuple[int | None, int | None]

TOO_FAR = (
    "In order to keep the API fast for everyone, pagination is limited for this resource. "
    "Check the rel=last link relation in the Link response header to see how far back you can traverse."
)

FILTERS: dict[str, Callable[[RunObject, str], bool]] = {
    "status": lambda run, wanted: wanted in (run.get("status"), run.get("conclusion")),
    "branch": lambda run, wanted: run.get("head_branch") == wanted,
    "event": lambda run, wanted: run.get("event") == wanted,
    "actor": lambda run, wanted: (run.get("actor") or {}).get("login") == wanted,
    "head_sha": lambda run, wanted: run.get("head_sha") == wanted,
    "check_suite_id": lambda run, wanted: str(run.get("check_suite_id")) == wanted,
}


@route(f"{REPO}/workflows", docs="/actions/workflows#list-repository-workflows", permission=ACTIONS)
def workflows(call: Call) -> Answer:
    """A repository's workflows."""
    shelf = list(call.repo.workflows.values())
    page = numbered(call, shelf)
    return answer({"total_count": len(shelf), "workflows": page.items}, page.headers)


@route(f"{REPO}/runs", docs=f"{RUN_DOCS}list-workflow-runs-for-a-repository", permission=ACTIONS)
def runs(call: Call) -> Answer:
    """The newest attempt of each run, newest run first; `total_count` counts what pages never reach, too."""
    repo, state = call.repo, call.state
    since, until = window(call.query.get("created"))
    tests = [(test, call.query[name]) for name, test in FILTERS.items() if name in call.query]
    found = repo.runs.newest_first(since, until)
    if tests:
        found = [id_ for id_ in found if all(test(repo.runs.latest(id_), wanted) for test, wanted in tests)]
    filtered = bool(tests) or "created" in call.query
    if not filtered and (call.page - 1) * call.per_page >= state.unfiltered_limit:
        raise ApiError(422, TOO_FAR)
    page = numbered(call, found, state.search_limit if filtered else state.unfiltered_limit)
    own = _repositories(repo).replace(API, call.url)
    written = ",".join([_listed(call, repo, run_id, own) for run_id in page.items])
    return answer(f'{{"total_count":{len(found)},"workflow_runs":[{written}]}}', page.headers).pack()


@route(f"{REPO}/runs/{{run_id}}", docs=f"{RUN_DOCS}get-a-workflow-run", permission=ACTIONS)
def run(call: Call) -> Answer:
    """The newest attempt of one run."""
    attempts = _attempts(call)
    return answer(_shown(call, call.repo, attempts[max(attempts)]))


@route(
    f"{REPO}/runs/{{run_id}}/attempts/{{attempt}}",
    docs=f"{RUN_DOCS}get-a-workflow-run-attempt",
    permission=ACTIONS,
)
def attempt(call: Call) -> Answer:
    """Any attempt of one run."""
    return answer(_shown(call, call.repo, _attempt(call)))


@route(
    f"{REPO}/runs/{{run_id}}/jobs",
    docs="/actions/workflow-jobs#list-jobs-for-a-workflow-run",
    permission=ACTIONS,
)
def jobs(call: Call) -> Answer:
    """The jobs of a run's newest attempt, or with `filter=all` of every attempt."""
    newest = max(_attempts(call))
    everything = call.query.get("filter") == "all"
    return _jobs(call, lambda job: everything or job["run_attempt"] == newest)


@route(
    f"{REPO}/runs/{{run_id}}/attempts/{{attempt}}/jobs",
    docs="/actions/workflow-jobs#list-jobs-for-a-workflow-run-attempt",
    permission=ACTIONS,
)
def attempt_jobs(call: Call) -> Answer:
    """The jobs of any attempt."""
    number = _attempt(call)["run_attempt"]
    return _jobs(call, lambda job: job["run_attempt"] == number)


def window(created: str | None) -> Window:
    """The seconds, both ends included, that `created` means: `>=X`, `<X`, `X..Y`, `*..Y`, a day, ..."""
    if not created:
        return None, None
    if ".." in created:
        first, _, last = created.partition("..")
        return _seconds(first)[0], _seconds(last)[1]
    found = re.fullmatch(r"(>=|<=|>|<)?(.+)", created)
    sign, (first_s, last_s) = (found[1] if found else ""), _seconds(found[2] if found else created)
    beyond = None if last_s is None else last_s + 1
    before = None if first_s is None else first_s - 1
    ends: dict[str | None, Window] = {
        ">=": (first_s, None),
        ">": (beyond, None),
        "<=": (None, last_s),
        "<": (None, before),
    }
    return ends.get(sign, (first_s, last_s))


def _seconds(text: str) -> Window:
    """The first and the last second of a day or of a moment; nothing for `*`."""
    if text == "*":
        return None, None
    try:
        # A plus that was not encoded arrives as a space.
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise ApiError(422, "Validation Failed", errors=[f"created: {text!r} is not a date"]) from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    length = timedelta(days=1) if len(text) == len("2026-01-01") else timedelta(seconds=1)
    return int(at.timestamp()), int((at + length).timestamp()) - 1


def _listed(call: Call, repo: Repository, run_id: int, own: str) -> str:
    """A run as lists show it; `own` are its repositories as text."""
    source = repo.runs.source
    if source is None or not repo.runs.made_on_demand(run_id):
        return _shown(call, repo, repo.runs.latest(run_id)).replace(API, call.url)
    with_pulls = call.query.get("exclude_pull_requests") != "true"
    return run_text(repo.full_name, source.facts(run_id)[-1], call.url, with_pulls=with_pulls)[:-1] + own + "}"


def _shown(call: Call, repo: Repository, run: RunObject) -> str:
    """The run with its repositories, whose text is the same for every run and so is written only once."""
    shown = {**run, "pull_requests": []} if call.query.get("exclude_pull_requests") == "true" else run
    return dumps(shown)[:-1] + _repositories(repo, run) + "}"


def _repositories(repo: Repository, run: RunObject | None = None) -> str:
    """The fields of a run that hold its repository, save those that it brings along."""
    names = (name for name in ("repository", "head_repository") if name not in (run or {}))
    return "".join(f',"{name}":{repo.embedded_json}' for name in names)


def _attempts(call: Call) -> Attempts:
    run_id = call.names["run_id"]
    if not run_id.isdigit() or int(run_id) not in call.repo.runs:
        raise ApiError(404, "Not Found")
    return call.repo.runs.attempts(int(run_id))


def _attempt(call: Call) -> RunObject:
    number = call.names["attempt"]
    found = _attempts(call).get(int(number)) if number.isdigit() else None
    if found is None:
        raise ApiError(404, "Not Found")
    return found


def _jobs(call: Call, wanted: Test) -> Answer:
    held = call.state.jobs_of_run(call.repo, int(call.names["run_id"]))
    found = [job for job in held if wanted(job)]
    page: Page[RunObject] = numbered(call, found)
    return answer({"total_count": len(found), "jobs": page.items}, page.headers)
