"""Health: the scores of repositories as the pages show them, from one answer for all of them.

A score does not depend on what a reader looks at, so all are asked for at once and the filters choose among them.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from frontend import data
from frontend.repositories import narrowed
from frontend.words import as_text
from frontend.words import tier as tier_word
from shared.metrics.health.signals import SIGNALS, UNKNOWN_BECAUSE
from shared.scope import Scope


def repository_health(scope: Scope) -> pd.DataFrame:
    """The metric repository_health for the scope's organisations and repositories, worst first; none archived."""
    health = _everywhere(scope)
    return narrowed(health[~health.archived], scope.orgs, scope.repos)


def with_cause(health: pd.DataFrame, signals: Mapping[str, str] = SIGNALS) -> pd.DataFrame:
    """Scores with a column `cause`: what loses most points in words; None where nothing does. signals: their titles."""
    pairs = zip(health.worst_signal, health.worst_facts, strict=True)
    causes = [f"{signals[name]}: {facts}" if isinstance(name, str) else None for name, facts in pairs]
    return health.assign(cause=pd.Series(causes, index=health.index, dtype="object"))


def worst_first(scope: Scope) -> pd.DataFrame:
    """Scores of the scope's repositories with `cause` and the repository's address `html_url`."""
    health = with_cause(repository_health(scope))
    return health.assign(html_url=health.repo.map(data.repository_links()))


def of_repository(scope: Scope) -> pd.DataFrame:
    """The score of the scope's one repository, archived or not: one row, or none."""
    return data.kept(_of, _everywhere(scope), scope.repos[0])


def _of(health: pd.DataFrame, repo: str) -> pd.DataFrame:
    return health[health.repo == repo].reset_index(drop=True)


def signals_of(
    health: pd.DataFrame, signals: Mapping[str, str] = SIGNALS, unknown_because: Mapping[str, str] = UNKNOWN_BECAUSE
) -> pd.DataFrame:
    """The score of one subject (one row, or none) by signal: title, value, weight, points lost, what is known.

    signals: their titles.  unknown_because: why each of them is unknown, where it is.
    """
    if health.empty:
        return pd.DataFrame(columns=["title", "signal", "weight", "lost", "known"])
    row = health.iloc[0]
    rows = [
        {
            "title": title,
            **{kind: row[f"{kind}_{name}"] for kind in ("signal", "weight", "lost")},
            "known": f"Unknown: {unknown_because[name]}" if pd.isna(row[f"signal_{name}"]) else row[f"facts_{name}"],
        }
        for name, title in signals.items()
    ]
    return pd.DataFrame(rows)


def in_a_line(row: "pd.Series", name: str = "repo") -> str:
    """A row of with_cause as the text of a link: the name in a column, score and biggest cause."""
    score = "no score" if pd.isna(row.score) else f"{row.score:.0f}"
    cause = f", {as_text(str(row.cause))}" if isinstance(row.cause, str) else ""
    return f"**{as_text(str(row[name]))}**: {score}, {tier_word(row.tier)}{cause}"


def names_worst_first(known: Sequence[str], health: pd.DataFrame) -> list[str]:
    """All repositories, those with the lowest scores first, those without one after them by name."""
    names = set(known)
    scored = dict.fromkeys(str(repo) for repo in health.repo if repo in names)
    return [*scored, *(repo for repo in known if repo not in scored)]


def _everywhere(scope: Scope) -> pd.DataFrame:
    return data.metric("repository_health", Scope(until=scope.until), include_archived=True)
