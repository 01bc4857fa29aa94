"""What happens to workflows, runs and jobs: the moves that tests make."""

from typing import Any

from tests.standins.github.accounts import API, WEB, node_id
from tests.standins.github.jobs import JobObject, job_object
from tests.standins.github.moments import Moment, epoch, iso
from tests.standins.github.repositories import Repository
from tests.standins.github.runs import Attempts, RunFacts, RunObject, run_object
from tests.standins.github.store import Store


class RunMoves(Store):
    """Adds and changes workflows, runs and jobs."""

    def new_workflow(self, full_name: str, name: str = "CI", **fields: Any) -> dict[str, Any]:
        """A workflow, or the one of that name if there is one; `fields` override the object."""
        repo = self.repo(full_name)
        with self.change(repo):
            for workflow in repo.workflows.values():
                if workflow["name"] == name:
                    return workflow
            workflow = workflow_object(repo.full_name, fields.pop("id", None) or self.next_id(), name) | fields
            repo.workflows[workflow["id"]] = workflow
            return workflow

    def new_run(
        self,
        full_name: str,
        *,
        at: Moment | None = None,
        conclusion: str | None = "success",
        duration_s: int = 300,
        workflow: str = "CI",
        event: str = "push",
        branch: str = "main",
        actor: str = "octocat",
        jobs: tuple[str, ...] = ("build",),
        **fields: Any,
    ) -> RunObject:
        """A run created `at`; conclusion None leaves it in progress; `fields` override the object."""
        repo, start = self.repo(full_name), epoch(self._now(at))
        shown = self.new_workflow(full_name, workflow)
        with self.change(repo):
            facts = RunFacts(
                id=self.next_id(),
                number=1 + len(repo.runs),
                workflow=shown,
                actor=self.create_user(actor),
                created=start,
                started=start,
                updated=start + (duration_s if conclusion else 0),
                status="completed" if conclusion else "in_progress",
                conclusion=conclusion,
                event=event,
                branch=branch,
            )
            run = run_object(repo.full_name, facts) | fields
            repo.runs.put({run["run_attempt"]: run})
            repo.jobs[run["id"]] = jobs_of(repo, run, jobs)
            return run

    def add_run(self, full_name: str, run: RunObject, *, earlier: Attempts | None = None) -> None:
        """Adds a run object as it is, or replaces the one with its id; `earlier` are attempts by number."""
        repo = self.repo(full_name)
        with self.change(repo):
            repo.runs.put({**(earlier or {}), run.get("run_attempt", 1): self._without_repo(repo, run)})

    def add_jobs(self, full_name: str, jobs: list[JobObject]) -> None:
        """Adds job objects as they are to the runs that they name."""
        repo = self.repo(full_name)
        with self.change(repo):
            for job in jobs:
                repo.jobs.setdefault(job["run_id"], []).append(job)

    def rerun(
        self, run_id: int, conclusion: str | None = "success", at: Moment | None = None, duration_s: int = 300
    ) -> RunObject:
        """Runs it once more: attempt + 1, same number and created_at; the earlier attempt stays readable."""
        repo, start = self.repo_of_run(run_id), epoch(self._now(at))
        with self.change(repo):
            attempts = dict(repo.runs.attempts(run_id))
            last = attempts[max(attempts)]
            number = last["run_attempt"] + 1
            address = f"{API}/repos/{repo.full_name}/actions/runs/{run_id}/attempts"
            run = last | {
                "run_attempt": number,
                "run_started_at": iso(start),
                "updated_at": iso(start + (duration_s if conclusion else 0)),
                "status": "completed" if conclusion else "in_progress",
                "conclusion": conclusion,
                "previous_attempt_url": f"{address}/{number - 1}",
            }
            repo.runs.put({**attempts, number: run})
            before = self.jobs_of_run(repo, run_id)
            repo.jobs[run_id] = before + jobs_of(repo, run, tuple(dict.fromkeys(job["name"] for job in before)))
            return run

    def complete(self, run_id: int, conclusion: str = "success", at: Moment | None = None) -> RunObject:
        """Ends the present attempt of a run, and its jobs with it."""
        return self.edit_run(
            run_id, status="completed", conclusion=conclusion, updated_at=iso(self._now(at)), and_jobs=True
        )

    def edit_run(self, run_id: int, *, and_jobs: bool = False, **fields: Any) -> RunObject:
        """Overrides fields of the present attempt; `and_jobs` rewrites its jobs to match."""
        repo = self.repo_of_run(run_id)
        with self.change(repo):
            attempts, jobs = dict(repo.runs.attempts(run_id)), self.jobs_of_run(repo, run_id)
            number = max(attempts)
            run = attempts[number] = attempts[number] | fields
            repo.runs.put(attempts)
            if and_jobs:
                names = tuple(job["name"] for job in jobs if job["run_attempt"] == number)
                repo.jobs[run_id] = [job for job in jobs if job["run_attempt"] != number] + jobs_of(repo, run, names)
            return run

    def delete_run(self, run_id: int) -> None:
        """The run has reached its retention time."""
        repo = self.repo_of_run(run_id)
        with self.change(repo):
            repo.runs.remove(run_id)
            repo.jobs.pop(run_id, None)

    def repo_of_run(self, run_id: int) -> Repository:
        """The repository in which a run lives; KeyError if there is none."""
        with self.lock:
            for repo in self.repos.values():
                if run_id in repo.runs:
                    return repo
        raise KeyError(run_id)

    def jobs_of_run(self, repo: Repository, run_id: int) -> list[JobObject]:
        """The jobs of all attempts; runs that are made on demand have two for each attempt."""
        if run_id in repo.jobs or not repo.runs.made_on_demand(run_id):
            return repo.jobs.get(run_id, [])
        attempts = repo.runs.attempts(run_id)
        return [job for run in attempts.values() for job in jobs_of(repo, run, ("build", "test"))]

    def _now(self, at: Moment | None) -> Moment:
        return self.clock() if at is None else at

    @staticmethod
    def _without_repo(repo: Repository, run: RunObject) -> RunObject:
        # The repository is written when the run is shown, always under its present name.
        own = repo.embedded()
        return {
            key: value for key, value in run.items() if key not in ("repository", "head_repository") or value != own
        }


def jobs_of(repo: Repository, run: RunObject, names: tuple[str, ...]) -> list[JobObject]:
    """One job for each name, for the attempt that `run` is."""
    return [job_object(repo.full_name, run, name, ordinal=ordinal) for ordinal, name in enumerate(names)]


def workflow_object(full_name: str, workflow_id: int, name: str) -> dict[str, Any]:
    """A workflow with every field."""
    path = f".github/workflows/{name.lower().replace(' ', '-')}.yml"
    return {
        "id": workflow_id,
        "node_id": node_id("Workflow", workflow_id),
        "name": name,
        "path": path,
        "state": "active",
        "created_at": "2020-01-08T23:48:37.000-08:00",
        "updated_at": "2020-01-08T23:50:21.000-08:00",
        "url": f"{API}/repos/{full_name}/actions/workflows/{workflow_id}",
        "html_url": f"{WEB}/{full_name}/blob/main/{path}",
        "badge_url": f"{WEB}/{full_name}/workflows/{name.replace(' ', '%20')}/badge.svg",
    }
