"""Collecting: the collections that operators start on a page; the API starts and tells of the same ones."""

import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import get_args

from frontend import data, who
from frontend.words import as_code
from shared.collecting.asked import Asked, Kind, Started
from shared.collecting.choices import CHOICES, LONGEST_BACKFILL, LONGEST_ORG, LONGEST_REPO, MOST_NAMED, ORG, REPO
from shared.collecting.runner import Runner
from shared.errors import FettleError
from shared.lake.opening import open_store
from shared.settings import load_settings

# Not Streamlit's caches: whoever clears one of those would end a collection.
_RUNNERS: dict[str, Runner] = {}
_LOCK = threading.Lock()


class Unusable(FettleError):
    """What is asked for cannot be collected; problems: a sentence for each field (kind, names, datasets, since)."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


class NothingToReadWith(FettleError):
    """Neither a token nor an App is set."""


def runner() -> Runner:
    """What starts collections in this process. Raises SettingsError or StoreError."""
    settings = load_settings()
    with _LOCK:
        if settings.store not in _RUNNERS:
            _RUNNERS[settings.store] = Runner(open_store(settings))
        return _RUNNERS[settings.store]


def end_collections() -> None:
    """Tells a collection that was started here to end, and waits until it has written: for the end of the process."""
    with _LOCK:
        for one in _RUNNERS.values():
            one.close()
        _RUNNERS.clear()


def may_collect() -> bool:
    """Whether the visitor may start and follow collections, which are of all repositories. Raises SignedOut."""
    return who.caller().may("operator") and data.sees_all()


def started() -> Started:
    """Which collection runs, whoever has started it, and those that ended last. Raises StoreError."""
    return runner().started()


def now() -> datetime:
    """The time by which collections run, whatever time it is on the pages."""
    return datetime.now(UTC)


def check_readable() -> None:
    """Raises NothingToReadWith where GitHub cannot be read from this process, or SettingsError."""
    if not load_settings().reads_github:
        raise NothingToReadWith(
            "GitHub cannot be read from here: set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, where the "
            "pages are served, and restart them."
        )


def asked(kind: Kind, names: Sequence[str], datasets: Sequence[str], since: date | None) -> Asked:
    """What a form asks for, by the rules of the API. Raises Unusable with every problem.

    names: organisations and OWNER/NAME; none: all that was collected before. since: for a backfill.
    """
    orgs, repos = [name for name in names if "/" not in name], [name for name in names if "/" in name]
    found = {
        "kind": None if kind in get_args(Kind) else "Choose what to read.",
        "names": _wrong_names(kind, orgs, repos),
        "datasets": None if set(datasets) <= set(CHOICES) else "Choose sources of the list.",
        "since": _wrong_day(since) if kind == "backfill" else None,
    }
    if problems := {field: sentence for field, sentence in found.items() if sentence}:
        raise Unusable(problems)
    return Asked(
        kind=kind,
        orgs=tuple(orgs),
        repos=tuple(repos),
        datasets=tuple(datasets),
        since=since if kind == "backfill" else None,
        full=kind == "refresh",
    )


def _wrong_names(kind: Kind, orgs: list[str], repos: list[str]) -> str | None:
    if len(orgs) + len(repos) > MOST_NAMED:
        return f"Name at most {MOST_NAMED} organisations and repositories."
    wrong = [name for name in orgs if len(name) > LONGEST_ORG or not ORG.fullmatch(name)]
    wrong += [name for name in repos if len(name) > LONGEST_REPO or not REPO.fullmatch(name)]
    if wrong:
        return (
            f"{as_code(wrong[0])} is not a name on GitHub: type an organisation such as octo-org, or a repository "
            "such as octo-org/octo-repo."
        )
    if kind == "refresh" and (orgs or not repos):
        return "Name the repositories to read again, such as octo-org/octo-repo; organisations are not, as a whole."
    return None


def _wrong_day(since: date | None) -> str | None:
    last = now().date()
    first = last - LONGEST_BACKFILL
    if since is None:
        return "Choose the day to reach back to."
    return None if first <= since <= last else f"{since} is not from {first} to {last}: choose a day between them."
