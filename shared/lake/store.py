"""A store is a place for blobs with compare-and-swap: a local folder or an Azure container."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final, Protocol

from shared.errors import FettleError
from shared.lake.unnamed import UnnamedFile


class StoreError(FettleError):
    """The store could not do what it was asked; the text names the place and the next step."""


class StoreUnreachable(StoreError):
    """The store did not answer or refused the connection; what was asked may be tried again later."""


class StoreFull(StoreError):
    """The disk or quota behind the store is used up; nothing was half-written."""


class BlobNotFound(StoreError):
    """There is no blob of that name."""


class Conflict(StoreError):
    """Another writer changed the blob first: read again, merge again, write again."""


class Absent(Enum):
    """The type of ABSENT."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""As `if_match`: write only if no blob of that name exists yet."""


Content = bytes | Path | UnnamedFile
"""What a blob is written of. Whoever gives an unnamed file adds nothing to it afterwards: it may become the blob."""


@dataclass(frozen=True, order=True)
class Blob:
    """A blob as a listing shows it. `etag` changes with every write; `size` is in bytes."""

    name: str
    etag: str
    size: int


class Store(Protocol):
    """Blobs by name (slash-separated, relative). Every write is whole or not at all.

    Each method may raise StoreUnreachable, and StoreError for any other failure of the place itself.
    """

    @property
    def url(self) -> str:
        """Where the blobs are, without secrets: `file:///path` or `az://container/prefix`."""

    def list(self, prefix: str) -> Iterator[Blob]:
        """The blobs whose name starts with `prefix`, in the order of their names."""

    def read(self, name: str) -> tuple[bytes, str]:
        """The content and ETag of a blob. Raises BlobNotFound."""

    def download(self, name: str, target: Path) -> str:
        """Puts the content of a blob at `target` (whole or not at all) and returns its ETag. Raises BlobNotFound.

        The file at `target` stays as it is when the blob is written again; treat it as read-only.
        """

    def write(self, name: str, data: Content, if_match: str | Absent | None = None) -> str:
        """Writes a blob whole and returns its new ETag.

        if_match: the ETag that the blob must still have, ABSENT if it must not exist, None for no condition.
        Raises Conflict when the condition does not hold, StoreFull when there is no room.
        """

    def delete(self, name: str, if_match: str | None = None) -> None:
        """Deletes a blob; one that is not there is no error. Raises Conflict when `if_match` does not hold."""
