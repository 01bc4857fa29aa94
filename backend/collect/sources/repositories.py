"""Repositories: of an organisation, of a user, or one by name."""

from collections.abc import Iterator
from typing import Any

from backend.collect.github import GitHub, Params
from backend.collect.problems import Forbidden, NotFound
from backend.collect.visit import items

OLDEST_FIRST = {"sort": "created", "direction": "asc"}
"""What is created while we read comes last, so that no page moves."""


def of_account(github: GitHub, login: str) -> Iterator[list[Any]]:
    """Pages of repository objects of an organisation or user, as far as the token sees them.

    Raises NotFound if there is no such account.
    """
    try:
        yield from _pages(github, f"/orgs/{login}/repos", {"type": "all", **OLDEST_FIRST})
    except NotFound:
        yield from _of_user(github, login)


def named(github: GitHub, repo: str) -> object:
    """One repository object; under another name than asked for if it was renamed or transferred."""
    return github.get(f"/repos/{repo}").data


def _of_user(github: GitHub, login: str) -> Iterator[list[Any]]:
    if login.casefold() != _own_login(github).casefold():
        try:
            yield from _pages(github, f"/users/{login}/repos", {"type": "owner", **OLDEST_FIRST})
        except NotFound as error:
            raise NotFound(
                f"GitHub knows no organisation or user {login!r}, or the token may not see it; check the "
                "spelling of --org, and that the token may read the organisation."
            ) from error
        return
    # Only this list has one's own private repositories; it may hold those of others, too.
    for page in _pages(github, "/user/repos", {"affiliation": "owner", **OLDEST_FIRST}):
        yield [repo for repo in page if _owner(repo).casefold() == login.casefold()]


def _own_login(github: GitHub) -> str:
    try:
        user = github.get("/user").data
    except (Forbidden, NotFound):  # An App's token, such as that of a workflow, belongs to no user.
        return ""
    return str(user.get("login") or "") if isinstance(user, dict) else ""


def _owner(repo: object) -> str:
    owner = repo.get("owner") if isinstance(repo, dict) else None
    return str(owner.get("login") or "") if isinstance(owner, dict) else ""


def _pages(github: GitHub, path: str, params: Params) -> Iterator[list[Any]]:
    for answer in github.pages(path, params):
        yield items(answer)
