"""Accounts, their repositories, and the endpoints about the API itself."""

from collections.abc import Iterable

from tests.standins.github.accounts import Account
from tests.standins.github.answers import Answer, ApiError, answer
from tests.standins.github.calls import Call
from tests.standins.github.examples import example
from tests.standins.github.pages import numbered
from tests.standins.github.repositories import Repository
from tests.standins.github.routes import route
from tests.standins.github.tokens import WINDOW_S

SORTS = {"created": "created_at", "updated": "updated_at", "pushed": "pushed_at", "full_name": "full_name"}


@route("/rate_limit", docs="/rate-limit/rate-limit", kept=False, free=True)
def rate_limit(call: Call) -> Answer:
    """What is left of the hour; asking costs nothing."""
    now = call.state.clock()
    allowance = call.state.tokens.allowance(call.token, now)
    core = {name: getattr(allowance, name) for name in ("limit", "used", "remaining", "reset")}
    resources = example("rate_limit", call.state.data)["resources"]
    idle = {
        name: {**resource, "used": 0, "remaining": resource["limit"], "reset": int(now) + WINDOW_S}
        for name, resource in resources.items()
    }
    return answer({"resources": {**idle, "core": core}, "rate": core})


@route("/meta", docs="/meta/meta#get-github-meta-information")
def meta(call: Call) -> Answer:
    """GitHub's addresses and keys; the example's fingerprints are numbers where they must be text."""
    shown = example("meta", call.state.data)
    shown["ssh_key_fingerprints"] = {name: str(value) for name, value in shown["ssh_key_fingerprints"].items()}
    return answer(shown)


@route("/user", docs="/users/users#get-the-authenticated-user")
def me(call: Call) -> Answer:
    """The account behind the token."""
    account = call.state.create_user(_signed_in(call))
    owned = call.state.repos_of(account.login)
    private = sum(repo.private for repo in owned)
    return answer(account.private_profile(len(owned) - private, private))


@route("/user/repos", docs="/repos/repos#list-repositories-for-the-authenticated-user")
def my_repos(call: Call) -> Answer:
    """All that the token sees: the stand-in has no memberships."""
    _signed_in(call)
    return _repos(call, call.state.repos.values(), default_sort="full_name")


@route("/orgs/{org}", docs="/orgs/orgs#get-an-organization")
def organisation(call: Call) -> Answer:
    """An organisation's profile."""
    account = owner(call, "org")
    return answer(account.organisation(_public(call, account)))


@route("/users/{username}", docs="/users/users#get-a-user")
def user(call: Call) -> Answer:
    """A user's or an organisation's profile."""
    account = owner(call, "username")
    return answer(account.profile(_public(call, account)))


@route("/orgs/{org}/repos", docs="/repos/repos#list-organization-repositories")
def organisation_repos(call: Call) -> Answer:
    """An organisation's repositories, as far as the token sees them."""
    return _repos(call, call.state.repos_of(owner(call, "org").login), default_sort="created")


@route("/users/{username}/repos", docs="/repos/repos#list-repositories-for-a-user")
def user_repos(call: Call) -> Answer:
    """An account's public repositories: this list never shows private ones."""
    owned = call.state.repos_of(owner(call, "username").login)
    return _repos(call, (repo for repo in owned if not repo.private), default_sort="full_name")


@route("/repos/{owner}/{repo}", docs="/repos/repos#get-a-repository")
def repo(call: Call) -> Answer:
    """One repository in full."""
    return answer(call.repo.full())


def owner(call: Call, name: str) -> Account:
    """The account that the path names; an organisation where the path says `orgs`."""
    account = call.state.accounts.get(call.names[name].lower())
    if account is None or (name == "org" and account.type != "Organization"):
        raise ApiError(404, "Not Found")
    return account


def _repos(call: Call, repos: Iterable[Repository], default_sort: str) -> Answer:
    sort = call.query.get("sort", default_sort)
    field = SORTS.get(sort, "created_at")
    direction = call.query.get("direction", "asc" if sort == "full_name" else "desc")
    kind = call.query.get("type", "all")
    shown = [repo for repo in repos if call.sees(repo) and _is(repo, kind)]
    # Sorted by what `listed` would say, without writing out repositories that are on other pages.
    shown.sort(key=lambda repo: (_sortable(repo, field), repo.id), reverse=direction == "desc")
    page = numbered(call, shown)
    return answer([repo.listed() for repo in page.items], page.headers)


def _sortable(repo: Repository, field: str) -> str:
    return repo.full_name.lower() if field == "full_name" else str(repo.facts.get(field, ""))


def _is(repo: Repository, kind: str) -> bool:
    fork = bool(repo.facts.get("fork", False))
    tests = {"forks": fork, "sources": not fork, "private": repo.private, "public": not repo.private}
    return tests.get(kind, True)


def _signed_in(call: Call) -> str:
    if call.token.kind == "anonymous":
        raise ApiError(401, "Requires authentication")
    return call.token.login


def _public(call: Call, account: Account) -> int:
    return sum(not repo.private for repo in call.state.repos_of(account.login))
