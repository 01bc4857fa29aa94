"""Health signals: what makes up a repository's score, each from 0 to 100 or unknown, with the facts behind it."""

from dataclasses import dataclass
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from shared.metrics.health.facts import FACTS, RECENT_DAYS, REMEDIATION_DAYS, WAITING_DAYS
from shared.policy.health import HealthPolicy
from shared.policy.sla import LEVELS

SIGNALS: dict[str, str] = {
    "security": "Security",
    "sla": "SLA",
    "ci": "CI",
    "freshness": "Freshness",
    "remediation": "Remediation",
    "flow": "Agent flow",
}
"""Signal -> the words shown for it, in the order of the policy's weights."""

UNKNOWN_BECAUSE: dict[str, str] = {
    "security": "no kind of alert was ever collected well",
    "sla": f"no alert with a limit was closed in {REMEDIATION_DAYS} days or is open beyond it",
    "ci": f"no run on the default branch succeeded or failed in {RECENT_DAYS} days",
    "freshness": "no workflow has run",
    "remediation": f"no alert with a limit was fixed in {REMEDIATION_DAYS} days",
    "flow": f"no agent session ended in {RECENT_DAYS} days and none has an open pull request",
}

BEST_RATIO, WORST_RATIO = 0.5, 2.0
"""Shares of its limit that the median fix takes: up to the first the signal is 100, from the second on it is 0."""


@dataclass(frozen=True)
class Signal:
    """One signal as columns. n: the cases behind it.  facts: the same in words."""

    value: ir.FloatingValue
    n: ir.FloatingValue
    facts: ir.StringValue


def repository_signals(facts: ir.Table, policy: HealthPolicy) -> ir.Table:
    """A row per repository, time and signal: subject, as_of, archived, signal, value, n, facts and unknown_because.

      One of the last two is null.
    facts: those of health_facts.repository_facts.
    """
    counted = facts.mutate(**{name: facts[name].fill_null(0.0) for name in FACTS if name != "fix_ratio"})
    found = {
        "security": _security(counted, policy),
        "sla": _sla(counted),
        "ci": _ci(counted),
        "freshness": _freshness(counted),
        "remediation": _remediation(counted),
        "flow": _flow(counted),
    }
    rows = [
        ibis.struct({"signal": name, "value": one.value, "n": one.n.cast("int64"), "facts": one.facts})
        for name, one in found.items()
    ]
    long = counted.select("as_of", "archived", subject="repo", one=ibis.array(rows).unnest()).unpack("one")
    known = long.value.notnull()
    because = ibis.cases(
        *((~known & (long.signal == name), why) for name, why in UNKNOWN_BECAUSE.items()), else_=ibis.null("string")
    )
    return long.mutate(facts=known.ifelse(long.facts, None), unknown_because=because)


def _security(count: ir.Table, policy: HealthPolicy) -> Signal:
    """Open alerts on a saturating scale; an alert of unknown severity weighs as little as a low one."""
    points_of = {**policy.alert_points.model_dump(), "unknown": policy.alert_points.low}
    opened = {level: count[f"open_{level}"] for level in (*LEVELS, "unknown")}
    points = reduce(add, [opened[level] * points_of[level] for level in opened])
    known = (count["alert_sources"] > 0) | (count["alert_kinds"] > 0)
    parts = [(opened[level] > 0).ifelse(_whole(opened[level]) + f" {level}, ", "") for level in opened]
    total = reduce(add, list(opened.values()))
    said = reduce(add, parts).re_replace(", $", " open")
    return Signal(
        value=known.ifelse(100.0 * policy.half_at / (policy.half_at + points), None),
        n=total,
        facts=(total > 0).ifelse(said, "no open alert"),
    )


def _sla(count: ir.Table) -> Signal:
    n = count["met"] + count["closed_late"] + count["open_late"]
    said = _whole(count["open_late"]) + " open beyond the limit, " + _whole(count["closed_late"]) + " of "
    closed = count["met"] + count["closed_late"]
    return Signal(100.0 * count["met"] / n.nullif(0.0), n, said + _whole(closed) + " closed late")


def _ci(count: ir.Table) -> Signal:
    n = count["successes"] + count["failures"]
    said = _whole(count["failures"]) + " of " + _whole(n) + " runs failed"
    return Signal(100.0 * count["successes"] / n.nullif(0.0), n, said)


def _freshness(count: ir.Table) -> Signal:
    n, quiet = count["workflows"], count["stale"] + count["inactive"]
    said = _whole(count["stale"]) + " stale and " + _whole(count["inactive"]) + " inactive of " + _whole(n)
    return Signal(100.0 * (n - quiet) / n.nullif(0.0), n, said + " workflows")


def _remediation(count: ir.Table) -> Signal:
    worth = 100.0 * (WORST_RATIO - count.fix_ratio) / (WORST_RATIO - BEST_RATIO)
    percent = _whole((100.0 * count.fix_ratio).round())
    return Signal(worth.clip(0.0, 100.0), count["fixed"], "the median fix took " + percent + " % of its limit")


def _flow(count: ir.Table) -> Signal:
    ended = count["sessions_finished"] + count["sessions_broken"]
    n = ended + count["requests_open"]
    bad = count["sessions_broken"] + count["requests_waiting"]
    said = _whole(count["sessions_broken"]) + " of " + _whole(ended) + " sessions failed or were abandoned, "
    wait = (count["requests_waiting"] == 1).ifelse(" pull request waits", " pull requests wait")
    waiting = _whole(count["requests_waiting"]) + wait + f" for more than {WAITING_DAYS} days"
    return Signal(100.0 * (n - bad) / n.nullif(0.0), n, said + waiting)


def _whole(number: ir.Value) -> ir.StringValue:
    return number.cast("int64").cast("string")
