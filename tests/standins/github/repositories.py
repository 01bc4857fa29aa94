"""Repositories: what each one holds, and the shapes in which GitHub shows it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.standins.github.accounts import Account, node_id
from tests.standins.github.answers import dumps
from tests.standins.github.examples import example, example_for
from tests.standins.github.run_book import RunBook

Feature = Literal["on", "off", "never analysed"]


@dataclass
class Repository:
    """A repository with all that belongs to it; `facts` override fields of the full object."""

    id: int
    owner: Account
    name: str
    data: Path
    facts: dict[str, Any] = field(default_factory=dict)
    features: dict[str, Feature] = field(default_factory=dict)
    workflows: dict[int, dict[str, Any]] = field(default_factory=dict)
    runs: RunBook = field(default_factory=RunBook)
    jobs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    alerts: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    analyses: dict[int, dict[str, Any]] = field(default_factory=dict)
    version: int = 0
    _embedded: tuple[int, str] = (-1, "")

    @property
    def full_name(self) -> str:
        """`owner/name` as it is spelled now."""
        return f"{self.owner.login}/{self.name}"

    @property
    def private(self) -> bool:
        """Whether only tokens with `private` may see it."""
        return bool(self.facts.get("private", False))

    def listed(self) -> dict[str, Any]:
        """The repository as lists of repositories show it."""
        whole: dict[str, Any] = example_for(self.full_name, "repos_org", self.data)[0]
        whole |= {
            "id": self.id,
            "node_id": node_id("Repository", self.id),
            "name": self.name,
            "owner": self.owner.simple(),
            "description": f"The repository {self.full_name}",
            "mirror_url": None,
            "homepage": None,
            "language": "Python",
            "license": None,
            "topics": [],
            "default_branch": "main",
            "visibility": "private" if self.private else "public",
        }
        whole |= self.facts
        return whole | {
            "forks": whole["forks_count"],
            "open_issues": whole["open_issues_count"],
            "watchers": whole["watchers_count"],
        }

    def full(self) -> dict[str, Any]:
        """The repository as `/repos/{owner}/{repo}` shows it."""
        counts = {"network_count": 0, "subscribers_count": 1}
        belongs = {"organization": self.owner.simple()} if self.owner.type == "Organization" else {}
        return {**self.listed(), **counts, **belongs}

    def embedded(self) -> dict[str, Any]:
        """The repository as it stands inside runs and organisation-wide alerts."""
        found: dict[str, Any] = json.loads(self.embedded_json)
        return found

    @property
    def embedded_json(self) -> str:
        """`embedded` as text: it is most of a run's bytes, so it is written once per version."""
        if self._embedded[0] != self.version:
            names = example("code_scanning_org", self.data)[0]["repository"]
            listed = self.listed()
            self._embedded = (self.version, dumps({name: listed[name] for name in names}))
        return self._embedded[1]


def renamed(value: Any, old: str, new: str) -> Any:
    """`value` with the name and every address of the repository `old` turned into those of `new`."""
    text = dumps(value)
    for end in ("/", '"', "?"):
        text = text.replace(f"/{old}{end}", f"/{new}{end}")
    return json.loads(text.replace(f'"{old}"', f'"{new}"'))
