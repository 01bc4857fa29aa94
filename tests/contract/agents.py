"""Visits of agents' sessions as a collection makes them: with a real lake, its cursors, and a GitHub."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.collect.agents.provider import Provider
from backend.collect.answers import Tally
from backend.collect.buffer import Buffer
from backend.collect.github import GitHub
from backend.collect.ledger import Covered
from backend.collect.selection import Selection
from backend.collect.turn import Turn
from backend.collect.visit import Desk, Repo
from backend.mapping.stamp import Stamp
from shared.datasets import AGENT_SESSIONS
from shared.lake.tables import Lake
from tests.contract.collecting import Row


@dataclass
class Visitor:
    """Lets providers read into a lake. tally: what the last visit cost."""

    lake: Lake
    github: GitHub
    repo: Repo
    tally: Tally | None = None

    def read(self, provider: Provider, *, since: datetime | None = None, full: bool = False) -> Covered:
        """One visit; what it read is stored however it ends."""
        stamp = Stamp("github", self.lake.clock())
        buffer = Buffer(self.lake)
        selection = Selection.parse(repos=["acme/shop"], since=since, full=full)
        turn = Turn(self.lake, selection, lasts=False)
        desk = Desk(self.lake, self.github, buffer, selection, stamp, turn)
        visit = desk.visit(AGENT_SESSIONS.name, self.repo)
        try:
            return provider.read(visit)
        finally:
            buffer.flush()
            self.tally = visit.tally

    @property
    def rows(self) -> dict[str, Row]:
        """The lake's sessions by id."""
        found: list[dict[str, Any]] = self.lake.tables("real")[AGENT_SESSIONS.name].to_pyarrow().to_pylist()
        return {row["session_id"]: row for row in found}
