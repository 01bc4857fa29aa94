"""Triage: deciding on alerts and findings. Decisions are only ever added, and nothing else writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import ibis

from shared.datasets import DEMO_SOURCE, TRIAGE
from shared.datasets.triage import DECISIONS, REOPENED, RISK_ACCEPTED, subject_parts
from shared.errors import FettleError
from shared.lake.merge import Changes
from shared.lake.reading import Rows
from shared.lake.tables import Lake
from shared.policy.findings import TriagePolicy

LONGEST_TEXT = 2_000
"""Characters of an owner or a reason."""

SOURCE = "form"


@dataclass(frozen=True)
class Decision:
    """What somebody decides on some alerts or findings. subjects: see shared.datasets.triage.

    owner: who answers for it.  expires_at: until when it holds; None for the policy's time or, where it names none, for
    good.
    """

    subjects: tuple[str, ...]
    decision: str
    owner: str = ""
    reason: str = ""
    expires_at: datetime | None = None


class TriageRefused(FettleError):
    """A decision that cannot be taken. problems: by the field of Decision, a sentence each."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


def problems(decision: Decision, policy: TriagePolicy, now: datetime) -> dict[str, str]:
    """What is wrong with a decision, by field; empty if nothing is."""
    found = {
        "subjects": _subject_problem(decision.subjects),
        "decision": None
        if decision.decision in DECISIONS
        else f"decision is {decision.decision!r}; use one of {', '.join(DECISIONS)}.",
        "owner": _owner_problem(decision),
        "reason": _reason_problem(decision),
        "expires_at": _expiry_problem(decision, policy, now),
    }
    return {field: problem for field, problem in found.items() if problem}


def decide(lake: Lake, decision: Decision, policy: TriagePolicy, *, demo: bool = False) -> Changes:
    """Adds a decision as of now on each of its subjects.

    demo: they are sample data, and so is then the decision: it goes when the sample goes, and hides nothing of it.

    An accepted risk without an expiry gets the policy's. The same decision at the same time again changes nothing.
    Raises TriageRefused with every problem, also where another decision was taken on a subject at the very same time,
    since none is ever overwritten; StoreError.
    """
    now = lake.clock()
    wrong = problems(decision, policy, now)
    if wrong:
        raise TriageRefused(wrong)
    expires_at = decision.expires_at
    if decision.decision == RISK_ACCEPTED and expires_at is None:
        expires_at = now + policy.expires_after
    row = {
        "decision": decision.decision,
        "owner": decision.owner.strip() or None,
        "reason": decision.reason.strip() or None,
        "decided_at": now,
        "expires_at": expires_at,
        "collected_at": now,
        "source": DEMO_SOURCE if demo else SOURCE,
    }
    _refuse_rivals(lake, decision.subjects, row)
    rows = [{"subject": subject, **row} for subject in dict.fromkeys(decision.subjects)]
    return lake.upsert(TRIAGE, TRIAGE.table(rows))


def _refuse_rivals(lake: Lake, subjects: Sequence[str], row: Mapping[str, object]) -> None:
    rows: Rows = "demo" if row["source"] == DEMO_SOURCE else "real"
    triage = lake.tables(rows, only=[TRIAGE])["triage"]
    same_time = triage.filter(triage.decided_at == ibis.literal(row["decided_at"]), triage.subject.isin(subjects))
    for known in same_time.to_pyarrow().to_pylist():
        if any(known[name] != value for name, value in row.items() if name != "collected_at"):
            said = f"subjects holds {known['subject']}, which was decided on at this very moment; decide again."
            raise TriageRefused({"subjects": said})


def _subject_problem(subjects: Sequence[str]) -> str | None:
    if not subjects:
        return "subjects is empty; choose at least one alert or finding."
    odd = next((subject for subject in subjects if subject_parts(subject) is None), None)
    return (
        None
        if odd is None
        else f"subjects holds {odd[:80]!r}; write alert:repo/kind/number or finding:repo/tool/fingerprint."
    )


def _owner_problem(decision: Decision) -> str | None:
    owner = decision.owner.strip()
    if not owner and decision.decision == RISK_ACCEPTED:
        return "owner is empty; name who answers for the accepted risk."
    return _length_problem("owner", owner)


def _reason_problem(decision: Decision) -> str | None:
    reason = decision.reason.strip()
    if not reason and decision.decision != REOPENED:
        return "reason is empty; say in a sentence why."
    return _length_problem("reason", reason)


def _length_problem(field: str, text: str) -> str | None:
    if len(text) <= LONGEST_TEXT:
        return None
    return f"{field} has {len(text):,} characters; use at most {LONGEST_TEXT:,}."


def _expiry_problem(decision: Decision, policy: TriagePolicy, now: datetime) -> str | None:
    at = decision.expires_at
    if at is None:
        return None
    if at.tzinfo is None:
        return f"expires_at is {at:%Y-%m-%d %H:%M} without a zone; give it in UTC."
    day = f"expires_at is {at.astimezone(UTC):%Y-%m-%d}"
    if decision.decision == REOPENED:
        return f"{day}, but what is re-opened does not expire; leave it out."
    if at <= now:
        return f"{day}, which is not in the future; choose a later day."
    if decision.decision == RISK_ACCEPTED and at > now + policy.longest:
        return (
            f"{day}, but a risk may be accepted until {now + policy.longest:%Y-%m-%d} at most; choose an earlier day."
        )
    return None
