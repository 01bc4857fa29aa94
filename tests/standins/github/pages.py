"""Cutting lists into pages, by number or by cursor, with the Link header that leads from one to the next."""

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tests.standins.github.answers import ApiError
from tests.standins.github.calls import Call

T = TypeVar("T")
Key = tuple[str, int, int]


@dataclass(frozen=True)
class Page(Generic[T]):
    """The items of one page, and its Link header unless everything fits on it."""

    items: Sequence[T]
    links: dict[str, str]

    @property
    def headers(self) -> dict[str, str]:
        """The Link header as `answer` takes it."""
        written = ", ".join(f'<{address}>; rel="{rel}"' for rel, address in self.links.items())
        return {"link": written} if written else {}


def numbered(call: Call, items: Sequence[T], reachable: int | None = None) -> Page[T]:
    """The page that `page` and `per_page` ask for; nothing beyond the first `reachable` items is given."""
    size, number = call.per_page, call.page
    within = len(items) if reachable is None else min(len(items), reachable)
    last = max(1, -(-within // size))
    links = {}
    if number > 1:
        links["prev"] = call.address(page=str(min(number - 1, last)))
    if number < last:
        links |= {"next": call.address(page=str(number + 1)), "last": call.address(page=str(last))}
    if number > 1:
        links["first"] = call.address(page="1")
    start = (number - 1) * size
    return Page(items[start : min(start + size, within)], links)


def cursored(call: Call, ascending: Sequence[tuple[Key, T]], *, descending: bool) -> Page[T]:
    """The page after or before a cursor, which names a place in the order and not a count.

    So a list that changes between two pages neither repeats nor loses what stays in its place.
    """
    keys = [key for key, _ in ascending]
    back = bool(call.query.get("before")) or ("before" in call.query and "after" not in call.query)
    place = _read_cursor(call.query.get("before") or call.query.get("after") or "")
    start, end = _cut(keys, place, call.per_page, backwards=descending != back)
    window = ascending[start:end]
    shown = window[::-1] if descending else window
    more = {"below": start > 0, "above": end < len(keys)}
    links = {}
    if shown and more["above" if descending else "below"]:
        links["prev"] = call.address(after=None, before=_write_cursor(shown[0][0]))
    if shown and more["below" if descending else "above"]:
        links["next"] = call.address(before=None, after=_write_cursor(shown[-1][0]))
    return Page([item for _, item in shown], links)


def _cut(keys: Sequence[Key], place: Key | None, size: int, *, backwards: bool) -> tuple[int, int]:
    if backwards:
        end = bisect_left(keys, place) if place else len(keys)
        return max(0, end - size), end
    start = bisect_right(keys, place) if place else 0
    return start, min(len(keys), start + size)


def _write_cursor(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _read_cursor(text: str) -> Key | None:
    if not text:
        return None
    try:
        value, repo_id, number = json.loads(base64.urlsafe_b64decode(text.encode()))
    except (binascii.Error, ValueError):
        raise ApiError(422, "Invalid value for cursor") from None
    return str(value), int(repo_id), int(number)
