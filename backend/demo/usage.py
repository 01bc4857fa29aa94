"""Usage of the sample: what its users asked of models and of an API, in sessions, with ratings and threats."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backend.demo.columns import Bools, Column, Floats, Ints, constant, demo_table, hexes, numbers, times, words
from backend.demo.dice import choices
from backend.demo.months import Span
from shared.datasets import FEEDBACK, REQUESTS, THREATS, USAGE_SESSIONS
from shared.datasets.threats import THREAT_TYPES

MOST_DAYS, USERS = 90, 40
"""The days of which usage is in the sample unless told otherwise, and its users."""

_SESSIONS_PER_DAY = 1.2
_LIKELY_REQUESTS = 6.0

# Per model: share, milliseconds that it takes, dollars for a million tokens of the prompt and of the completion.
_MODELS = ("demo-large", "demo-medium", "demo-small", "demo-embed")
_OF_MODELS = np.array([[0.25, 3_200, 5.0, 15.0], [0.4, 1_400, 1.0, 4.0], [0.25, 500, 0.15, 0.6], [0.1, 120, 0.05, 0.0]])
_COUNTRIES = ("US", "DE", "ID", "IN", "GB", "BR", "JP", "FR", "CA", "AU", "NG", "PL", "MX", "KR")
_STATUSES = np.array([400, 401, 404, 429, 500, 503])
_STATUS_SHARES = np.array([5.0, 3.0, 2.0, 9.0, 4.0, 2.0])
_FAILS = 0.04
_OUTAGE_DAY, _OUTAGE_FAILS = 9, 0.35
"""So many days ago the largest model failed often for a day."""

_COMMENTS = (
    "Exactly what I needed",
    "Too slow today",
    "Good, but too long",
    "Wrong answer",
    "Helpful",
    "It repeats itself",
)
_WHAT = (
    *("more than 120 requests in a minute", "asks for credentials of others", "unknown key", "body is no JSON"),
    *("tells the model to forget its rules", "the same prompt 400 times", "signature does not match", "sent twice"),
)


@dataclass(frozen=True)
class Asked:
    """Requests as arrays. session: the place of theirs.  model: of _MODELS."""

    session: Ints
    user: Ints
    at: Ints
    model: Ints
    failed: Bools
    prompt: Ints
    completion: Ints
    cost: Floats
    latency: Floats


def usage_tables(seed: int, span: Span, users: int) -> list[pa.Table]:
    """Rows of `requests`, `usage_sessions`, `feedback` and `threats`, in this order."""
    rng = np.random.default_rng([seed, 31])
    asked = _asked(rng, span, users)
    ids = hexes(rng.integers(0, 256, (len(asked.at), 16), dtype=np.uint8))
    return [
        _requests(rng, asked, ids, span, users),
        _sessions(asked, span, users),
        _feedback(rng, asked, ids, span, users),
        _threats(rng, span, users),
    ]


def _asked(rng: np.random.Generator, span: Span, users: int) -> Asked:
    days = max(1, (span.until - span.since) // 86_400)
    count = int(rng.poisson(_SESSIONS_PER_DAY * users * days)) + 1
    of_user = choices(rng, 1.0 / np.arange(1.0, users + 1) ** 0.6, count)
    begun = np.sort(span.moments(rng, count))
    size = 1 + rng.geometric(1 / _LIKELY_REQUESTS, count)
    session = np.repeat(np.arange(count), size)
    at = np.minimum(begun[session] + (rng.exponential(240, len(session))).astype(np.int64), span.until - 1)
    model = choices(rng, _OF_MODELS[:, 0], len(session))
    outage = (model == 0) & ((span.until - at) // 86_400 == _OUTAGE_DAY)
    failed = rng.random(len(session)) < np.where(outage, _OUTAGE_FAILS, _FAILS)
    prompt = np.exp(6.2 + 0.9 * rng.standard_normal(len(session))).astype(np.int64) + 1
    prompt = np.where(failed, 0, prompt)
    completion = np.where(model == 3, 0, np.exp(5.6 + 0.8 * rng.standard_normal(len(session)))).astype(np.int64)
    completion = np.where(failed, 0, completion)
    price = _OF_MODELS[model]
    cost = np.round((prompt * price[:, 2] + completion * price[:, 3]) / 1e6, 6)
    latency = np.round(price[:, 1] * np.exp(0.45 * rng.standard_normal(len(session))) * np.where(failed, 0.3, 1.0), 1)
    return Asked(session, of_user[session], at, model, failed, prompt, completion, cost, latency)


def _requests(rng: np.random.Generator, asked: Asked, ids: Column, span: Span, users: int) -> pa.Table:
    count = len(asked.at)
    status = np.where(asked.failed, _STATUSES[choices(rng, _STATUS_SHARES, count)], 200)
    home = choices(rng, 1.0 / np.arange(1.0, len(_COUNTRIES) + 1), users)
    columns = {
        "request_id": ids,
        "at": times(asked.at),
        "endpoint": words(("/v1/chat/completions", "/v1/embeddings"), (asked.model == 3).astype(np.int64)),
        "method": constant("POST", count),
        "status": pa.array(status),
        "latency_ms": pa.array(asked.latency),
        "model": words(_MODELS, asked.model),
        "prompt_tokens": numbers(asked.prompt, ~asked.failed),
        "completion_tokens": numbers(asked.completion, ~asked.failed),
        "total_tokens": numbers(asked.prompt + asked.completion, ~asked.failed),
        "cost_usd": numbers(asked.cost, ~asked.failed),
        "finish_reason": _of(words(("stop", "length"), (rng.random(count) < 0.06).astype(np.int64)), ~asked.failed),
        "country": words(_COUNTRIES, home[asked.user]),
        "user": words(_names(users), asked.user),
        "session_id": words(_session_ids(int(asked.session.max()) + 1), asked.session),
        "service": constant("demo-assistant", count),
    }
    return demo_table(REQUESTS, span.until, columns)


def _sessions(asked: Asked, span: Span, users: int) -> pa.Table:
    """Each session with what its requests add up to; those of one session follow each other."""
    starts = np.flatnonzero(np.diff(asked.session, prepend=-1))
    columns = {
        "session_id": words(_session_ids(len(starts)), np.arange(len(starts))),
        "user": words(_names(users), asked.user[starts]),
        "started_at": times(np.minimum.reduceat(asked.at, starts)),
        "ended_at": times(np.maximum.reduceat(asked.at, starts)),
        "requests": pa.array(np.diff(np.append(starts, len(asked.at)))),
        "cost_usd": pa.array(np.add.reduceat(np.where(asked.failed, 0.0, asked.cost), starts)),
        "tokens": pa.array(np.add.reduceat(asked.prompt + asked.completion, starts)),
    }
    return demo_table(USAGE_SESSIONS, span.until, columns)


def _feedback(rng: np.random.Generator, asked: Asked, ids: Column, span: Span, users: int) -> pa.Table:
    rated = np.flatnonzero(rng.random(len(asked.at)) < 0.06)
    count = len(rated)
    happy = np.array([0.03, 0.05, 0.12, 0.35, 0.45])
    stars = np.where(asked.failed[rated], 1 + choices(rng, happy[::-1], count), 1 + choices(rng, happy, count))
    said = rng.random(count) < 0.4
    columns = {
        "request_id": words(ids.to_pylist(), rated),
        "user": words(_names(users), asked.user[rated]),
        "at": times(np.minimum(asked.at[rated] + rng.integers(5, 600, count), span.until - 1)),
        "rating": pa.array(stars),
        "comment": _of(words(_COMMENTS, rng.integers(0, len(_COMMENTS), count)), said),
    }
    return demo_table(FEEDBACK, span.until, columns)


def _threats(rng: np.random.Generator, span: Span, users: int) -> pa.Table:
    days = max(1, (span.until - span.since) // 86_400)
    count = int(rng.poisson(1.5 * days)) + 1
    at = np.sort(span.moments(rng, count))
    kind = choices(rng, np.array([6.0, 2.0, 4.0, 2.0, 3.0, 1.0, 1.0, 0.5]), count)
    worst = choices(rng, np.array([1.0, 3.0, 6.0, 8.0]), count)
    taken = rng.exponential(2 * 86_400, count).astype(np.int64) + 600
    resolved = (at + taken < span.until) & (rng.random(count) < 0.85)
    columns = {
        "threat_id": hexes(rng.integers(0, 256, (count, 16), dtype=np.uint8)),
        "at": times(at),
        "type": words(THREAT_TYPES, kind),
        "severity": words(("critical", "high", "medium", "low"), worst),
        "ip_hash": hexes(rng.integers(0, 256, (count, 16), dtype=np.uint8)),
        "user": _of(words(_names(users), rng.integers(0, users, count)), rng.random(count) < 0.5),
        "description": words(_WHAT, kind),
        "resolved": pa.array(resolved),
        "resolved_at": times(at + taken, resolved),
        "resolved_by": _of(constant("demo-ada", count), resolved),
    }
    return demo_table(THREATS, span.until, columns)


def _of(column: Column, known: Bools) -> Column:
    """The values where they are known, else null."""
    kept: Column = pc.if_else(pa.array(known), column, pa.scalar(None, column.type))
    return kept


def _names(users: int) -> list[str]:
    return [f"demo-user-{number:03d}" for number in range(1, users + 1)]


def _session_ids(count: int) -> list[str]:
    return [f"demo-session-{number:06d}" for number in range(1, count + 1)]
