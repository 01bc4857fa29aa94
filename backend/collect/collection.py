"""A collection under way: its steps, one after the other, each carried out by several threads."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from backend.collect.agents.provider import Remote
from backend.collect.choosing import Choice
from backend.collect.crew import Crew, Task
from backend.collect.jobs import Jobs
from backend.collect.ledger import Entry
from backend.collect.organisations import Organisations
from backend.collect.problems import GitHubError
from backend.collect.progress import Reporter
from backend.collect.recorder import Recorder
from backend.collect.repositories import Repositories
from backend.collect.visit import Desk, Repo, whole
from shared import datasets
from shared.collecting.choices import AGENT_SESSIONS
from shared.lake.store import StoreError


class Collection:
    """The state of one collection: what was chosen, and how far it has come."""

    def __init__(self, desk: Desk, progress: Reporter, workers: int, providers: Sequence[Remote]) -> None:
        self.id = f"{desk.stamp.collected_at:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
        self.desk, self.progress = desk, progress
        self.problem: str | None = None
        self._providers = providers
        self._crew = Crew(workers, self._stop)
        self._recorder = Recorder(desk, self.id)
        self._choice = Choice(desk, self._recorder)
        self._organisations = Organisations(desk, self._recorder)
        self._repositories = Repositories(desk, self._recorder, self._organisations)
        self._jobs = Jobs(desk, self._recorder)

    # --- the steps

    def run(self) -> None:
        """Reads everything. Raises the errors that end a collection."""
        self._do(self._choice.tasks())
        self._crew.all(self._choice.looking_up())
        self._follow_renames()
        self._do(self._organisations.tasks(self._choice.accounts))
        for provider in self._providers:
            provider.tell(self.progress.say)
        self._do(self._reading_sessions())
        self._do((repo.name, partial(self._read, repo)) for repo in self._choice.left)
        self._do(self._jobs.tasks(self._choice.repos))

    def rehearse(self) -> None:
        """Goes through the steps that ask GitHub, for a plan; what they bring is written nowhere."""
        self._do(self._choice.tasks())
        self._crew.all(self._choice.looking_up())
        self._do(self._organisations.tasks(self._choice.accounts))
        self._do((repo.name, partial(self._read, repo)) for repo in self._choice.left)
        self._do(self._jobs.tasks(self._choice.repos))

    def finish(self) -> None:
        """Writes what is still held, the ledger, and where the next collection begins."""
        self._crew.dismiss()
        try:
            self.desk.buffer.flush()
            self._jobs.tell_runs()
            self._link_sessions()
            (self.desk.turn.keep if self.problem else self.desk.turn.end)()
        except StoreError as error:
            self.problem = self.problem or str(error)
            self._recorder.mark_unstored(str(error))
        try:
            self._recorder.write()
        except StoreError as error:
            self.problem = self.problem or str(error)
        self.desk.buffer.close()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What became of each source."""
        return self._recorder.entries

    def _do(self, tasks: Iterable[tuple[str, Callable[[], str | None] | Task]]) -> None:
        """Carries out tasks, which may return what there is to say of them."""
        labelled = list(tasks)
        self.progress.expect(len(labelled))
        self._crew.all(partial(self._do_one, label, task) for label, task in labelled)

    def _do_one(self, label: str, task: Callable[[], str | None]) -> None:
        news = None
        try:
            news = task()
        finally:
            self.progress.done(label, news)

    def _stop(self, why: BaseException) -> None:
        said = why if isinstance(why, GitHubError) else None
        self.desk.github.stop(said)
        for provider in self._providers:
            provider.stop(said)

    def _follow_renames(self) -> None:
        for old, new in self._choice.renamed():
            moved = self.desk.lake.rename_repo(old, new)
            self.progress.say(f"{old} is called {new} now: {moved:,} rows moved")

    def _read(self, repo: Repo) -> str | None:
        news = self._repositories.read(repo, self._choice.taken(repo))
        self.desk.turn.finish(repo.id, repo.document)
        return news

    # --- what is not GitHub's usual

    def _reading_sessions(self) -> Iterator[tuple[str, Task]]:
        if self.desk.selection.wants(AGENT_SESSIONS) and self.desk.selection.holds(AGENT_SESSIONS):
            for provider in self._providers:
                yield f"{provider.name} sessions", partial(self._read_sessions, provider)

    def _read_sessions(self, provider: Remote) -> None:
        visit = self.desk.visit(AGENT_SESSIONS, whole(provider.name))
        self._recorder.watch(visit, partial(provider.read, visit))

    def _link_sessions(self) -> None:
        """Notes in pull requests which session they come from, where only the session says so."""
        if not self.desk.buffer.stored.keys() & {AGENT_SESSIONS, "pull_requests"}:
            return
        tables = self.desk.lake.tables("real", only=[datasets.PULL_REQUESTS, datasets.AGENT_SESSIONS])
        sessions = tables[AGENT_SESSIONS].to_pyarrow()
        if not sessions.num_rows:
            return
        from backend.mapping.links import linked_sessions  # only now: it needs pandas, which takes 40 MB

        pulls = tables["pull_requests"]
        touched = pulls.repo.isin(sessions["repo"].drop_null().unique().to_pylist()) | (pulls.alert_refs.length() > 0)
        changed = linked_sessions(pulls.filter(touched).to_pyarrow(), sessions)
        if changed.num_rows:
            self.desk.lake.upsert(datasets.PULL_REQUESTS, changed)
