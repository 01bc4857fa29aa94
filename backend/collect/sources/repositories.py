"""Repositories: of an organisation, of a user, or one by name."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from backend.collect.github import GitHub, Params
from backend.collect.ledger import Covered
from backend.collect.problems import Forbidden, NotFound
from backend.collect.sources.whole_list import WholeList
from backend.collect.visit import Repo, Visit
from backend.mapping.repositories import repository_name, repository_row
from backend.mapping.values import nested, text
from shared.datasets import REPOSITORIES

OLDEST_FIRST = {"sort": "created", "direction": "asc"}
"""What is created while we read comes last, so that no page moves."""


@dataclass(frozen=True)
class Found:
    """A repository as GitHub describes it, as far as a collection needs to know."""

    repo: Repo
    archived: bool
    fork: bool

    @classmethod
    def of(cls, facts: dict[str, Any]) -> "Found":
        """Reads what `document` wrote."""
        return cls(Repo(facts["name"], facts["id"]), facts["archived"], facts["fork"])

    @property
    def document(self) -> dict[str, Any]:
        """What a cursor keeps of it."""
        return {"id": self.repo.id, "name": self.repo.name, "archived": self.archived, "fork": self.fork}


def read_account(visit: Visit) -> tuple[Covered, list[Found], bool]:
    """Reads the repositories of an account, as far as the token sees them; all of them are stored.

    Returns what was covered, the repositories, and whether the account is an organisation. Raises NotFound if there
    is no such account.
    """
    login = visit.repo.owner
    known = visit.cursor.get("path")
    try:
        path = known or f"/orgs/{login}/repos"
        return _read_at(visit, path)
    except NotFound:
        if known and not known.startswith("/orgs/"):
            raise
        return _of_user(visit, login)


def read_named(visit: Visit, name: str, known: dict[str, Any] | None) -> tuple[Covered, Found | None, dict[str, Any]]:
    """Reads one repository; it has another name than asked for if it was renamed or transferred.

    known: what was remembered of it. Returns what was covered, the repository, and what is to be remembered.
    """
    answer = visit.github.get(f"/repos/{name}", etag=known["etag"] if known else None)
    if known and answer.status == 304:
        return Covered(visit.now, unchanged=True), Found.of(known), known
    found = _found(answer.data)
    _keep(visit, [answer.data])
    remembered = {**found.document, "etag": answer.etag} if found else {}
    return Covered(visit.now), found, remembered


def _read_at(visit: Visit, path: str, params: Params | None = None) -> tuple[Covered, list[Found], bool]:
    own = path == "/user/repos"
    usual: Params = {"affiliation": "owner"} if own else {"type": "all" if _is_org(path) else "owner"}
    # Only "/user/repos" has one's own private repositories; it may hold those of others, too.
    only = visit.repo.owner if own else None
    digest = partial(_documents, owner=only)
    listed = WholeList(visit, path, {**usual, **OLDEST_FIRST, **(params or {})}, digest=digest)
    for raws in listed:
        _keep(visit, [raw for raw in raws if _belongs(raw, only)])
    repos = [Found.of(facts) for page in listed.digests for facts in page]
    return Covered(visit.now, unchanged=listed.unchanged), repos, _is_org(path)


def _of_user(visit: Visit, login: str) -> tuple[Covered, list[Found], bool]:
    if login.casefold() == _own_login(visit.github).casefold():
        return _read_at(visit, "/user/repos")
    try:
        return _read_at(visit, f"/users/{login}/repos")
    except NotFound as error:
        raise NotFound(
            f"GitHub knows no organisation or user {login!r}, or the token may not see it; check the "
            "spelling of --org, and that the token may read the organisation."
        ) from error


def _own_login(github: GitHub) -> str:
    try:
        user = github.get("/user").data
    except (Forbidden, NotFound):  # An App's token, such as that of a workflow, belongs to no user.
        return ""
    return str(nested(user, "login") or "")


def _keep(visit: Visit, raws: list[Any]) -> None:
    visit.keep(REPOSITORIES, partial(repository_row, stamp=visit.stamp), raws)


def _documents(raws: list[Any], owner: str | None) -> list[dict[str, Any]]:
    return [found.document for raw in raws if _belongs(raw, owner) and (found := _found(raw))]


def _found(raw: object) -> Found | None:
    name, number = repository_name(text(nested(raw, "full_name"))), nested(raw, "id")
    if not name or not isinstance(number, int):
        return None
    return Found(Repo(name, number), nested(raw, "archived") is True, nested(raw, "fork") is True)


def _belongs(raw: object, owner: str | None) -> bool:
    return owner is None or str(nested(raw, "owner", "login")).casefold() == owner.casefold()


def _is_org(path: str) -> bool:
    return path.startswith("/orgs/")
