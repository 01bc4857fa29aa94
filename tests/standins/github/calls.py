"""A request as the stand-in sees it, and a call: a request that has found its route and its token."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from tests.standins.github.answers import ApiError
from tests.standins.github.repositories import Repository
from tests.standins.github.state import State
from tests.standins.github.tokens import Token

PER_PAGE = 30
PER_PAGE_MAX = 100


@dataclass(frozen=True)
class Request:
    """Method, path without the base path, query and headers (names in lower case)."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, method: str, target: str, headers: dict[str, str]) -> "Request":
        """From the request line; an empty value (`after=`) is kept, because it means something."""
        path, _, query = target.partition("?")
        return cls(method, path, dict(parse_qsl(query, keep_blank_values=True)), headers)

    @property
    def target(self) -> str:
        """Path and query in readable form, which is what faults and logs are matched against."""
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.path}?{query}" if query else self.path


@dataclass(frozen=True)
class Call:
    """What a view needs: the request, the names found in its path, who asks, and the state."""

    request: Request
    names: dict[str, str]
    token: Token
    state: State
    url: str

    @property
    def query(self) -> dict[str, str]:
        """The request's parameters."""
        return self.request.query

    @property
    def repo(self) -> Repository:
        """The repository that the path names; 404 if the token may not see it, 301 if it has moved."""
        return repository(self)

    @property
    def per_page(self) -> int:
        """30 unless asked, never above 100; nonsense counts as not asked."""
        asked = self.query.get("per_page", "")
        return min(int(asked), PER_PAGE_MAX) if asked.isdigit() and int(asked) else PER_PAGE

    @property
    def page(self) -> int:
        """The page asked for, counted from one."""
        asked = self.query.get("page", "")
        return max(1, int(asked)) if asked.isdigit() else 1

    def sees(self, repo: Repository) -> bool:
        """Whether the token may know that this repository exists."""
        return not repo.private or self.token.sees_private(repo.owner.login)

    def address(self, **changes: str | None) -> str:
        """This list with other parameters (None removes one), addressed by its owner's id as GitHub does."""
        changed = {**self.query, **changes}
        query = urlencode({name: value for name, value in changed.items() if value is not None})
        return f"{self.url}{self._stable_path()}?{query}"

    def _stable_path(self) -> str:
        path, state = self.request.path, self.state
        if "repo" in self.names:
            return f"/repositories/{self.repo.id}/{path.split('/', 4)[4]}"
        if "org" in self.names:
            return f"/organizations/{state.accounts[self.names['org'].lower()].id}/{path.split('/', 3)[3]}"
        return path


class MovedError(ApiError):
    """301: the repository lives under another name now."""

    def __init__(self, call: Call, repo: Repository) -> None:
        """The new address is by id, with the rest of the path and the query kept."""
        rest = "/".join(call.request.path.split("/")[4:])
        query = urlencode(call.query)
        self.location = (
            f"{call.url}/repositories/{repo.id}" + (f"/{rest}" if rest else "") + (f"?{query}" if query else "")
        )
        super().__init__(301, "Moved Permanently", url=self.location)


def repository(call: Call) -> Repository:
    """See `Call.repo`."""
    full_name = f"{call.names['owner']}/{call.names['repo']}"
    try:
        repo = call.state.repo(full_name)
    except KeyError:
        moved = call.state.moved_to(full_name)
        if moved is None or not call.sees(moved):
            raise ApiError(404, "Not Found") from None
        raise MovedError(call, moved) from None
    if not call.sees(repo):
        raise ApiError(404, "Not Found")
    return repo
