"""Customers and what they did as an import: tables with columns of any names, and JSON objects."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import pyarrow as pa

from backend.imports.activity_kinds import EVENTS_TOLD, KINDS, Told
from backend.imports.delimited import open_delimited
from backend.imports.files import Export, UnreadableFile, read_export
from backend.imports.imported import FileImported
from backend.imports.json_objects import Item, json_objects
from backend.imports.rejects import reasons
from backend.mapping.stamp import Row, Stamp
from backend.mapping.values import MISSING, moment
from shared.activity import Refused, known_customers
from shared.datasets import DEMO_SOURCE
from shared.lake.merge import Changes
from shared.lake.quarantine import Reject
from shared.lake.tables import Lake

ROWS_AT_ONCE = 20_000
"""Rows that are Python objects at a time."""

STORED_ROWS = 500_000
"""Rows that are written at a time: every write reads and writes whole months."""

_TIMES = frozenset({"timestamp", "created_at", "closed_at", "issued_at", "due_date", "paid_date"})
_SAME = ("customer_id", "type", "at", "feature_name", "endpoint", "amount", "currency")
"""What makes an event without an id the same as one that was imported before; how it stands may have changed."""

_NO_CUSTOMER = "customer_id is of no customer that is known; import customers first"


def import_activity_file(lake: Lake, kind: str, columns: Mapping[str, str], path: Path) -> FileImported:
    """Imports a file of customers or events. columns: see activity_kinds.column_map.

    Rows that cannot be used, and events of customers whom nobody knows, go to quarantine. The same file again changes
    nothing; of events without an id, the same one in another file is not taken twice.
    Raises UnreadableFile where nothing can be used; StoreError.
    """
    told, export = KINDS[kind], read_export(path)
    items, warnings = _opened(told, export, columns)
    stamp, rejects = Stamp(f"import:{export.name}", lake.clock()), list[Reject]()
    changes, rows = Changes(), 0
    for table in _stored(_checked(lake, told, items, stamp, rejects)):
        changes += lake.upsert(told.dataset, table)
        rows += table.num_rows
    if not rows:
        why = f": {reasons(rejects)}" if rejects else " at all"
        raise UnreadableFile(f"{export.name} holds no {kind} that can be imported{why}; check the file, or use --map.")
    if _first_time(lake, export, rows, len(rejects)):  # the same file again holds the same rejects
        lake.quarantine(told.dataset, rejects, stamp.source)
    if rejects:
        warnings += (f"{export.name}: {len(rejects):,} rows are in quarantine: {reasons(rejects)}.",)
    return FileImported(path, rows, changes, len(rejects), warnings)


def _opened(told: Told, export: Export, columns: Mapping[str, str]) -> tuple[Iterator[Item], tuple[str, ...]]:
    """The objects in an export by our names of the fields, and what a person should know of its columns."""
    if export.is_json:
        objects = json_objects(export, told.pages, told.event)
        return (_renamed(told, one, told.meaning(one if isinstance(one, dict) else (), columns)) for one in objects), ()
    table = open_delimited(export, lambda names: len(told.meaning(names, columns)))
    meaning = told.meaning(table.header, columns)
    if absent := [name for name in columns if name not in table.header]:
        raise UnreadableFile(f"{export.name} has no column {absent[0]!r}; it has {_some(table.header)}.")
    if missing := [name for name in told.needed if name not in meaning.values()]:
        hint = f'add --map "THEIRS={missing[0]}"'
        raise UnreadableFile(f"{export.name} has no column for {missing[0]} (it has {_some(table.header)}); {hint}.")
    unused = ", ".join(_shown(name) for name in table.header if name not in meaning)
    return (_renamed(told, row, meaning) for row in table.rows()), (
        (f"{export.name}: not used: {unused}",) if unused else ()
    )


def _renamed(told: Told, item: Item, meaning: Mapping[str, str]) -> Item:
    """An object with our names and without what says that it is missing; what is no object as it is."""
    if not isinstance(item, dict):
        return item
    raw = {ours: _value(ours, item[theirs]) for theirs, ours in meaning.items()}
    return {**told.finish(raw), "source": item.get("source")}


def _value(name: str, value: object) -> object:
    """A cell as validation takes it: exports write times in many ways."""
    if isinstance(value, str) and value.strip() in MISSING:
        return None
    return (moment(value) or value) if name in _TIMES else value


def _checked(lake: Lake, told: Told, items: Iterable[Item], stamp: Stamp, rejects: list[Reject]) -> Iterator[pa.Table]:
    """Objects as tables of up to ROWS_AT_ONCE rows; what cannot be used is added to `rejects`."""
    customers = known_customers(lake) if told is EVENTS_TOLD else None
    seen, remaining = Counter[tuple[object, ...]](), iter(items)
    while batch := list(islice(remaining, ROWS_AT_ONCE)):
        rows = []
        for item in batch:
            row = _row(told, item, stamp, customers)
            if isinstance(row, Reject):
                rejects.append(row)
            else:
                rows.append({**_identified(told, row, seen), **stamp.columns})
        if rows:
            yield told.dataset.table(rows)


def _row(told: Told, item: Item, stamp: Stamp, customers: frozenset[str] | None) -> Row | Reject:
    if isinstance(item, Reject):
        return item
    if not isinstance(item, dict):
        return Reject(f"not an object but {type(item).__name__}", item)
    if item.pop("source", None) == DEMO_SOURCE:
        return Reject("a demo row, which is not imported as a real one", item)
    try:
        row = told.check(item, stamp.collected_at)
    except Refused as refused:
        return Reject(refused.reason, item)
    return Reject(_NO_CUSTOMER, item) if customers is not None and row["customer_id"] not in customers else row


def _identified(told: Told, row: Row, seen: Counter[tuple[object, ...]]) -> Row:
    """An event with an id: its own, or one made of what it is and of how many the same came before it."""
    if told is not EVENTS_TOLD or row["event_id"] is not None:
        return row
    same = tuple(str(row.get(name)) for name in _SAME)
    seen[same] += 1
    digest = hashlib.sha256(repr((same, seen[same])).encode()).hexdigest()
    return {**row, "event_id": f"import-{digest[:32]}"}


def _stored(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Tables of the size in which they are stored."""
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        if sum(part.num_rows for part in held) >= STORED_ROWS:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)


def _first_time(lake: Lake, export: Export, rows: int, rejected: int) -> bool:
    """Whether this very file brings so many rejects for the first time; remembers it."""
    name = f"imports/{export.digest[:16]}"
    if lake.document(name).get("rejected") == rejected:
        return False
    lake.update_document(name, lambda _: {"file": export.name, "rows": rows, "rejected": rejected})
    return True


def _some(names: Iterable[str]) -> str:
    shown = [_shown(name) for name in names]
    return ", ".join(shown[:12]) + (", …" if len(shown) > 12 else "")


def _shown(name: str) -> str:
    return name[:40]
