"""GitHub's answers, and what reading them costs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson
import requests.utils

Parse = Callable[[bytes], object]
"""Reads a body. Raises ValueError or msgspec.DecodeError."""


class Broken(Exception):
    """An answer that did not arrive whole; the text names the kind of failure and never an address."""


@dataclass(frozen=True)
class Answer:
    """What GitHub answered: 200 with data, or 304 with None. Header names are in lower case.

    body: what the data was read from.
    """

    status: int
    headers: Mapping[str, str]
    data: Any
    body: bytes = b""

    @property
    def etag(self) -> str | None:
        """What to send as If-None-Match next time."""
        return self.headers.get("etag")

    @property
    def next_page(self) -> str | None:
        """The address of the page after this one."""
        links = requests.utils.parse_header_links(self.headers.get("link", ""))
        return next((link["url"] for link in links if link.get("rel") == "next"), None)


@dataclass
class Tally:
    """What reading one source cost. remaining: of the hour's requests, as GitHub last said."""

    requests: int = 0
    conditional_hits: int = 0
    remaining: int | None = None

    def note(self, status: int, headers: Mapping[str, str]) -> None:
        """Counts an answer."""
        if status == 304:
            self.conditional_hits += 1
        if (remaining := headers.get("x-ratelimit-remaining", "")).isdigit():
            self.remaining = int(remaining)


def parsed(body: bytes, parse: Parse = orjson.loads) -> object:
    """The data in a body. Raises Broken if half of it is missing."""
    try:
        return parse(body)
    except (ValueError, msgspec.DecodeError) as error:
        raise Broken("truncated JSON") from error


def message(text: bytes) -> str:
    """GitHub's own words in the body of an error; empty if there are none."""
    try:
        body = orjson.loads(text or b"{}")
    except orjson.JSONDecodeError:
        return ""
    return str(body.get("message") or "") if isinstance(body, dict) else ""
