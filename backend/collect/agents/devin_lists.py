"""The two lists in which Devin has its sessions: by number in version 1 of its API, by cursor in version 3."""

from collections.abc import Iterator, Set
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from backend.collect.agents.devin_client import DevinClient
from backend.collect.github import REPEATS, Params
from backend.collect.problems import Unavailable
from backend.mapping.values import nested, text

NUMBERED_PAGE = 100
"""What version 1 gives unless asked; it does not say how much it would give at most."""

CURSORED_PAGE = 200
READINGS = 3
"""How often a list is read that moves each time."""


class SessionList(Protocol):
    """A list of sessions.

    path: where the API keeps it.  filters: whether it can be asked for what was updated since a moment.
    gap: why something may be missing, once it was read.
    """

    path: str
    filters: bool
    gap: str | None

    def pages(self, updated_after: datetime | None) -> Iterator[list[Any]]:
        """Sessions, some perhaps more than once. updated_after: where it filters; None: all of them."""


class NumberedList:
    """The sessions of version 1, whose pages move while they are read.

    Each page begins with the last session of the page before. Where it does not, the list has moved, and what was
    on an unread page may now be on one that was read: so it is read again from the beginning.
    """

    path = "/v1/sessions"
    filters = False

    def __init__(self, client: DevinClient) -> None:
        self._client = client
        self.gap: str | None = None

    def pages(self, updated_after: datetime | None) -> Iterator[list[Any]]:  # noqa: ARG002
        """See SessionList. Raises Unavailable if the offset is ignored."""
        known: dict[str | None, str] = {}
        for _ in range(READINGS):
            moved = False
            for raws, follows in self._pages():
                moved = moved or not follows
                yield [raw for raw in raws if _id(raw) is None or known.get(_id(raw)) != _version(raw)]
                known.update((_id(raw), _version(raw)) for raw in raws)
            if not moved:
                return
        self.gap = f"Devin's list of sessions moved in each of {READINGS} readings"

    def _pages(self) -> Iterator[tuple[list[Any], bool]]:
        """Pages, and whether each follows on the one before."""
        raws = self._page(0, frozenset())
        yield raws, True
        offset, passed = 0, set(map(_id, raws))
        while len(raws) >= NUMBERED_PAGE:
            last, offset = _id(raws[-1]), offset + len(raws) - 1
            raws = self._page(offset, passed)
            yield raws, bool(raws) and _id(raws[0]) == last
            passed.update(map(_id, raws))

    def _page(self, offset: int, passed: Set[str | None]) -> list[Any]:
        """A page; asked for again while it is full of sessions that were on the pages before."""
        for _ in range(REPEATS):
            raws = _sessions(self._client.get(self.path, {"limit": NUMBERED_PAGE, "offset": offset}), "sessions")
            if len(raws) < NUMBERED_PAGE or not {*map(_id, raws)} <= passed:
                return raws
        raise Unavailable(f"Devin gives the same page of {self.path} again and again; collect again later.")


class CursoredList:
    """The sessions of an organisation in version 3."""

    filters = True

    def __init__(self, client: DevinClient, org: str) -> None:
        self._client = client
        self.path = f"/v3/organizations/{quote(org, safe='')}/sessions"
        self.gap: str | None = None

    def pages(self, updated_after: datetime | None) -> Iterator[list[Any]]:
        """See SessionList. Raises Unavailable if the pages go in a circle."""
        params: dict[str, str | int] = {"first": CURSORED_PAGE}
        if updated_after:
            params["updated_after"] = int(updated_after.timestamp())
        seen: set[str] = set()
        raws, following = self._after(params, [])
        yield raws
        while following is not None:
            if following in seen:
                raise Unavailable(f"The pages of {self.path} go in a circle; collect again later.")
            seen.add(following)
            raws, following = self._after({**params, "after": following}, raws)
            yield raws

    def _after(self, params: Params, before: list[Any]) -> tuple[list[Any], str | None]:
        """A page, and the cursor of the one after it."""
        for _ in range(REPEATS):
            answer = self._client.get(self.path, params)
            raws = _sessions(answer, "items")
            if not raws or raws != before:
                return raws, _cursor(answer, self.path)
        raise Unavailable(f"Devin gives the same page of {self.path} again and again; collect again later.")


def _cursor(answer: object, path: str) -> str | None:
    if not nested(answer, "has_next_page"):
        return None
    cursor = nested(answer, "end_cursor")
    if not isinstance(cursor, str) or not cursor:
        raise Unavailable(f"Devin says that {path} has another page, and not where; collect again later.")
    return cursor


def _sessions(answer: object, key: str) -> list[Any]:
    found = nested(answer, key)
    if not isinstance(found, list):
        raise Unavailable("Devin answered with something else than a list of sessions; check DEVIN_API_URL.")
    return found


def _id(raw: object) -> str | None:
    return text(nested(raw, "session_id"))


def _version(raw: object) -> str:
    return str(nested(raw, "updated_at"))
