"""Pages: a part of an answer's rows, and the token that leads to the next."""

import base64
import hashlib
import struct
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import ibis.expr.types as ir

from backend.api.graphql.refusal import Refused
from shared.lake.prepared import Build, ask
from shared.lake.reading import Tables
from shared.scope import NOTHING_KNOWN, Scope

MOST_A_PAGE = 200
USUAL_PAGE = 50

BLOCK = 1_000
"""Rows that are asked for around a page, so that the SQL of a question is not made anew for every page."""

_TOKEN = struct.Struct(">8sI")
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)

Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """Which rows are wanted: how many (None for the usual), and after which token."""

    limit: int | None
    token: str | None

    @property
    def size(self) -> int:
        """Rows of the page, at most MOST_A_PAGE. Raises Refused."""
        if self.limit is None:
            return USUAL_PAGE
        if self.limit < 1:
            raise Refused(f"limit is {self.limit}; it has to be at least 1.")
        return min(self.limit, MOST_A_PAGE)


def page_of(
    tables: Tables, question: tuple[Any, ...], build: Build, scope: Scope, asked: Asked
) -> tuple[list[Row], str | None]:
    """A page of the rows that `build` makes, in its order, and the token of the next page; None after the last.

    question: what tells this from others with the same filters.  Raises Refused for a token of another question.
    """
    size, own = asked.size, _digest(question, scope)
    offset = _offset(asked.token, own)
    start = offset - offset % BLOCK

    def block(given: Mapping[str, ir.Table], wanted: Scope) -> ir.Table:
        return build(given, wanted).limit(BLOCK + MOST_A_PAGE + 1, offset=start)

    found = ask(tables, ("graphql", start, *question), block, scope).slice(offset - start, size + 1)
    rows: list[Row] = found.slice(0, size).to_pylist()
    return rows, _token(own, offset + size) if found.num_rows > size else None


def _digest(question: Hashable, scope: Scope) -> bytes:
    filters = replace(scope, until=_NO_TIME, since=None, known=NOTHING_KNOWN)
    return hashlib.sha256(repr((question, filters)).encode()).digest()[:8]


def _token(own: bytes, offset: int) -> str:
    return base64.urlsafe_b64encode(_TOKEN.pack(own, offset)).decode()


def _offset(token: str | None, own: bytes) -> int:
    if token is None:
        return 0
    try:
        digest, offset = _TOKEN.unpack(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except (ValueError, struct.error):
        digest, offset = b"", 0
    if digest != own:
        raise Refused("nextToken is not of this question; leave it out to begin with the first page.")
    return int(offset)
