"""Writing: what forms store, each with its entry in the audit log. Nothing else on the pages writes."""

from collections.abc import Mapping

from frontend import data
from frontend.edition import Edition
from frontend.who import caller
from shared.access.audit import entry
from shared.access.roles import Caller
from shared.activity import event_row, record
from shared.datasets import AUDIT_LOG, DEMO_SOURCE
from shared.datasets.triage import subject_parts
from shared.errors import FettleError
from shared.lake.tables import Lake
from shared.triage import Decision
from shared.triage import decide as decide_in
from shared.usage.resolving import resolve_threats as resolve_in

FORM = "form"


class NotAllowed(FettleError):
    """The visitor may not change anything."""


def decide(decision: Decision) -> None:
    """Stores a triage decision. Raises TriageRefused, NotAllowed, OutOfReach, SignedOut or StoreError."""
    who = _operator()

    def work(lake: Lake, current: Edition) -> None:
        decide_in(lake, decision, current.policy.triage, demo=current.rows == "demo")
        _note(
            lake, current, who, "finding.decide", decision.subjects[0], n=len(decision.subjects), to=decision.decision
        )

    parts = [subject_parts(subject) for subject in decision.subjects]
    data.write(work, [part[1] for part in parts if part])


def record_event(raw: Mapping[str, object]) -> None:
    """Stores what a form tells of a customer.

    Raises Refused with every problem by field, UnknownCustomer, NotAllowed, SignedOut or StoreError.
    """
    who = _operator()

    def work(lake: Lake, current: Edition) -> None:
        row = event_row(raw, lake.clock())
        record(lake, [row], FORM, demo=current.rows == "demo")
        _note(lake, current, who, "events.record", str(row["customer_id"]), type=row["type"])

    data.write(work)


def resolve_threats(threat_ids: tuple[str, ...]) -> int:
    """Marks threats as resolved; returns how many were not before. Raises NotAllowed, SignedOut or StoreError."""
    who = _operator()

    def work(lake: Lake, current: Edition) -> int:
        resolved = resolve_in(lake, threat_ids, FORM).written
        _note(lake, current, who, "threats.resolve", threat_ids[0], n=resolved)
        return resolved

    return data.write(work)


def _operator() -> Caller:
    """The visitor, asked before anything is handed to a worker. Raises NotAllowed for a viewer."""
    who = caller()
    if not who.may("operator"):
        raise NotAllowed(f"{who.name} is a viewer; an operator may do that.")
    return who


def _note(lake: Lake, current: Edition, who: Caller, action: str, resource: str, **details: object) -> None:
    source = DEMO_SOURCE if current.rows == "demo" else FORM
    lake.upsert(AUDIT_LOG, AUDIT_LOG.table([entry(who.name, action, resource, lake.clock(), source, details)]))
