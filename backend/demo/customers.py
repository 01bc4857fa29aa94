"""Customers of the sample: some thrive, some fade away, some have trouble, and what they did says so."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backend.demo.columns import Bools, Column, Floats, Ints, constant, demo_table, hexes, numbers, times, words
from backend.demo.dice import choices
from backend.demo.months import HOUR_S, Span, span_of
from backend.demo.repositories import PEOPLE
from backend.demo.size import DemoSize
from backend.demo.stories import DAY_S
from shared.datasets import ACTIVITY_EVENTS, CUSTOMERS
from shared.datasets.activity_events import API, EVENT_TYPES, FEATURE, INVOICE, LOGIN, TICKET

PER_REPOSITORY, MOST = 12, 600
"""Customers for each repository, and the most of them."""

MOST_DAYS = 180
"""The days of which their activity is known."""

_FIRST = (
    "Amber",
    "Birch",
    "Cedar",
    "Delta",
    "Ember",
    "Fjord",
    "Garnet",
    "Harbor",
    "Indigo",
    "Juniper",
    "Krypton",
    "Lumen",
)
_SECOND = (
    "Foods",
    "Freight",
    "Labs",
    "Media",
    "Motors",
    "Optics",
    "Outfitters",
    "Power",
    "Press",
    "Robotics",
    "Textiles",
)
_FORMS = ("Demo GmbH", "Demo Inc", "Demo Ltd", "Demo SA", "Demo KK")
_SEGMENTS = ("enterprise", "mid-market", "small business")
_FEATURES = (
    *("dashboards", "exports", "alerts", "audit log", "single sign-on", "webhooks", "saved views", "scheduled reports"),
    *("teams", "comments", "imports", "mobile app", "forecasts", "budgets", "labels", "templates"),
)
_ENDPOINTS = ("/v1/orders", "/v1/orders/{id}", "/v1/customers", "/v1/reports", "/v1/search", "/v2/batch", "/v2/events")
_CURRENCIES = ("EUR", "USD", "GBP")

# Per 30 days: logins, features used, tickets, invoices, API calls.
_RATES = np.array(
    [[14.0, 12.0, 0.5, 1.0, 60.0], [7.0, 6.0, 0.8, 1.0, 25.0], [9.0, 7.0, 0.8, 1.0, 30.0], [5.0, 4.0, 3.0, 1.0, 12.0]]
)
_THRIVING, _STEADY, _FADING, _TROUBLED = range(4)
_SHARES = np.array([0.42, 0.36, 0.13, 0.09])
_FADES_S = 60 * DAY_S
"""Since when those who fade away do."""

_KIND = {name: place for place, name in enumerate(EVENT_TYPES)}


@dataclass(frozen=True)
class People:
    """The customers as arrays. mood: thriving, steady, fading or troubled.  repertoire: how many features they know."""

    mood: Ints
    eager: Floats
    repertoire: Ints


def customers(size: DemoSize, span: Span) -> pa.Table:
    """Rows of the dataset `customers`."""
    rng, count = np.random.default_rng([size.seed, 21]), _count(size)
    index = np.arange(count)
    forms = rng.integers(0, len(_FORMS), count)
    names = [
        f"{_FIRST[one % len(_FIRST)]} {_SECOND[one // len(_FIRST) % len(_SECOND)]} {_FORMS[form]}{_number(one)}"
        for one, form in zip(index.tolist(), forms.tolist(), strict=True)
    ]
    columns = {
        "customer_id": words(_ids(count), index),
        "name": pa.array(names, pa.string()),
        "segment": words(_SEGMENTS, rng.choice(len(_SEGMENTS), count, p=[0.2, 0.35, 0.45])),
        "owner": words(PEOPLE, index * 5 % 8),
        "created_at": times(span.until - rng.integers(200 * DAY_S, 1_500 * DAY_S, count)),
    }
    return demo_table(CUSTOMERS, span.until, columns)


def activity_events(size: DemoSize, span: Span) -> pa.Table:
    """Rows of the dataset `activity_events`."""
    rng, count = np.random.default_rng([size.seed, 22]), _count(size)
    days = min(size.days, MOST_DAYS)
    span = span_of(days, span.until)
    people = _people(rng, count)
    expected = _RATES[people.mood] * people.eager[:, None] ** [1.0, 1.0, 0.5, 0.0, 1.5] * days / 30
    made = rng.poisson(expected)
    who = np.repeat(np.indices(made.shape)[0].ravel(), made.ravel())
    kind = np.repeat(np.indices(made.shape)[1].ravel(), made.ravel())
    at = span.moments(rng, len(who))
    kept = _still_active(rng, people.mood[who], kind, at, span)
    who, kind, at = who[kept], kind[kept], at[kept]
    columns = {
        "event_id": hexes(rng.integers(0, 256, (len(who), 16), dtype=np.uint8)),
        "customer_id": words(_ids(count), who),
        "type": words(EVENT_TYPES, kind),
        "at": times(at),
        "feature_name": _of(words(_FEATURES, _feature(rng, people.repertoire[who])), kind == _KIND[FEATURE]),
        "endpoint": _of(words(_ENDPOINTS, choices(rng, np.arange(7.0, 0.0, -1.0), len(who))), kind == _KIND[API]),
        **_tickets(rng, kind == _KIND[TICKET], people.mood[who], at, span.until),
        **_invoices(rng, kind == _KIND[INVOICE], people.mood[who], at, span.until),
        "recorded_by": constant("demo-importer", len(who)),
    }
    return demo_table(ACTIVITY_EVENTS, span.until, columns)


def _people(rng: np.random.Generator, count: int) -> People:
    mood = choices(rng, _SHARES, count)
    most = np.array([len(_FEATURES), 10, 11, 6])[mood]
    return People(mood, np.exp(0.5 * rng.standard_normal(count)), rng.integers(3, most + 1))


def _still_active(rng: np.random.Generator, mood: Ints, kind: Ints, at: Ints, span: Span) -> Bools:
    """Whether what would have happened did: those who fade away do less and less, though they still get invoices."""
    faded = (at - (span.until - _FADES_S)).clip(0) / _FADES_S
    active = np.isin(kind, [_KIND[LOGIN], _KIND[FEATURE], _KIND[API]])
    kept: Bools = (mood != _FADING) | ~active | (rng.random(len(at)) > 1.25 * faded)
    return kept


def _feature(rng: np.random.Generator, repertoire: Ints) -> Ints:
    """A feature each of those that the customer knows, the first ones most often."""
    chosen: Ints = (rng.random(len(repertoire)) ** 1.6 * repertoire).astype(np.int64)
    return chosen


def _tickets(rng: np.random.Generator, is_one: Bools, mood: Ints, at: Ints, now: int) -> dict[str, Column]:
    """Tickets are closed within days; those of customers in trouble take weeks."""
    days = np.where(mood == _TROUBLED, 18.0, 2.0)
    closed_at = at + (days * DAY_S * rng.exponential(1.0, len(at))).astype(np.int64) + HOUR_S
    closed = is_one & (closed_at <= now)
    return {
        "ticket_status": _of(words(("open", "closed"), closed.astype(np.int64)), is_one),
        "closed_at": times(closed_at, closed),
    }


def _invoices(rng: np.random.Generator, is_one: Bools, mood: Ints, at: Ints, now: int) -> dict[str, Column]:
    """Invoices are due at the midnight two weeks later; customers in trouble often pay late."""
    due = (at // DAY_S + 15) * DAY_S
    late = rng.random(len(at)) < np.where(mood == _TROUBLED, 0.55, np.where(mood == _FADING, 0.15, 0.04))
    taken = np.where(late, rng.integers(16, 50, len(at)), rng.integers(1, 14, len(at)))
    paid_date = at + taken * DAY_S
    paid = is_one & (paid_date <= now)
    amounts = np.round(np.exp(6.5 + 0.8 * rng.standard_normal(len(at))), 2)
    return {
        "amount": numbers(amounts.astype(np.float64), is_one),
        "currency": _of(words(_CURRENCIES, choices(rng, np.array([5.0, 3.0, 1.0]), len(at))), is_one),
        "due_date": times(due, is_one),
        "paid_date": times(paid_date, paid),
        "invoice_status": _of(words(("unpaid", "paid"), paid.astype(np.int64)), is_one),
    }


def _of(column: Column, known: Bools) -> Column:
    """The values where they are known, else null."""
    kept: Column = pc.if_else(pa.array(known), column, pa.scalar(None, column.type))
    return kept


def _count(size: DemoSize) -> int:
    return min(MOST, PER_REPOSITORY * size.repos)


def _ids(count: int) -> list[str]:
    return [f"demo-customer-{number:04d}" for number in range(1, count + 1)]


def _number(index: int) -> str:
    """Tells customers of the same two words apart."""
    again = index // (len(_FIRST) * len(_SECOND))
    return f" {again + 1}" if again else ""
