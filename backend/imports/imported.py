"""What became of an import."""

from dataclasses import dataclass
from pathlib import Path

from shared.errors import FettleError
from shared.lake.merge import Changes


class ImportRefused(FettleError):
    """An import that was asked for in a way that cannot be."""


@dataclass(frozen=True)
class FileImported:
    """What became of one file. rows: read and stored; rejected: kept in quarantine with the reason."""

    path: Path
    rows: int
    changes: Changes
    rejected: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Imported:
    """What became of an import, file by file, and in total."""

    kind: str
    files: tuple[FileImported, ...]

    @property
    def rows(self) -> int:
        """Rows that were read and stored."""
        return sum(file.rows for file in self.files)

    @property
    def rejected(self) -> int:
        """Rows that are in quarantine instead."""
        return sum(file.rejected for file in self.files)

    @property
    def changes(self) -> Changes:
        """What the rows changed in the lake."""
        return sum((file.changes for file in self.files), Changes())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences that a person should see."""
        return tuple(warning for file in self.files for warning in file.warnings)
