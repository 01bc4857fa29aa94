"""Writing: what forms store, each with its entry in the audit log. Nothing else on the pages writes."""

from collections.abc import Mapping

from frontend import data
from frontend.collecting import check_readable, runner
from frontend.edition import Edition
from frontend.who import caller
from shared.access.audit import entry
from shared.access.roles import Caller
from shared.activity import event_row, record
from shared.collecting.asked import Asked, Collecting
from shared.collecting.before import filled
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


def start_collection(asked: Asked) -> Collecting:
    """Starts a collection in a process of its own.

    Raises AlreadyCollecting, NothingBefore, NothingToReadWith, NotAllowed, OutOfReach, SignedOut or StoreError.
    """
    who = _operator()
    check_readable()

    def work(lake: Lake, _: Edition) -> Collecting:
        whole = filled(asked, lake)
        begun = runner().start(whole, who.name)
        _note(lake, None, who, f"collection.{whole.kind}", whole.named, id=begun.id, **whole.details)
        return begun

    return data.write(work)


def stop_collection() -> str | None:
    """Tells the collection that runs to end, whoever has started it, and returns who was the first to; None: none runs.

    Raises NotAllowed, OutOfReach, SignedOut or StoreError.
    """
    who = _operator()

    def work(lake: Lake, _: Edition) -> str | None:
        stopped = runner().stop(who.name)
        if stopped is None:
            return None
        _note(lake, None, who, "collection.stop", stopped.named, id=stopped.id)
        return stopped.stopped_by

    return data.write(work)


def _operator() -> Caller:
    """The visitor, asked before anything is handed to a worker. Raises NotAllowed for a viewer."""
    who = caller()
    if not who.may("operator"):
        raise NotAllowed(f"{who.name} is a viewer; an operator may do that.")
    return who


def _note(lake: Lake, current: Edition | None, who: Caller, action: str, resource: str, **details: object) -> None:
    """Notes who did what. current: where what was changed is sample data if that is shown."""
    source = DEMO_SOURCE if current is not None and current.rows == "demo" else FORM
    lake.upsert(AUDIT_LOG, AUDIT_LOG.table([entry(who.name, action, resource, lake.clock(), source, details)]))
