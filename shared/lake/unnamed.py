"""Files without a name: one process writes to one, and another makes a blob of it without a copy of what it holds."""

import errno
import os
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path

NAMELESS: int | None = getattr(os, "O_TMPFILE", None)
"""Makes a file without a name in a folder; Linux alone has that."""

NO_NAMELESS = (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT)
"""How a file system says that it has none, an old kernel, and one that shows no files of a process."""

_MOST_PARTS = 1_024
"""That a system is sure to take in one call (IOV_MAX)."""


class UnnamedFile:
    """A file that is gone with its last descriptor, unless a store has given it a name by then.

    The descriptor is closed with the object: a writer that hangs may hold on to it longer than those who wait for it.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._closing = weakref.finalize(self, os.close, descriptor)

    @classmethod
    def begin(cls, folder: Path) -> "UnnamedFile":
        """An empty one on the disk of a folder. Raises OSError."""
        if NAMELESS is not None:
            try:
                return cls(os.open(folder, os.O_RDWR | NAMELESS, 0o666))
            except OSError as error:
                if error.errno not in NO_NAMELESS:
                    raise
        with tempfile.TemporaryFile(dir=folder) as file:  # nothing links this one, it can only be read
            return cls(os.dup(file.fileno()))

    def __len__(self) -> int:
        """Its size in bytes."""
        return os.fstat(self.descriptor).st_size

    def append(self, parts: Sequence[bytes]) -> None:
        """Adds to its end. Raises OSError, and then a part may be there."""
        for begin in range(0, len(parts), _MOST_PARTS):
            some = parts[begin : begin + _MOST_PARTS]
            written = os.writev(self.descriptor, some)
            if written < sum(map(len, some)):
                rest = memoryview(b"".join(some))[written:]
                while rest:
                    rest = rest[os.write(self.descriptor, rest) :]

    def read(self) -> bytes:
        """All that it holds. Raises OSError."""
        parts, size = [b""], 0
        while part := os.pread(self.descriptor, 1 << 30, size):
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    def close(self) -> None:
        """Gives up this descriptor of it."""
        self._closing()


Lines = bytes | UnnamedFile
"""Lines of JSON, in memory or in a file."""


def content(lines: Lines) -> bytes:
    """The lines in memory. Raises OSError."""
    return lines if isinstance(lines, bytes) else lines.read()


def can_be_named(folder: Path) -> bool:
    """Whether files without a name can be begun there that are given one later."""
    if NAMELESS is None:
        return False
    try:
        os.close(os.open(folder, os.O_RDWR | NAMELESS, 0o666))
    except OSError:
        return False
    return True
