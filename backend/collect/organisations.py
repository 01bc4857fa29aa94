"""Alerts of a whole organisation: one listing where the token may read it, and who must be asked besides."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.collect.cursors import WHOLE_ORG, cursor_name, time_in
from backend.collect.ledger import Covered, outcome_after
from backend.collect.problems import Disabled, Forbidden, NotFound, Unavailable, Unprocessable
from backend.collect.sources.alerts import AlertKind, read_organisation
from backend.collect.visit import Desk, Repo, Visit
from shared.lake.documents import Document

CHECKED_FOR = timedelta(days=7)
"""How long we believe what a repository's own listing said while the organisation's is silent about it."""

Record = Callable[[Visit, str, str | None, Covered | None], None]


@dataclass(frozen=True)
class Account:
    """An organisation or user with the repositories that were chosen of it."""

    login: str
    is_org: bool
    repos: tuple[Repo, ...]


def visit_organisation(desk: Desk, record: Record, account: Account, kind: AlertKind) -> list[Repo]:
    """Reads an organisation's alerts of one kind; returns the repositories that must be asked themselves.

    Where the token may not read the organisation's listing, these are all. record: takes what the ledger is
    to say of the organisation, and of each repository that the listing spoke for.
    """
    visit = desk.visit(kind.name, whole(account.login))
    try:
        covered, found = read_organisation(kind, account.login, visit)
    except (Forbidden, NotFound, Disabled):
        return list(account.repos)
    except (Unavailable, Unprocessable) as error:
        outcome = outcome_after(error, visit.rows)
        for repo in (visit.repo, *account.repos):
            record(_part(desk, visit, repo), outcome, str(error), None)
        return []
    record(visit, "unchanged" if covered.unchanged else "ok", None, covered)
    return _silent(desk, record, account, visit, covered, found)


def remember(desk: Desk, login: str, dataset: str, repo: Repo, outcome: str, reason: str | None) -> None:
    """Keeps what a repository's own listing said, so that it need not be asked again for a while."""
    said = {"outcome": outcome, "reason": reason, "at": desk.lake.clock().isoformat()}

    def change(document: Document) -> Document:
        return {**document, "checked": {**document.get("checked", {}), str(repo.id): said}}

    desk.buffer.change(cursor_name(whole(login).name, dataset), change)


def whole(login: str) -> Repo:
    """Stands for all repositories of an account."""
    return Repo(f"{login}/{WHOLE_ORG}", 0)


def _silent(
    desk: Desk, record: Record, account: Account, visit: Visit, covered: Covered, found: Counter[str]
) -> list[Repo]:
    """Records the repositories that the listing speaks for, and returns the others."""
    everything = "watermark" not in visit.cursor and desk.selection.since is None
    checked: dict[str, Any] = visit.cursor.get("checked", {})
    silent = []
    for repo in account.repos:
        rows, known = found[repo.name.lower()], _still_known(checked.get(str(repo.id)), desk.lake.clock())
        if known is None and not (everything and rows):
            silent.append(repo)
            continue
        part = _part(desk, visit, repo)
        part.rows = rows
        if rows:
            record(part, "ok", None, covered)
            _note_change(desk, account, visit.dataset, repo, known)
        else:
            outcome = "unchanged" if known and known["outcome"] in {"ok", "unchanged"} else "disabled"
            record(part, outcome, known["reason"] if known else None, covered)
    return silent


def _note_change(desk: Desk, account: Account, dataset: str, repo: Repo, known: dict[str, Any] | None) -> None:
    if known is None or known["outcome"] != "ok":
        remember(desk, account.login, dataset, repo, "ok", None)


def _still_known(said: dict[str, Any] | None, now: datetime) -> dict[str, Any] | None:
    at = time_in(said, "at") if said else None
    return said if at and now - at < CHECKED_FOR else None


def _part(desk: Desk, visit: Visit, repo: Repo) -> Visit:
    """A repository's share of a visit to its organisation, whose requests the organisation's entry counts."""
    part = desk.visit(visit.dataset, repo)
    part.started_at = visit.started_at
    if repo == visit.repo:
        part.rows, part.github = visit.rows, visit.github
    return part
