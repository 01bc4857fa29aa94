"""A store in a local folder: one file per blob, lock files for compare-and-swap."""

import errno
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from shared.lake.cache import FULL
from shared.lake.store import Absent, Blob, BlobNotFound, Conflict, Content, StoreError, StoreFull, StoreUnreachable
from shared.lake.unnamed import NAMELESS, NO_NAMELESS, UnnamedFile

LOCK_STRIPES = 256
"""Blobs share this many lock files, so that their number does not grow with the number of blobs."""

LOCK_TIMEOUT_S = 60.0
"""A lock is held for one write. One that is held longer belongs to a hung process or disk."""

INTERNAL = ".fettle"
"""Folder inside the store for locks and unfinished writes; never listed."""


class LocalStore:
    """Blobs as files below `root`, which is made at the first write.

    A write takes the lock of its name, compares the ETag, writes a temporary file, flushes it to the disk and
    renames it into place. The lock is the kernel's: it goes with the process that held it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.url = self.root.as_uri()

    def list(self, prefix: str) -> Iterator[Blob]:
        """See Store.list."""
        folder = self._path(prefix) if prefix.endswith("/") or not prefix else self._path(prefix).parent
        found = []
        for directory, folders, files in os.walk(folder, onerror=self._refuse):
            folders[:] = [name for name in folders if name != INTERNAL]
            for name in files:
                path = Path(directory, name)
                blob_name = path.relative_to(self.root).as_posix()
                if blob_name.startswith(prefix) and (stat := self._stat(path)):
                    found.append(Blob(blob_name, _etag(stat), stat.st_size))
        yield from sorted(found)

    def read(self, name: str) -> tuple[bytes, str]:
        """See Store.read."""
        with self._reading(name), self._path(name).open("rb") as file:
            return file.read(), _etag(os.fstat(file.fileno()))

    def download(self, name: str, target: Path) -> str:
        """See Store.download. A hard link where the file system allows it, so it costs no space and no time.

        What fails at `target` is not the store's fault and stays an OSError.
        """
        unfinished = target.with_name(f"{target.name}.{os.getpid()}-{time.monotonic_ns()}.part")
        try:
            etag = self._copy(name, unfinished)
            unfinished.replace(target)
        finally:
            # Renaming one link of a file onto another link of it leaves both.
            unfinished.unlink(missing_ok=True)
        return etag

    def write(self, name: str, data: Content, if_match: str | Absent | None = None) -> str:
        """See Store.write."""
        path = self._path(name)
        if isinstance(if_match, Absent) and not isinstance(data, Path) and NAMELESS is not None:
            with self._errors(name):
                if made := self._make(name, path, data, NAMELESS):
                    return made
        with self._errors(name), self._lock(name) as unfinished:
            current = self._stat(path)
            self._compare(name, current, if_match)
            _write_through(unfinished, data if not isinstance(data, UnnamedFile) else data.read())
            # The time is the version: set by us, since a file system's own clock may tick too slowly to tell two
            # writes apart.
            tick = max(time.time_ns(), current.st_mtime_ns + 1 if current else 0)
            os.utime(unfinished, ns=(tick, tick))
            path.parent.mkdir(parents=True, exist_ok=True)
            etag = _etag(unfinished.stat())
            unfinished.replace(path)
            _flush_folder(path.parent)
            return etag

    def delete(self, name: str, if_match: str | None = None) -> None:
        """See Store.delete. Folders stay, since another writer may be about to use them."""
        path = self._path(name)
        with self._errors(name), self._lock(name):
            current = self._stat(path)
            if current is None:
                return
            self._compare(name, current, if_match)
            path.unlink()
            _flush_folder(path.parent)

    def _make(self, name: str, path: Path, data: bytes | UnnamedFile, nameless: int) -> str | None:
        """Writes a blob that is not there yet; None where the file system has no files without a name, or not this one.

        Such a file is linked into place, which fails where there is one. That takes no lock, a third of the time, and
        leaves nothing behind when it is interrupted. One that is given already holds what the blob is to hold.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with _opened(path.parent, os.O_RDONLY) as folder:
            try:
                with _begun(path.parent, data, nameless) as file:
                    now = time.time_ns()  # see write
                    os.utime(file, ns=(now, now))
                    os.fsync(file)
                    if isinstance(data, UnnamedFile):
                        _forget(file)
                    etag = _etag(os.fstat(file))
                    # Only if told of a folder does Python have the link followed.
                    os.link(f"/proc/self/fd/{file}", path, src_dir_fd=folder)
            except FileExistsError as error:
                raise self._conflict(name) from error
            except OSError as error:
                if error.errno in (*NO_NAMELESS, errno.EXDEV):
                    return None
                raise
            os.fsync(folder)
        return etag

    def _copy(self, name: str, target: Path) -> str:
        source = self._path(name)
        with self._reading(name):
            file = source.open("rb")
        with file:
            try:
                os.link(source, target)
                return _etag(target.stat())
            except OSError:  # another file system, or one without links; or replaced since it was opened
                with target.open("wb") as copy:
                    shutil.copyfileobj(file, copy, 1 << 20)
                return _etag(os.fstat(file.fileno()))

    def _path(self, name: str) -> Path:
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or INTERNAL in parts or "\0" in name:
            raise StoreError(f"Blob name {name!r} leaves the store; use a relative name without '..'.")
        return self.root / name

    @contextmanager
    def _lock(self, name: str) -> Iterator[Path]:
        """Holds the lock of a name and yields the one temporary file that its holder may write."""
        stripe = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % LOCK_STRIPES
        folder = self.root / INTERNAL
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"{stripe:02x}.unfinished"
        try:
            with FileLock(folder / f"{stripe:02x}.lock", timeout=LOCK_TIMEOUT_S, poll_interval=0.005):
                try:
                    yield unfinished
                finally:
                    unfinished.unlink(missing_ok=True)
        except Timeout as error:
            raise StoreUnreachable(
                f"{self.url} did not give the lock of {name} within {LOCK_TIMEOUT_S:.0f} s; "
                "look for a hung Fettle process or disk."
            ) from error

    def _compare(self, name: str, current: os.stat_result | None, if_match: str | Absent | None) -> None:
        if if_match is None:
            return
        expected = None if isinstance(if_match, Absent) else if_match
        if (_etag(current) if current else None) != expected:
            raise self._conflict(name)

    def _conflict(self, name: str) -> Conflict:
        return Conflict(f"{name} in {self.url} was changed by another writer; read it again and retry.")

    def _refuse(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise StoreUnreachable(f"{self.url} cannot be listed: {error.strerror}; check FETTLE_STORE.") from error

    @staticmethod
    def _stat(path: Path) -> os.stat_result | None:
        try:
            return path.stat()
        except FileNotFoundError:
            return None

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        """As _errors; a file that is not there is a blob that is not there."""
        with self._errors(name):
            try:
                yield
            except FileNotFoundError as error:
                raise BlobNotFound(f"{self.url} has no blob {name}.") from error

    @contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        """Turns the operating system's errors into the store's."""
        try:
            yield
        except OSError as error:
            if error.errno in FULL:
                raise StoreFull(
                    f"No space is left in {self.url} for {name}; free some, or point FETTLE_STORE elsewhere, "
                    "and run the same command again."
                ) from error
            raise StoreUnreachable(
                f"{self.url} cannot be used for {name}: {error.strerror or error}; "
                "check the path and permissions of FETTLE_STORE."
            ) from error


def _etag(stat: os.stat_result) -> str:
    return f"{stat.st_mtime_ns:x}-{stat.st_size:x}"


def _write_through(path: Path, data: bytes | Path) -> None:
    with path.open("wb") as target:
        if isinstance(data, Path):
            with data.open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)
        else:
            target.write(data)
        target.flush()
        os.fsync(target.fileno())


def _flush_folder(folder: Path) -> None:
    """Makes a rename survive a power cut."""
    with _opened(folder, os.O_RDONLY) as descriptor:
        os.fsync(descriptor)


def _forget(file: int) -> None:
    """Has the system free the memory that holds a file; it is on the disk.

    What is pushed is read once, later and by another process. Kept until then, a burst fills the memory, and what comes
    next needs memory that was not used lately: on a virtual machine that cost an eighth of the deliveries.
    """
    if sys.platform == "linux":
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


@contextmanager
def _begun(folder: Path, data: bytes | UnnamedFile, nameless: int) -> Iterator[int]:
    """A file without a name that holds the data."""
    if isinstance(data, UnnamedFile):
        yield data.descriptor
        return
    with _opened(folder, os.O_WRONLY | nameless) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]
        yield file


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags, 0o666)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
