"""Collections to be measured, each in its own process, and the bare loop that they are compared with."""

import json
from dataclasses import dataclass
from pathlib import Path

from backend.collect.run import WORKERS
from tests.benchmarks.processes import Spent, Standin, run_measured

PAGE = 100
"""Items on a page, at the most."""


@dataclass(frozen=True)
class Collection:
    """One `python -m backend collect`. asked: the stand-in's figures of what it was asked meanwhile."""

    spent: Spent
    asked: dict[str, float]


@dataclass(frozen=True)
class Measured:
    """What was measured at one size. minimum: requests that the lists need; attempts: requests for earlier attempts.

    refresh: at once after the first collection.  grown: the one after that, with one new run in each repository.
    """

    repos: int
    runs: int
    first: Collection
    bare: tuple[Spent, Spent]
    refresh: Collection
    grown: Collection
    minimum: int
    attempts: int

    @property
    def bare_s(self) -> float:
        """Wall seconds of the bare loop: the mean of before and after the collection."""
        return sum(spent.wall_s for spent in self.bare) / len(self.bare)

    @property
    def list_requests(self) -> float:
        """Requests of the first collection without those for earlier attempts, which are on no list."""
        return self.first.asked["requests"] - self.attempts


@dataclass(frozen=True)
class Bench:
    """One stand-in, and a folder for stores and what processes say."""

    standin: Standin
    folder: Path

    def measure(self, repos: int, runs: int) -> Measured:
        """Bare loop, first collection, bare loop; then two more collections into the same store.

        A collection into another store goes first: it warms the stand-in up, and tells what the bare loop has to read.
        """
        minimum = sum(-(-items // PAGE) + 1 for items in self.standin.lists().values())
        self.collect("rehearsal")
        targets = self.standin.targets()
        before = self.bare(targets)
        first = self.collect("store")
        after = self.bare(targets)
        refresh = self.collect("store")
        self.standin.new_runs()
        grown = self.collect("store")
        attempts = sum("/attempts/" in target for target in targets)
        return Measured(repos, runs, first, (before, after), refresh, grown, minimum, attempts)

    def collect(self, store: str) -> Collection:
        """Collects the organisation into the store of that name."""
        environment = {
            "FETTLE_STORE": f"file://{self.folder}/{store}",
            "FETTLE_CACHE": f"{self.folder}/{store}-cache",
            "GITHUB_API_URL": self.standin.url,
            "GITHUB_TOKEN": self.standin.token,
        }
        began = self.standin.clear()
        spent = self._run(("-m", "backend", "collect", "--org", self.standin.org), environment)
        asked = self.standin.asked()
        return Collection(spent, {**asked, "cpu_s": asked["cpu_s"] - began["cpu_s"]})

    def bare(self, targets: list[str]) -> Spent:
        """Fetches and parses the same, with as many threads as a collection has."""
        file = self.folder / "targets.json"
        file.write_text(json.dumps(targets))
        where = (self.standin.url, self.standin.token, str(file), str(WORKERS))
        return self._run(("-m", "tests.benchmarks.bare_loop", *where), {})

    def _run(self, command: tuple[str, ...], environment: dict[str, str]) -> Spent:
        spent = run_measured(command, environment, self.folder / "said.txt")
        if spent.exit_code != 0:
            raise RuntimeError(f"{' '.join(command[:3])} ended with {spent.exit_code}:\n{spent.said[-2_000:]}")
        return spent
