"""Tables as text: CSV with comma, semicolon, tab or bar, as one dict of cells per row."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from backend.imports.files import Export, UnreadableFile
from backend.mapping.stamp import Raw
from shared.lake.quarantine import Reject

_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Delimited:
    """A table's header and how its rows are told apart. skip: lines before the header."""

    export: Export
    header: tuple[str, ...]
    delimiter: str
    skip: int

    def rows(self) -> Iterator[Raw | Reject]:
        """Rows as cells by column name; a row of another length than the header is a Reject.

        Raises UnreadableFile where a cell is longer than any real one, since a quote was never closed.
        """
        reader = csv.reader(_lines(self.export, self.skip), delimiter=self.delimiter)
        try:
            next(reader)
            for cells in reader:
                if len(cells) == len(self.header):
                    yield dict(zip(self.header, cells, strict=True))
                elif cells:
                    reason = f"{len(cells)} cells where the header has {len(self.header)}"
                    yield Reject(reason, {"line": reader.line_num, "cells": len(cells)})
        except csv.Error as error:
            raise UnreadableFile(
                f"{self.export.name} is no whole CSV ({error}, line {reader.line_num}); "
                "look for a quote that is never closed."
            ) from error


def open_delimited(export: Export, recognised: Callable[[Sequence[str]], int]) -> Delimited:
    """The table in an export, by the delimiter with which most names of its header are recognised."""
    first = _lines(export).readline()
    skip = 1 if first.lower().startswith("sep=") else 0  # Excel's own note of the delimiter
    candidates = (Delimited(export, _header(export, delimiter, skip), delimiter, skip) for delimiter in _DELIMITERS)
    return max(candidates, key=lambda table: (recognised(table.header), len(table.header)))


def _header(export: Export, delimiter: str, skip: int) -> tuple[str, ...]:
    try:
        return tuple(name.strip() for name in next(csv.reader(_lines(export, skip), delimiter=delimiter), []))
    except csv.Error as error:
        raise UnreadableFile(f"{export.name} is neither JSON nor CSV ({error}); check the file.") from error


def _lines(export: Export, skip: int = 0) -> io.TextIOWrapper:
    lines = export.lines()
    for _ in range(skip):
        lines.readline()
    return lines
