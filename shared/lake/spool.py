"""The spool: blobs that wait on the local disk until the store takes them."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from shared.errors import FettleError

UNFINISHED = ".part"

ABANDONED_S = 3_600.0
"""An unfinished file of this age is of a process that was killed before it acknowledged it."""


class InboxFull(FettleError):
    """What was pushed cannot be kept now, neither in the store nor on the local disk; it may be sent again later."""


class Spool:
    """Files in a folder, each under the name of the blob it is to become; together at most `limit` bytes.

    A file is flushed to the disk before `keep` returns, and survives the process. Several processes may share the
    folder: only one of them at a time takes files out of it.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self.limit = folder, limit
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._forget_unfinished()
        self._bytes = sum(size for _, size in self._files())

    @property
    def size(self) -> int:
        """Bytes that wait, as far as this process knows."""
        return self._bytes

    def keep(self, name: str, data: bytes) -> None:
        """Keeps a blob. Raises InboxFull, and then nothing of it is left."""
        with self._lock:
            if self._bytes + len(data) > self.limit:
                raise InboxFull(
                    f"The store does not answer and the {self.limit:,} bytes of FETTLE_SPOOL_LIMIT in {self.folder} "
                    "are used up; send it again later."
                )
            self._bytes += len(data)
        path = self.folder / name
        unfinished = path.with_name(path.name + UNFINISHED)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_through(unfinished, data)
            unfinished.replace(path)
            _flush(path.parent)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            with self._lock:
                self._bytes -= len(data)
            raise InboxFull(
                f"The store does not answer and {self.folder} cannot be written ({error.strerror}); send it later."
            ) from error

    def names(self) -> list[str]:
        """The blobs that wait, the oldest first."""
        found = [path for path, _ in self._files()]
        return [path.relative_to(self.folder).as_posix() for path in sorted(found, key=lambda path: path.name)]

    def read(self, name: str) -> bytes | None:
        """What waits under a name; None if another process has taken it out meanwhile."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def drop(self, name: str) -> None:
        """Takes a blob out that the store has taken."""
        path = self.folder / name
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return
        with self._lock:
            self._bytes = max(0, self._bytes - size)

    def recount(self) -> int:
        """Counts anew the bytes that wait, since other processes may have added or taken some."""
        total = sum(size for _, size in self._files())
        with self._lock:
            self._bytes = total
        return total

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether it is this process's turn to take files out; another one's otherwise."""
        try:
            with FileLock(self.folder / "turn.lock", timeout=0):
                yield True
        except Timeout:
            yield False

    def _forget_unfinished(self) -> None:
        for path in self.folder.glob(f"*/*/*{UNFINISHED}"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > ABANDONED_S:
                    path.unlink()

    def _files(self) -> Iterator[tuple[Path, int]]:
        for path in self.folder.glob("*/*/*"):
            if not path.name.endswith(UNFINISHED):
                try:
                    yield path, path.stat().st_size
                except FileNotFoundError:
                    continue


def _write_through(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
