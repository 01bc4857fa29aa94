"""Quarantine: rows and deliveries that failed validation, kept with the reason."""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shared.lake.store import Store

QUARANTINE = "quarantine/"

RAW_LIMIT = 100_000
"""Characters of a rejected row that are kept; what is longer is cut and says so."""


@dataclass(frozen=True)
class Reject:
    """One row that could not be stored: why, and what it was (anything JSON can hold, or its text)."""

    reason: str
    row: Any


def quarantine(
    store: Store, dataset: str, rejects: Iterable[Reject], source: str, at: datetime, stem: str | None = None
) -> int:
    """Writes rejects as one NDJSON blob `quarantine/<dataset>/<utc>-<uuid>.ndjson`; returns how many.

    stem: the blob's own name, where the same rejects may be told again and are to be there once.
    """
    lines = [_line(reject, source, at) for reject in rejects]
    if lines:
        name = f"{QUARANTINE}{dataset}/{stem or f'{at:%Y%m%dT%H%M%S}-{uuid.uuid4().hex}'}.ndjson"
        store.write(name, b"\n".join(lines) + b"\n")
    return len(lines)


def quarantined(store: Store, dataset: str | None = None) -> Iterator[dict[str, Any]]:
    """What is in quarantine: dicts with dataset, reason, source, at and row."""
    for blob in store.list(f"{QUARANTINE}{dataset}/" if dataset else QUARANTINE):
        for line in store.read(blob.name)[0].splitlines():
            yield {"dataset": blob.name.split("/")[1], **orjson.loads(line)}


def quarantine_counts(store: Store) -> dict[tuple[str, str], int]:
    """How many rows are in quarantine by (dataset, reason)."""
    return dict(Counter((entry["dataset"], entry["reason"]) for entry in quarantined(store)))


def _line(reject: Reject, source: str, at: datetime) -> bytes:
    try:
        row = orjson.dumps(reject.row, default=str)
    except TypeError:  # what JSON cannot hold: halves of characters, endless numbers
        row = orjson.dumps(repr(reject.row).encode("utf-8", "replace").decode())
    if len(row) > RAW_LIMIT:
        row = orjson.dumps(row[:RAW_LIMIT].decode("utf-8", "replace") + " … (cut)")
    return orjson.dumps({"at": at, "reason": reject.reason, "source": source, "row": orjson.Fragment(row)})
