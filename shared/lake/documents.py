"""State documents: small JSON blobs under `state/`, changed by compare-and-swap."""

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

import orjson

from shared.lake.store import ABSENT, BlobNotFound, Conflict, Store, StoreError

STATE = "state/"

ATTEMPTS = 200
"""How often a lost race is tried again before giving up; with back-off that is about half a minute."""

Document = dict[str, Any]

T = TypeVar("T")


def read_document(store: Store, name: str) -> Document:
    """The document `state/<name>.json`; empty if there is none. Raises StoreError if it is not a JSON object."""
    return _read(store, name)[0]


def update_document(store: Store, name: str, change: Callable[[Document], Document]) -> Document:
    """Replaces a document by `change(document)` and returns the new one; loses no concurrent change.

    change: called again with the fresh document after a lost race, so it must have no side effects.
    """

    def attempt() -> Document:
        document, etag = _read(store, name)
        changed = change(document)
        if changed != document:
            store.write(_blob(name), orjson.dumps(changed, option=orjson.OPT_INDENT_2), if_match=etag or ABSENT)
        return changed

    return retry_conflicts(attempt)


def delete_document(store: Store, name: str) -> None:
    """Deletes a document; one that is not there is no error."""
    store.delete(_blob(name))


def retry_conflicts(attempt: Callable[[], T]) -> T:
    """Calls `attempt` until it raises no Conflict, with a jittered back-off so that rivals take turns."""
    for tries in range(ATTEMPTS):
        try:
            return attempt()
        except Conflict:
            if tries == ATTEMPTS - 1:
                raise
            time.sleep(random.uniform(0, min(0.25, 0.005 * 2 ** min(tries, 6))))  # noqa: S311 - not a secret
    raise AssertionError("unreachable")


def _read(store: Store, name: str) -> tuple[Document, str | None]:
    try:
        data, etag = store.read(_blob(name))
    except BlobNotFound:
        return {}, None
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise StoreError(
            f"{_blob(name)} in {store.url} is not JSON ({error}); restore it from a backup or delete it."
        ) from error
    if not isinstance(document, dict):
        raise StoreError(f"{_blob(name)} in {store.url} is not a JSON object; restore it or delete it.")
    return document, etag


def _blob(name: str) -> str:
    return f"{STATE}{name}.json"
