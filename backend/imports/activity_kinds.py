"""The kinds of import that are about customers, and what the columns of their tables may be called."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.imports.cells import plain_name
from backend.imports.imported import ImportRefused
from backend.mapping.stamp import Raw, Row
from shared.activity import customer_row, event_row
from shared.activity.customer import FIELDS as CUSTOMER_FIELDS
from shared.activity.event import COMMON, FIELDS
from shared.datasets import ACTIVITY_EVENTS, CUSTOMERS, Dataset
from shared.datasets.activity_events import INVOICE, TICKET


@dataclass(frozen=True)
class Told:
    """A kind of import.

    name: as on the command line.  pages, event: where JSON holds the objects.  needed: what a table must have.
    fields: those that there are.  aliases: field -> other names of its column, compared without case and punctuation.
    check: makes a row of the fields of an object, or raises Refused.  finish: what is told otherwise in tables.
    """

    name: str
    dataset: Dataset
    pages: tuple[str, ...]
    event: str
    needed: tuple[str, ...]
    fields: tuple[str, ...]
    aliases: Mapping[str, tuple[str, ...]]
    check: Callable[[Raw, Any], Row]
    finish: Callable[[Raw], Raw] = field(default=lambda raw: raw)

    def meaning(self, names: Iterable[str], columns: Mapping[str, str]) -> dict[str, str]:
        """Column -> field: as `columns` has it, else by its own name, else by another name of it."""
        given = [str(name) for name in names]
        plain = {plain_name(name): name for name in reversed(given)}
        found = {name: ours for name, ours in columns.items() if name in given}
        for ours in self.fields:
            known = (ours, *self.aliases.get(ours, ()))
            match = next((plain[plain_name(one)] for one in known if plain_name(one) in plain), None)
            if match is not None and match not in found and ours not in found.values():
                found[match] = ours
        return found


def _with_time(raw: Raw) -> Raw:
    """A table often has one column of times for all types; it is when a ticket was created and an invoice issued."""
    own = {TICKET: "created_at", INVOICE: "issued_at"}.get(str(raw.get("event_type") or "").strip().lower())
    return {**raw, own: raw.get("timestamp")} if own and raw.get(own) is None else raw


CUSTOMERS_TOLD = Told(
    name="customers",
    dataset=CUSTOMERS,
    pages=("customers",),
    event="customer",
    needed=("customer_id",),
    fields=CUSTOMER_FIELDS,
    aliases={
        "customer_id": ("id", "customer", "account_id", "client_id"),
        "name": ("customer_name", "company", "account", "title"),
        "segment": ("tier", "plan", "type", "size"),
        "owner": ("account_manager", "manager", "csm"),
        "created_at": ("created", "since", "customer_since", "signup_date", "start_date"),
    },
    check=customer_row,
    finish=lambda raw: raw if raw.get("name") is not None else {**raw, "name": raw.get("customer_id")},
)
EVENTS_TOLD = Told(
    name="events",
    dataset=ACTIVITY_EVENTS,
    pages=("events",),
    event="event",
    needed=("customer_id", "event_type"),
    fields=tuple(
        dict.fromkeys(
            (*COMMON, *(name for names in FIELDS.values() for name in names), "ticket_status", "invoice_status")
        )
    ),
    aliases={
        "event_id": ("id",),
        "customer_id": ("customer", "account_id", "client_id"),
        "event_type": ("type", "event", "kind"),
        "timestamp": ("at", "time", "date", "occurred_at"),
        "created_at": ("created", "opened_at"),
        "closed_at": ("closed", "resolved_at"),
        "issued_at": ("issued", "invoice_date", "issue_date"),
        "due_date": ("due", "due_at"),
        "paid_date": ("paid", "paid_at"),
        "feature_name": ("feature",),
        "endpoint": ("path", "url"),
        "amount": ("total",),
        "recorded_by": ("recorder",),
    },
    check=event_row,
    finish=_with_time,
)
KINDS = {told.name: told for told in (CUSTOMERS_TOLD, EVENTS_TOLD)}


def column_map(pairs: Iterable[str], kind: str) -> dict[str, str]:
    """What `--map theirs=ours` says: the name of a column -> the field that it holds.

    Raises ImportRefused for a pair that is none, and for a field that there is not.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        theirs, _, ours = pair.rpartition("=")
        if not theirs.strip():
            raise ImportRefused(f'--map is "{pair}"; write it as theirs=ours, such as "Account Id=customer_id".')
        if ours.strip() not in KINDS[kind].fields:
            raise ImportRefused(f"--map names {ours.strip()!r}; {kind} have {', '.join(KINDS[kind].fields)}.")
        found[theirs.strip()] = ours.strip()
    return found
