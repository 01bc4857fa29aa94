"""Customer signals: what makes up a customer's score, each from 0 to 100 or unknown, with the facts behind it."""

from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from shared.metrics.customers.facts import FACTS, LATEST, OVERALL, RECENT_DAYS, Counted
from shared.metrics.health.signals import Signal

SIGNALS: dict[str, str] = {
    "logins": "Logins",
    "adoption": "Feature adoption",
    "tickets": "Tickets",
    "invoices": "Invoices",
    "api": "API calls",
}
"""Signal -> the words shown for it, in the order of the policy's weights."""

UNKNOWN_BECAUSE: dict[str, str] = {
    "logins": "no login of any customer was ever recorded",
    "adoption": "no use of a feature by any customer was ever recorded",
    "tickets": "no ticket of any customer was ever recorded",
    "invoices": "no invoice of any customer was ever recorded",
    "api": "no API call of any customer was ever recorded",
}

POINTS_PER_LOGIN, POINTS_PER_TICKET = 10.0, 10.0
"""What a login of the last days gains, and what an open ticket costs."""


def customer_signals(facts: ir.Table) -> ir.Table:
    """A row per customer, time and signal: subject, as_of, LATEST, signal, value, n, facts and unknown_because.

    One of the last two is null.  facts: those of customers.facts.customer_facts.
    """
    found = signals_of({name: facts[name] for name in (*FACTS, *OVERALL)})
    rows = [
        ibis.struct({"signal": name, "value": one.value, "n": one.n.cast("int64"), "facts": one.facts})
        for name, one in found.items()
    ]
    long = facts.select("as_of", *LATEST, subject="customer_id", one=ibis.array(rows).unnest()).unpack("one")
    known = long.value.notnull()
    because = ibis.cases(
        *((~known & (long.signal == name), why) for name, why in UNKNOWN_BECAUSE.items()), else_=ibis.null("string")
    )
    return long.mutate(facts=known.ifelse(long.facts, None), unknown_because=because)


def signals_of(count: Counted) -> dict[str, Signal]:
    """The signals of a customer, by name. count: what facts.facts_at tells."""
    return {
        "logins": _logins(count),
        "adoption": _adoption(count),
        "tickets": _tickets(count),
        "invoices": _invoices(count),
        "api": _api(count),
    }


def _logins(count: Counted) -> Signal:
    value = ibis.least(POINTS_PER_LOGIN * count["logins"], 100.0)
    return Signal(
        _if(count["any_login"], value),
        count["logins"],
        _said(count["logins"], _noun(count["logins"], " login"), _IN_DAYS),
    )


def _adoption(count: Counted) -> Signal:
    overall = count["features_overall"]
    said = _said(count["features"], " of ", overall, " features used")
    return Signal(100.0 * count["features"] / overall.nullif(0), overall, said)


def _tickets(count: Counted) -> Signal:
    value = ibis.greatest(100.0 - POINTS_PER_TICKET * count["tickets_open"], 0.0)
    said = _said(count["tickets_open"], " of ", count["tickets"], _noun(count["tickets"], " ticket"), " open")
    return Signal(_if(count["any_ticket"], value), count["tickets"], said)


def _invoices(count: Counted) -> Signal:
    bad = count["invoices_late"] + count["invoices_due"]
    share = (count["invoices"] == 0).ifelse(100.0, 100.0 * (count["invoices"] - bad) / count["invoices"].nullif(0))
    of_all = _said(" of ", count["invoices"], _noun(count["invoices"], " invoice"))
    said = _said(count["invoices_due"], " overdue and ", count["invoices_late"], " paid late") + of_all
    return Signal(_if(count["any_invoice"], share), count["invoices"], said)


def _api(count: Counted) -> Signal:
    value = ibis.least(count["api"], 100).cast("float64")
    return Signal(
        _if(count["any_api"], value), count["api"], _said(count["api"], _noun(count["api"], " API call"), _IN_DAYS)
    )


_IN_DAYS = f" in {RECENT_DAYS} days"


def _if(recorded: ir.BooleanValue, value: ir.FloatingValue) -> ir.FloatingValue:
    """The value where anything of the kind was ever recorded of anyone; unknown where nobody sends it."""
    return recorded.ifelse(value, None)


def _noun(number: ir.IntegerValue, noun: str) -> ir.StringValue:
    return (number == 1).ifelse(noun, f"{noun}s")


def _said(*parts: ir.Value | str) -> ir.StringValue:
    texts = [ibis.literal(part) if isinstance(part, str) else part.cast("string") for part in parts]
    return reduce(add, texts)
