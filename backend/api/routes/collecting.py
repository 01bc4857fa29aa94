"""Collecting: starts a collection in a process of its own, and tells which runs and what became of the last ones."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Request, status
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from starlette.responses import Response

from backend.api.asking import Asks, Pushes, Viewer, needs, who_sees_all
from backend.api.errors import ApiError
from shared.access.audit import note
from shared.access.roles import Caller
from shared.collecting.asked import Asked, Collecting, Kind, Started
from shared.collecting.before import NothingBefore, filled
from shared.collecting.choices import CHOICES, LONGEST_BACKFILL, LONGEST_ORG, LONGEST_REPO, MOST_NAMED, ORG, REPO
from shared.collecting.runner import AlreadyCollecting, Runner

router = APIRouter(tags=["collecting"])

Operator = needs("operator")

PLACE = "/api/poll"
"""Where a collection is followed."""


def _named(pattern: re.Pattern[str], example: str) -> AfterValidator:
    def checked(name: str) -> str:
        if not pattern.fullmatch(name):
            raise ValueError(f"{name[:80]!r} is not a name on GitHub, such as {example}")
        return name

    return AfterValidator(checked)


Org = Annotated[str, Field(max_length=LONGEST_ORG), _named(ORG, "octo-org")]
Repo = Annotated[str, Field(max_length=LONGEST_REPO), _named(REPO, "octo-org/octo-repo")]
Dataset = Literal[CHOICES]  # type: ignore[valid-type]


class _Body(BaseModel):
    """What any of the three may name."""

    model_config = ConfigDict(extra="forbid")

    repos: list[Repo] = Field(default=[], max_length=MOST_NAMED, description="OWNER/NAME")
    datasets: list[Dataset] = Field(default=[], max_length=len(CHOICES), description="None means all.")


class Poll(_Body):
    """What is to be read. Without organisations and repositories: all that was collected before."""

    model_config = ConfigDict(json_schema_extra={"example": {"orgs": ["octo-org"], "datasets": ["workflow_runs"]}})

    orgs: list[Org] = Field(default=[], max_length=MOST_NAMED)


class Refresh(_Body):
    """Repositories that are to be read. full: everything again; else what GitHub says has changed."""

    model_config = ConfigDict(json_schema_extra={"example": {"repos": ["octo-org/octo-repo"], "full": True}})

    full: bool = True

    @model_validator(mode="after")
    def _names_one(self) -> "Refresh":
        if not self.repos:
            raise ValueError("name at least one repository in repos")
        return self


class Backfill(Poll):
    """As for a poll. since: the day (UTC) to reach back to, at most ten years ago."""

    model_config = ConfigDict(json_schema_extra={"example": {"repos": ["octo-org/octo-repo"], "since": "2026-01-01"}})

    since: date

    @field_validator("since")
    @classmethod
    def _is_in_reach(cls, since: date) -> date:
        today = datetime.now(UTC).date()
        if not today - LONGEST_BACKFILL <= since <= today:
            raise ValueError(f"{since} is not from {today - LONGEST_BACKFILL} to {today}")
        return since


def runner_of(request: Request) -> Runner:
    """What starts collections."""
    return cast("Runner", request.app.state.runner)


Runs = Annotated[Runner, Depends(runner_of)]

_NOTED: dict[int | str, dict[str, Any]] = {
    202: {"description": "It runs", "headers": {"Location": {"schema": {"type": "string"}}}},
    409: {"description": "One runs already, or nothing is there to read GitHub with"},
}


@router.get("/poll", dependencies=[Depends(who_sees_all)])
async def collections(_who: Viewer, runner: Runs) -> Started:
    """Tells which collection runs and how the last ten ended that were started here; the ledger tells of all."""
    return await asyncio.to_thread(runner.started)


@dataclass
class Starting:
    """What starts a collection for who asks, and notes who did."""

    who: Operator  # type: ignore[valid-type]
    reader: Asks
    inbox: Pushes
    runner: Runs
    response: Response

    async def __call__(self, kind: Kind, wanted: _Body) -> Collecting:
        """Starts it, with all that was collected before if nothing is named. Raises ApiError if it cannot."""
        try:
            asked = Asked(kind=kind, **wanted.model_dump())
            asked = await self.reader.do(partial(filled, asked, self.reader.lake))
        except NothingBefore:
            raise ApiError(
                422, "Nothing was collected before; name organisations in orgs, or repositories in repos.", "orgs"
            ) from None
        if not self.reader.settings.reads_github:
            raise ApiError(
                409,
                "GitHub cannot be read from here: set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, where "
                "the API is served, and restart it.",
            )
        by: Caller = self.who
        started = await self._started(asked, by.name)
        self.response.headers["location"] = PLACE
        at, action = started.started_at, f"collection.{kind}"
        await note(self.inbox, by, action, asked.named, at, "api", id=started.id, **asked.details)
        return started

    async def _started(self, asked: Asked, by: str) -> Collecting:
        try:
            return await asyncio.to_thread(self.runner.start, asked, by)
        except AlreadyCollecting as error:
            where = {"location": PLACE}
            sentence = f"{str(error).removesuffix('.')} (GET {PLACE} tells how it ends)."
            raise ApiError(409, sentence, headers=where) from None


Starts = Annotated[Starting, Depends()]


@router.post("/poll", status_code=status.HTTP_202_ACCEPTED, responses=_NOTED)
async def poll(start: Starts, wanted: Poll | None = None) -> Collecting:
    """Starts to read what is new on GitHub."""
    return await start("poll", wanted or Poll())


@router.post("/refresh", status_code=status.HTTP_202_ACCEPTED, responses=_NOTED)
async def refresh(start: Starts, wanted: Refresh) -> Collecting:
    """Starts to read repositories again, whatever was read before."""
    return await start("refresh", wanted)


@router.post("/backfill", status_code=status.HTTP_202_ACCEPTED, responses=_NOTED)
async def backfill(start: Starts, wanted: Backfill) -> Collecting:
    """Starts to read what happened since a day, as far as GitHub still has it."""
    return await start("backfill", wanted)
