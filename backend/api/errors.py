"""Errors of the API: one shape for all of them, `{"error": {"code", "message", "field", ...}}`, and no traceback."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, cast

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.errors import FettleError
from shared.lake.spool import InboxFull
from shared.lake.store import StoreError
from shared.observing.logs import REQUEST_ID

RETRY_AFTER_S = 10

UNEXPECTED = 500

_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    503: "unavailable",
}

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """One thing that is wrong with what was sent. place: of the item, where several were sent at once; from 0."""

    field: str | None
    message: str
    place: int | None = None


class ErrorBody(BaseModel):
    """What went wrong. field: the first that is at fault.  problems: all that is wrong with what was sent.

    request_id: of a 500, by which the server's log is searched.
    """

    code: str
    message: str
    field: str | None = None
    problems: list[Problem] | None = None
    request_id: str | None = None


class ErrorAnswer(BaseModel):
    """The body of every answer from 400 on."""

    error: ErrorBody


class ApiError(Exception):
    """An answer that says what was wrong."""

    def __init__(
        self,
        status: int,
        message: str,
        field: str | None = None,
        problems: Sequence[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.field = status, message, field
        self.problems, self.headers = list(problems), dict(headers or {})


def error_response(
    status: int,
    message: str,
    field: str | None = None,
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer in the shape that all errors have."""
    error: dict[str, Any] = {"code": _CODES.get(status, "error"), "message": message, "field": field}
    if problems:
        error["problems"] = [problem.model_dump(exclude_none=True) | {"field": problem.field} for problem in problems]
    if status == UNEXPECTED and (known := REQUEST_ID.get()):
        error["request_id"] = known
    content = orjson.dumps({"error": error})
    return Response(content, status, dict(headers or {}), media_type="application/json")


def refused(problems: Sequence[Problem]) -> ApiError:
    """422 with everything that is wrong."""
    message = problems[0].message if len(problems) == 1 else f"{len(problems)} things are wrong; see problems."
    return ApiError(422, message, problems[0].field, problems)


def handle_errors(app: FastAPI) -> None:
    """Has every error of a route answered in one shape."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(StoreError, _store_error)
    app.add_exception_handler(InboxFull, _later)
    app.add_exception_handler(TimeoutError, _later)
    app.add_exception_handler(FettleError, _refused_by_us)
    app.add_exception_handler(Exception, _unexpected)


async def _api_error(_request: Request, error: Exception) -> Response:
    told = cast("ApiError", error)
    return error_response(told.status, told.message, told.field, told.problems, told.headers)


async def _invalid(_request: Request, error: Exception) -> Response:
    found = cast("RequestValidationError", error).errors()
    problems = [Problem(field=_field(one["loc"]), message=_sentence(one)) for one in found]
    broken = any(one["type"] == "json_invalid" for one in found)
    if broken:
        return error_response(400, "The body is not JSON.", None, problems)
    told = refused(problems)
    return error_response(422, told.message, told.field, told.problems)


def _field(place: Sequence[Any]) -> str | None:
    names = [str(part) for part in place[1:]]
    return ".".join(names) or None


def _sentence(found: Mapping[str, Any]) -> str:
    name, why = _field(found["loc"]) or "The body", str(found["msg"]).removeprefix("Value error, ")
    return f"{name}: {why}."


async def _http(_request: Request, error: Exception) -> Response:
    told = cast("HTTPException", error)
    return error_response(told.status_code, str(told.detail), headers=told.headers)


async def _store_error(_request: Request, error: Exception) -> Response:
    log.warning("%s", error)
    return error_response(503, str(error), headers={"retry-after": str(RETRY_AFTER_S)})


async def _later(_request: Request, error: Exception) -> Response:
    message = str(error) or "It could not be stored in time; send it again later."
    return error_response(503, message, headers={"retry-after": str(RETRY_AFTER_S)})


async def _refused_by_us(_request: Request, error: Exception) -> Response:
    return error_response(422, str(error))


async def _unexpected(_request: Request, error: Exception) -> Response:
    log.error("A request failed.", exc_info=error)
    return error_response(UNEXPECTED, "Something went wrong here; the server's log has what.")
