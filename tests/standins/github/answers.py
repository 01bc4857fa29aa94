"""Answers and the error bodies GitHub gives, as plain values that know nothing of sockets."""

import gzip
import json
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

REST_DOCS = "https://docs.github.com/rest"
WORTH_PACKING = 1_000
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
RATE_DOCS = f"{REST_DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"


@dataclass(frozen=True)
class Answer:
    """A status, a body (perhaps packed already) and the headers which this answer sets itself."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    packed: bool = False

    def with_headers(self, headers: dict[str, str]) -> "Answer":
        """The same answer with headers added, which replace those of the same name."""
        return replace(self, headers=self.headers | headers)

    def pack(self) -> "Answer":
        """The same answer with a packed body, if that is worth it: lists shrink to a twentieth."""
        if self.packed or len(self.body) < WORTH_PACKING:
            return self
        return replace(self, body=gzip.compress(self.body, compresslevel=1, mtime=0), packed=True)

    def accepted_by(self, accept_encoding: str) -> "Answer":
        """The answer as a client with this Accept-Encoding can read it."""
        if "gzip" not in accept_encoding:
            return replace(self, body=gzip.decompress(self.body), packed=False) if self.packed else self
        fit = self.pack()
        return fit.with_headers({"content-encoding": "gzip"}) if fit.packed else fit


class ApiError(Exception):
    """Ends a request with one of GitHub's error answers."""

    def __init__(self, status: int, message: str, docs: str | None = None, **extra: Any) -> None:
        """`docs` None stands for the page of the route that was asked."""
        super().__init__(message)
        self.status, self.message, self.docs, self.extra = status, message, docs, extra


def dumps(value: Any) -> str:
    """Compact JSON with its letters as they are, like GitHub's."""
    return _ENCODER.encode(value)


def answer(value: Any, headers: dict[str, str] | None = None, status: int = 200) -> Answer:
    """`value` as a JSON answer; text is taken to be JSON already."""
    text = value if isinstance(value, str) else dumps(value)
    return Answer(status, text.encode(), headers or {})


def error(status: int, message: str, docs: str = REST_DOCS, **extra: Any) -> Answer:
    """An error body as GitHub writes it: message, extras, documentation_url and the status as text."""
    body = {"message": message, **extra, "documentation_url": docs, "status": str(status)}
    return answer(body, status=status)


def weak_etag(body: bytes) -> str:
    """The same for the same bytes and for nothing else."""
    return f'W/"{blake2b(body, digest_size=32).hexdigest()}"'
