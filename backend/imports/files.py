"""Files: an export's bytes, told apart into JSON and tables, whatever their encoding and compression."""

import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

from shared.errors import FettleError

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_GZIP = b"\x1f\x8b"
_BINARY = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive; save the sheet as CSV, or unpack it",
    b"PAR1": "a Parquet file; export it as CSV or JSON",
    b"%PDF": "a PDF; export the data as CSV or JSON",
    b"<": "a web page or XML; download the CSV or JSON itself",
}


class UnreadableFile(FettleError):
    """A file that cannot be imported; the text names it, what is wrong, and the next step."""

    def after(self, imported: int) -> "UnreadableFile":
        """The same error where so many files were imported before it."""
        error = UnreadableFile(f"{self} {imported} before it {'is' if imported == 1 else 'are'} imported.")
        error.exit_code = 2
        return error


@dataclass(frozen=True)
class Export:
    """The content of a file. digest: SHA-256 of its bytes as they are on disk, in hex."""

    name: str
    digest: str
    data: bytes
    encoding: str

    @property
    def is_json(self) -> bool:
        """Whether it starts as JSON does, else it is a table."""
        return self.lines().read(1000).lstrip()[:1] in ("{", "[")

    def text(self) -> str:
        """All of it."""
        return self.lines().read()

    def lines(self) -> io.TextIOWrapper:
        """It as an open text file, line ends as they are; decoded while it is read."""
        return io.TextIOWrapper(io.BytesIO(self.data), self.encoding, newline="")


def read_export(path: Path) -> Export:
    """A file's content, unpacked if it is gzip; the encoding by its byte order mark, else UTF-8.

    Raises UnreadableFile when it is missing, empty, cut off, no text, or known to be neither JSON nor CSV.
    """
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}; check the path.") from error
    data = _unpacked(path, packed)
    if not data.strip():
        raise UnreadableFile(f"{path.name} is empty; export it again.")
    for start, what in _BINARY.items():
        if data.startswith(start):
            raise UnreadableFile(f"{path.name} is {what}.")
    encoding = next((encoding for bom, encoding in _BOMS if data.startswith(bom)), "utf-8")
    try:
        data.decode(encoding)
    except UnicodeError as error:
        raise UnreadableFile(f"{path.name} is not {encoding.upper()} text; save it again as UTF-8.") from error
    return Export(path.name, hashlib.sha256(packed).hexdigest(), data, encoding)


def _unpacked(path: Path, data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(f"{path.name} is gzip but cut off or damaged; download it again.") from error
