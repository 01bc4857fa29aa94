"""Pushing: what senders tell, checked row by row, kept in the inbox, and only then acknowledged."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from backend.api.errors import ApiError, Problem, refused
from shared.activity import Refused
from shared.lake.inbox import Inbox

MOST_AT_ONCE = 1_000
MOST_PROBLEMS = 100

Row = dict[str, Any]

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def objects_of(request: Request) -> tuple[list[Any], bool]:
    """What a body tells: one object, or several as a list or in `items`; and whether it was one.

    A form is one object. Raises ApiError.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _FORMS:
        return [_of_form(await request.form(max_files=0, max_fields=50))], True
    try:
        told = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise ApiError(400, f"The body is not JSON: {error}.") from None
    if isinstance(told, dict) and isinstance(told.get("items"), list):
        told = told["items"]
    one = not isinstance(told, list)
    found = [told] if one else told
    if not found:
        raise ApiError(422, "Nothing was sent; send an object or a list of objects.")
    if len(found) > MOST_AT_ONCE:
        raise ApiError(413, f"{len(found):,} were sent at once; send at most {MOST_AT_ONCE:,}.")
    return found, one


def _of_form(form: FormData) -> Row:
    return {name: value for name, value in form.items() if not isinstance(value, UploadFile)}


def checked(
    objects: Sequence[Any], check: Callable[[Mapping[str, Any], datetime], Row], now: datetime, **given: object
) -> list[Row]:
    """The rows of what was sent; nothing is taken if any of it is wrong. Raises ApiError with every problem.

    given: fields that the route tells, which go before those of the body.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    for place, told in enumerate(objects):
        shown = place if len(objects) > 1 else None
        if not isinstance(told, Mapping):
            problems.append(Problem(field=None, message=f"It is no object but {_kind(told)}.", place=shown))
            continue
        try:
            rows.append(check({**told, **given}, now))
        except Refused as error:
            problems += [Problem(field=one.field, message=one.text, place=shown) for one in error.problems]
    if problems:
        raise refused(problems[:MOST_PROBLEMS])
    return rows


def _kind(told: object) -> str:
    names = {"NoneType": "null", "str": "a string", "list": "a list", "bool": "true or false"}
    return names.get(type(told).__name__, "a number")


async def keep(inbox: Inbox, dataset: str, rows: Sequence[Row], now: datetime, source: str = "api") -> None:
    """Keeps rows, and returns once they are durable. Raises InboxFull or TimeoutError."""
    await inbox.submit_on_loop(dataset, [{**row, "collected_at": now, "source": source} for row in rows])
