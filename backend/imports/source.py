"""A source: what an export holds, as objects or rows of one kind, checked before anything is stored."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from backend.imports.delimited import Delimited, open_delimited
from backend.imports.files import Export, UnreadableFile
from backend.imports.json_objects import Item, json_objects
from backend.imports.kind import Kind
from backend.imports.kinds import KINDS

_SHOWN_COLUMNS = 12


@dataclass(frozen=True)
class Source:
    """The items of an export. columns: those a table has, None for JSON; warnings: for a person to read."""

    items: Iterator[Item]
    columns: frozenset[str] | None = None
    warnings: tuple[str, ...] = ()


def open_source(kind: Kind, export: Export, repo: str | None) -> Source:
    """What an export holds of that kind. Raises UnreadableFile where it is plain that it is nothing."""
    if export.is_json:
        return Source(json_objects(export, kind.pages, kind.event))
    table = open_delimited(export, lambda names: len(kind.header(names).cells))
    header = kind.header(table.header)
    _check(kind, table, repo)
    unused = ", ".join(header.unused)
    warnings = (f"{export.name}: not used: {unused}",) if unused else ()
    return Source(table.rows(), header.columns, warnings)


def _check(kind: Kind, table: Delimited, repo: str | None) -> None:
    name, header = table.export.name, kind.header(table.header)
    if header.foreign or kind.identity not in header.columns:
        found = _some(table.header)
        needed = " or ".join((kind.identity, *kind.aliases.get(kind.identity, ())))
        hint = _other_kind(kind, table.header) or f"it needs {needed}, and one of {', '.join(sorted(kind.telling))}"
        raise UnreadableFile(f"{name} is no table of {kind.title} (its columns: {found}); {hint}.")
    if repo is None and header.columns.isdisjoint({"repo", "html_url"}):
        raise UnreadableFile(f"{name} does not say which repository its {kind.title} belong to; add --repo owner/name.")


def _other_kind(kind: Kind, names: Iterable[str]) -> str | None:
    for other in KINDS.values():
        header = other.header(names)
        if other is not kind and not header.foreign and other.identity in header.columns:
            return f'try "import {other.name}"'
    return None


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:_SHOWN_COLUMNS])
    return f"{shown}, …" if len(names) > _SHOWN_COLUMNS else shown
