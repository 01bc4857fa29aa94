"""What a kind of import is: the objects GitHub has for it, and the names that tables give its columns."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from backend.imports.cells import CONVERTERS, Cell, plain_name
from backend.mapping.repositories import repository_name, repository_of
from backend.mapping.stamp import Raw, Row, Stamp, Unusable
from shared.datasets.dataset import DEMO_SOURCE, Dataset

COMMON_ALIASES = {
    "repo": (
        "repository",
        "repository_full_name",
        "repo_full_name",
        "full_name",
        "name_with_owner",
        "repo_name",
    ),
    "org": ("organization", "organisation", "owner", "repository_owner"),
    "html_url": ("url", "link"),
}
"""Other names of columns that all kinds share."""

_HEADERS = 1000
"""Headers that are remembered: a table has one, JSON lines may have a few."""


@dataclass(frozen=True)
class Header:
    """What a table's column names mean. unused: those not recognised; foreign: it is another kind's table."""

    cells: tuple[Cell, ...]
    unused: tuple[str, ...]
    foreign: bool

    @property
    def columns(self) -> frozenset[str]:
        """The dataset's columns that the table has."""
        return frozenset(cell.column for cell in self.cells)


@dataclass(frozen=True)
class Kind:
    """One kind of import.

    name: as on the command line.  title: as in a sentence.
    identity: the column without which nothing can be stored.
    pages, event: where API pages and webhook deliveries hold the objects.
    is_object: whether it is GitHub's own object of this kind, which `from_object` maps; any other object is
    taken as a row of a table, which `finish` completes.
    aliases: column -> other names, compared without case, spaces and punctuation; the first match counts.
    telling, foreign: a table of this kind has at least one of these columns, and none of these (plain) names.
    """

    name: str
    title: str
    dataset: Dataset
    identity: str
    pages: tuple[str, ...]
    event: str
    is_object: Callable[[Raw], bool]
    from_object: Callable[[Raw, str | None, Stamp], Row]
    finish: Callable[[Row], Row]
    aliases: Mapping[str, tuple[str, ...]]
    telling: frozenset[str]
    foreign: frozenset[str]
    _headers: dict[tuple[str, ...], Header] = field(default_factory=dict, compare=False)

    def mapper(self, repo: str | None, stamp: Stamp) -> Callable[[Raw], Row]:
        """Maps an object or a row of a table; `repo` is whose it is if it does not say. Raises Unusable."""

        def row(raw: Raw) -> Row:
            if self.is_object(raw):
                return self.from_object(raw, repo, stamp)
            return self._from_columns(raw, repo, stamp)

        return row

    def header(self, names: Iterable[str]) -> Header:
        """What a table's column names mean."""
        key = tuple(names)
        if key not in self._headers:
            if len(self._headers) >= _HEADERS:
                self._headers.clear()
            self._headers[key] = self._read_header(key)
        return self._headers[key]

    def _read_header(self, names: tuple[str, ...]) -> Header:
        given = {plain_name(name): name for name in reversed(names)}
        named_otherwise = not self.foreign.isdisjoint(given)
        cells = []
        for column, kind in (*self.dataset.columns, ("source", pa.string())):
            known = (column, *self.aliases.get(column, ()), *COMMON_ALIASES.get(column, ()))
            match = next((given.pop(plain_name(name)) for name in known if plain_name(name) in given), None)
            if match is not None:
                cells.append(Cell(match, column, CONVERTERS[kind]))
        untold = self.telling.isdisjoint(cell.column for cell in cells)
        return Header(tuple(cells), tuple(given.values())[::-1], foreign=named_otherwise or untold)

    def _from_columns(self, raw: Raw, repo: str | None, stamp: Stamp) -> Row:
        header = self.header(raw)
        if header.foreign:
            raise Unusable(f"does not look like {self.title}")
        row = {cell.column: cell.convert(raw[cell.name]) for cell in header.cells}
        if row.get(self.identity) is None:
            raise Unusable(f"no {self.identity}")
        if row.get("source") == DEMO_SOURCE:
            raise Unusable("a demo row, which is not imported as a real one")
        return self.finish({**row, "repo": _repository(row, repo), **stamp.columns})


def _repository(row: Row, repo: str | None) -> str:
    """Whose a row is: its repo, also as owner and name in two columns, else `repo`, else by its address."""
    name, org = row.get("repo"), row.get("org")
    named = repository_name(name) or (repository_name(f"{org}/{name}") if org and name else None)
    return repository_of({"repository": named, "html_url": row.get("html_url")}, repo)
