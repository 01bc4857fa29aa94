"""Collecting: starts a collection in a process of its own, and tells which runs and what became of the last ones."""

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Request, status
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from starlette.responses import Response

from backend.api.asking import Asks, Pushes, Viewer, needs, who_sees_all
from backend.api.errors import ApiError
from backend.api.reading import Reader
from backend.collect.cursors import WHOLE_ORG
from backend.collect.selection import CHOICES, ORG, REPO, REPOSITORIES
from shared.access.audit import note
from shared.access.roles import Caller
from shared.collecting.asked import Asked, Collecting, Kind, Started
from shared.collecting.runner import AlreadyCollecting, Runner
from shared.datasets import COLLECTIONS
from shared.lake.inbox import Inbox
from shared.settings import Settings

router = APIRouter(tags=["collecting"])

Operator = needs("operator")

MOST_NAMED = 100
"""Organisations, and repositories, of one request."""

MOST_KNOWN = 5_000
"""Repositories that were collected by their names before, if none is named now."""

LONGEST_BACKFILL = timedelta(days=3_653)

PLACE = "/api/poll"
"""Where a collection is followed."""


def _named(pattern: re.Pattern[str], example: str) -> AfterValidator:
    def checked(name: str) -> str:
        if not pattern.fullmatch(name):
            raise ValueError(f"{name[:80]!r} is not a name on GitHub, such as {example}")
        return name

    return AfterValidator(checked)


Org = Annotated[str, Field(max_length=100), _named(ORG, "octo-org")]
Repo = Annotated[str, Field(max_length=200), _named(REPO, "octo-org/octo-repo")]
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


@router.post("/poll", status_code=status.HTTP_202_ACCEPTED, responses=_NOTED)
async def poll(
    who: Operator,  # type: ignore[valid-type]
    reader: Asks,
    inbox: Pushes,
    runner: Runs,
    response: Response,
    wanted: Poll | None = None,
) -> Collecting:
    """Starts to read what is new on GitHub."""
    asked = await _filled(reader, _asked("poll", wanted or Poll()))
    return await _start(runner, reader.settings, inbox, response, who, asked)


@router.post("/refresh", status_code=status.HTTP_202_ACCEPTED, responses=_NOTED)
async def refresh(
    who: Operator,  # type: ignore[valid-type]
    reader: Asks,
    inbox: Pushes,
    runner: Runs,
    response: Response,
    wanted: Refresh,
) -> Collecting:
    """Starts to read repositories again, whatever was read before."""
    return await _start(runner, reader.settings, inbox, response, who, _asked("refresh", wanted))


@router.post("/backfill", status_code=status.HTTP_202_ACCEPTED, responses=_NOTED)
async def backfill(
    who: Operator,  # type: ignore[valid-type]
    reader: Asks,
    inbox: Pushes,
    runner: Runs,
    response: Response,
    wanted: Backfill,
) -> Collecting:
    """Starts to read what happened since a day, as far as GitHub still has it."""
    asked = await _filled(reader, _asked("backfill", wanted))
    return await _start(runner, reader.settings, inbox, response, who, asked)


def _asked(kind: Kind, wanted: BaseModel) -> Asked:
    return Asked(kind=kind, **wanted.model_dump())


async def _filled(reader: Reader, asked: Asked) -> Asked:
    """With all that was collected before, if nothing is named. Raises ApiError if that is nothing."""
    if asked.orgs or asked.repos:
        return asked

    def known() -> list[str]:
        ledger = reader.lake.tables("real", only=[COLLECTIONS])[COLLECTIONS.name]
        listed = ledger.filter(ledger.dataset == REPOSITORIES).select("repo").distinct().order_by("repo")
        return [str(name) for name in listed.limit(MOST_KNOWN).to_pyarrow()["repo"].to_pylist() if name]

    names = await reader.do(known)
    orgs = [name.removesuffix(f"/{WHOLE_ORG}") for name in names if name.endswith(f"/{WHOLE_ORG}")]
    repos = [name for name in names if REPO.fullmatch(name) and name.partition("/")[0] not in orgs]
    if not orgs and not repos:
        raise ApiError(
            422, "Nothing was collected before; name organisations in orgs, or repositories in repos.", "orgs"
        )
    return asked.model_copy(update={"orgs": tuple(orgs), "repos": tuple(repos)})


async def _start(
    runner: Runner, settings: Settings, inbox: Inbox, response: Response, caller: Caller, asked: Asked
) -> Collecting:
    """Starts it and notes who did. Raises ApiError if it cannot."""
    if not (settings.github_token or settings.github_app_id):
        raise ApiError(
            409,
            "GitHub cannot be read from here: set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, where the "
            "API is served, and restart it.",
        )
    try:
        started = await asyncio.to_thread(runner.start, asked, caller.name)
    except AlreadyCollecting as error:
        where = {"location": PLACE}
        raise ApiError(409, f"{str(error).removesuffix('.')} (GET {PLACE} tells how it ends).", headers=where) from None
    response.headers["location"] = PLACE
    await note(
        inbox,
        caller,
        f"collection.{asked.kind}",
        ", ".join((*asked.orgs, *asked.repos)),
        started.started_at,
        id=started.id,
        datasets=", ".join(asked.datasets),
        since=asked.since,
        full=asked.full,
    )
    return started
