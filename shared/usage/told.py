"""Told: what services send of requests, ratings and threats, as rows of their datasets."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.activity.event import Row
from shared.activity.fields import Fields
from shared.country import country_code
from shared.datasets.feedback import RATINGS
from shared.datasets.threats import THREAT_SEVERITIES, THREAT_TYPES

REQUEST_FIELDS = (
    *("request_id", "at", "endpoint", "method", "status", "latency_ms", "model", "prompt_tokens", "completion_tokens"),
    *("total_tokens", "cost_usd", "finish_reason", "country", "ip_hash", "user", "session_id", "user_agent", "service"),
)

_LEAST_STATUS, _MOST_STATUS = 100, 599


def request_row(raw: Mapping[str, Any], now: datetime) -> Row:
    """A row of `requests` without `collected_at` and `source`. raw: REQUEST_FIELDS by name; others are not looked at.

    request_id and at are needed, and no time may be after now. A country that is none is unknown. Tokens in all are
    those of prompt and completion where they are not told. Raises Refused with every problem, by field.
    """
    fields = Fields(raw, now)
    row: Row = {
        "request_id": fields.identity("request_id", required=True),
        "at": fields.time("at", required=True),
        "status": fields.whole("status", least=_LEAST_STATUS, most=_MOST_STATUS),
        "latency_ms": fields.number("latency_ms"),
        "cost_usd": fields.number("cost_usd"),
        **{name: fields.whole(name) for name in ("prompt_tokens", "completion_tokens", "total_tokens")},
        **{name: fields.text(name) for name in ("endpoint", "finish_reason", "user_agent")},
        **{name: fields.identity(name) for name in ("method", "model", "ip_hash", "user", "session_id", "service")},
        "country": country_code(fields.text("country")),
    }
    fields.check()
    if row["total_tokens"] is None and None not in (row["prompt_tokens"], row["completion_tokens"]):
        row["total_tokens"] = row["prompt_tokens"] + row["completion_tokens"]
    return row


def feedback_row(raw: Mapping[str, Any], now: datetime) -> Row:
    """A row of `feedback` without `collected_at` and `source`. Raises Refused with every problem, by field."""
    fields = Fields(raw, now)
    row: Row = {
        "request_id": fields.identity("request_id", required=True),
        "user": fields.identity("user", required=True),
        "at": fields.time("at", required=True),
        "rating": fields.whole("rating", least=RATINGS[0], most=RATINGS[-1], required=True),
        "comment": fields.text("comment"),
    }
    fields.check()
    return row


def threat_row(raw: Mapping[str, Any], now: datetime) -> Row:
    """A row of `threats`, unresolved, without `collected_at` and `source`; without a threat_id it gets one.

    Raises Refused with every problem, by field.
    """
    fields = Fields(raw, now)
    for name in ("type", "severity"):
        if fields.given(name) is None:
            fields.refuse(name, "is missing", "send it")
    row: Row = {
        "threat_id": fields.identity("threat_id"),
        "at": fields.time("at", required=True),
        "type": fields.choice("type", THREAT_TYPES, THREAT_TYPES[0]),
        "severity": fields.choice("severity", THREAT_SEVERITIES, THREAT_SEVERITIES[0]),
        **{name: fields.identity(name) for name in ("ip_hash", "user", "request_id")},
        "description": fields.text("description"),
        "raw_excerpt": fields.text("raw_excerpt"),
        "resolved": False,
    }
    fields.check()
    return {**row, "threat_id": row["threat_id"] or str(uuid.uuid4())}
