"""JSON exports: lists, dicts by id, API pages, JSON lines and webhook deliveries, as the objects in them."""

import json
from collections.abc import Iterator
from typing import Any

import orjson

from backend.imports.files import Export, UnreadableFile
from backend.mapping.stamp import Raw
from shared.lake.quarantine import Reject

Item = Raw | Reject | object
"""What is found in an export: an object, a line that is none, or whatever else the JSON holds."""

_PAGES = ("items", "data", "results", "nodes", "rows")
"""Keys under which any API's page may hold its objects."""


def json_objects(export: Export, pages: tuple[str, ...], event: str) -> Iterator[Item]:
    """The objects of a JSON export.

    pages: keys under which this kind's API pages hold their objects.
    event: the key of the object in a webhook delivery, which then gets the delivery's repository.
    Raises UnreadableFile where the JSON is broken; of JSON lines, a broken line is a Reject.
    """
    for document in _documents(export):
        yield from _flat(document, (*pages, *_PAGES), event)


def _documents(export: Export) -> Iterator[Any]:
    text = export.text()
    try:
        yield orjson.loads(text)
    except orjson.JSONDecodeError:
        first, _, rest = text.lstrip().partition("\n")
        yield from _lines(text) if rest and _is_json(first) else _concatenated(export, text)


def _lines(text: str) -> Iterator[Any]:
    """JSON lines."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                # The line itself is not kept: nobody can tell whether it holds a secret.
                yield Reject(f"line {number} is not JSON", {"line": number, "characters": len(line)})


def _concatenated(export: Export, text: str) -> Iterator[Any]:
    """Documents in a row, as `gh api --paginate` writes them; also what only Python's parser takes."""
    decoder, documents, at = json.JSONDecoder(), [], _after_space(text, 0)
    try:
        while at < len(text):
            document, end = decoder.raw_decode(text, at)
            documents.append(document)
            at = _after_space(text, end)
    except ValueError as error:
        raise UnreadableFile(f"{export.name} is cut off or not JSON ({error}); export it again.") from error
    except RecursionError as error:
        raise UnreadableFile(f"{export.name} is nested too deep to be an export; check the file.") from error
    yield from documents


def _after_space(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip()) if text[at : at + 1].isspace() else at


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _flat(value: Any, pages: tuple[str, ...], event: str) -> Iterator[Item]:  # noqa: ANN401  (JSON)
    if isinstance(value, list):
        for item in value:
            yield from _flat(item, pages, event)
    elif not isinstance(value, dict):
        yield value
    elif isinstance(value.get(event), dict):
        yield {**value[event], "repository": value[event].get("repository") or value.get("repository")}
    elif held := [value[key] for key in pages if isinstance(value.get(key), list)]:
        yield from _flat(held, pages, event)
    elif value and all(isinstance(item, dict | list) for item in value.values()):
        for item in value.values():
            yield from _flat(item, pages, event)
    else:
        yield value
