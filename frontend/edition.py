"""Edition: the lake at one moment, and how caches tell one from another."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter, methodcaller
from types import FunctionType
from typing import Any

from shared.lake.reading import Rows
from shared.lake.snapshot import Snapshot
from shared.policy import Policy
from shared.policy.sla import SlaPolicy
from shared.scope import Scope


@dataclass(frozen=True)
class Edition:
    """The lake at one moment. version: of the partitions, the choice of rows ("real" or "demo") and the policy."""

    version: str
    rows: Rows
    snapshot: Snapshot
    policy: Policy


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
