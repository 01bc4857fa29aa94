"""Edition: the lake at one moment, and how caches tell one from another."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import attrgetter, methodcaller
from types import FunctionType
from typing import Any

from shared.lake.limiting import reach_version
from shared.lake.reading import Rows
from shared.lake.snapshot import Snapshot
from shared.policy import Policy
from shared.policy.sla import SlaPolicy
from shared.scope import Scope


@dataclass(frozen=True)
class Edition:
    """The lake at one moment, as somebody may see it.

    version: of the partitions, the choice of rows ("real" or "demo"), the policy and the repositories.
    repos: those whose rows are seen; None: all.
    """

    version: str
    rows: Rows
    snapshot: Snapshot
    policy: Policy
    repos: frozenset[str] | None = None

    def limited_to(self, repos: frozenset[str] | None) -> "Edition":
        """The same for who sees these repositories alone; None: the same."""
        if repos is None:
            return self
        return replace(self, version=f"{self.version}-{reach_version(repos)}", repos=repos)


BY_VERSION: dict[str | type[Any], Callable[[Any], Any]] = {
    **dict.fromkeys((Edition, Snapshot), attrgetter("version")),
    SlaPolicy: methodcaller("model_dump_json"),
    Scope: repr,
    FunctionType: attrgetter("__module__", "__qualname__"),
}
"""How caches tell one state of the lake, one set of limits, one scope and one function from another.

Streamlit would look at every part of a scope by itself, which takes longer than to draw a figure.
"""


def is_usual(scope: Scope) -> bool:
    """Whether a scope is one without filters, of which answers are kept at hand (see warm_up)."""
    return scope == Scope(until=scope.until, since=scope.since)
