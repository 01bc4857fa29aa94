"""A list as GitHub serves it, in pages with ETags, and visits that read it into a lake."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

import orjson

from backend.collect.buffer import Buffer
from backend.collect.connection.line import Reply
from backend.collect.github import GitHub
from backend.collect.selection import Selection
from backend.collect.turn import Turn
from backend.collect.visit import Desk, Repo, Visit
from backend.mapping.stamp import Stamp
from shared.lake.tables import Lake

URL = "https://api.github.com"
PATH = "/repos/acme/shop/things"
PAGE = 100


@dataclass
class Served:
    """What a GitHub sends in place of a wire: pages of `items`; `asked` are their numbers with the answers' status.

    instead: the number of the page that comes where another one was asked for, as often as it stands there.
    kept: pages that stay as they were.
    """

    items: list[Any]
    key: str | None = None
    asked: list[tuple[int, int]] = field(default_factory=list)
    instead: dict[int, list[int]] = field(default_factory=dict)
    kept: dict[int, Reply] = field(default_factory=dict)

    def ask(self, path: str, params: dict[str, str | int], etag: str | None) -> Reply:
        """See Wire.ask."""
        assert path == PATH
        number = int(params.get("page", 1))
        reply = self.page(self.instead[number].pop() if self.instead.get(number) else number)
        reply = Reply(304, reply.headers, b"") if etag == reply.headers["etag"] else reply
        self.asked.append((number, reply.status))
        return reply

    def page(self, number: int) -> Reply:
        """A page with the link to the next."""
        if number in self.kept:
            return self.kept[number]
        shown = self.items[(number - 1) * PAGE : number * PAGE]
        body = orjson.dumps({self.key: shown} if self.key else shown)
        more = number * PAGE < len(self.items)
        links = {"link": f'<{URL}{PATH}?per_page={PAGE}&page={number + 1}>; rel="next"'} if more else {}
        return Reply(200, {"etag": hashlib.sha256(body).hexdigest(), **links}, body)

    def redirected(self, address: str) -> tuple[str, dict[str, str | int]]:
        """See Wire.redirected."""
        return self.target(address)

    def target(self, address: str) -> tuple[str, dict[str, str | int]]:
        """See Wire.target."""
        number = re.search(r"&page=(\d+)", address)
        assert number
        return PATH, {"per_page": PAGE, "page": int(number[1])}


@dataclass
class Reader:
    """Visits of one repository, each going on where the last one stopped."""

    lake: Lake
    served: Served

    def visit(self, budget: int | None = None, **selection: Any) -> Visit:
        """A new visit, which may make so many requests."""
        self.served.asked.clear()
        github = GitHub("ghp_standin", URL)
        github.wire = self.served
        github.spend_at_most(budget)
        chosen = Selection.parse(repos=["acme/shop"], **selection)
        desk = Desk(
            self.lake,
            github,
            Buffer(self.lake),
            chosen,
            Stamp("github", self.lake.clock()),
            Turn(self.lake, chosen, lasts=False),
        )
        return desk.visit("pull_requests", Repo("acme/shop", 7))
