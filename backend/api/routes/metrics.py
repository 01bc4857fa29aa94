"""Metrics: every figure of the registry, as JSON, CSV or Parquet."""

import io
from typing import Annotated, Any, Literal

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from backend.api.asking import AskedScope, Asks, Viewer
from backend.api.errors import ApiError
from backend.api.reading import answer
from shared.csv import csv_of
from shared.metrics import METRICS, Metric

router = APIRouter(tags=["metrics"])

Format = Literal["json", "csv", "parquet"]

_SCOPE = {"range", "org", "repo", "workflow", "severity", "kind", "event", "branch", "bots", "as_of", "by", "format"}


class MetricTold(BaseModel):
    """What a metric is. columns: with the words and unit of each."""

    name: str
    title: str
    definition: str
    unit: str
    inputs: list[str]
    exclusions: str
    by: list[str]
    switches: dict[str, str]
    columns: dict[str, str]

    @classmethod
    def of(cls, entry: Metric) -> "MetricTold":
        """Of an entry of the registry."""
        return cls(
            name=entry.name,
            title=entry.title,
            definition=entry.definition,
            unit=entry.unit,
            inputs=list(entry.inputs),
            exclusions=entry.exclusions,
            by=list(entry.by),
            switches=dict(entry.switches),
            columns=dict(entry.columns),
        )


@router.get("/metrics")
async def metrics(_who: Viewer) -> list[MetricTold]:
    """All metrics that there are, with what they mean."""
    return [MetricTold.of(entry) for entry in METRICS.values()]


@router.get(
    "/metrics/{name}",
    response_class=Response,
    responses={
        200: {
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "text/csv": {"schema": {"type": "string"}},
                "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
            }
        }
    },
)
async def metric(
    _who: Viewer,
    name: str,
    scope: AskedScope,
    reader: Asks,
    request: Request,
    by: Annotated[str | None, Query(description="A grouping that the metric knows.", max_length=40)] = None,
    format: Annotated[Format, Query(description="How the rows are to be written.")] = "json",  # noqa: A002
) -> Response:
    """The figures of a metric. A switch of the metric is on with `SWITCH=true`."""
    if name not in METRICS:
        raise ApiError(404, f"There is no metric {name[:80]!r}; GET /api/metrics lists them.", "name")
    entry = METRICS[name]
    reader.check(entry)
    if by is not None and by not in entry.by:
        known = f"use one of {', '.join(entry.by)}" if entry.by else "leave it out"
        raise ApiError(422, f"{name} cannot be grouped by {by[:40]!r}; {known}.", "by")
    switches = _switches(entry, request)
    policy = reader.policy()
    rows = await reader.read(lambda tables: answer(tables, name, scope, by, policy, switches))
    return _written(entry, by, rows, format, scope.until.isoformat())


def _switches(entry: Metric, request: Request) -> dict[str, bool]:
    found = {}
    for name, value in request.query_params.items():
        if name in _SCOPE:
            continue
        if name not in entry.switches:
            known = f"its switches are {', '.join(entry.switches)}" if entry.switches else "it has no switches"
            raise ApiError(422, f"{entry.name} does not know {name[:40]!r}; {known}.", name[:40])
        if value.lower() not in ("true", "false", "1", "0"):
            raise ApiError(422, f"{name} is {value[:40]!r}; use true or false.", name)
        found[name] = value.lower() in ("true", "1")
    return found


def _written(entry: Metric, by: str | None, rows: pa.Table, form: Format, as_of: str) -> Response:
    if form == "json":
        content: dict[str, Any] = {
            "metric": entry.name,
            "unit": entry.unit,
            "by": by,
            "as_of": as_of,
            "columns": entry.labels(by),
            "rows": rows.to_pylist(),
        }
        return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")
    named = {"content-disposition": f'attachment; filename="{entry.name}.{form}"'}
    if form == "csv":
        return Response(csv_of(rows.to_pandas()), media_type="text/csv; charset=utf-8", headers=named)
    buffer = io.BytesIO()
    pq.write_table(rows, buffer, compression="zstd")
    return Response(buffer.getvalue(), media_type="application/vnd.apache.parquet", headers=named)
