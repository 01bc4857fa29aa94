"""The policy file: TOML, checked as a whole; every problem with its key, value and line."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.errors import SettingsError
from shared.policy.policy import Policy


def load_policy(path: Path | None) -> Policy:
    """The policy in a TOML file; the defaults without one.

    Raises SettingsError that names the file and every problem's key, value and line.
    """
    if path is None:
        return Policy()
    try:
        text = path.read_text(encoding="utf-8-sig")
        return Policy.model_validate(tomllib.loads(text))
    except OSError as error:
        raise SettingsError(f"FETTLE_POLICY={path} cannot be read: {error.strerror}; correct the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"FETTLE_POLICY={path} is not TOML: {error}.") from error
    except ValidationError as error:
        problems = "; ".join(_problem(text, found["loc"], found["input"], found["msg"]) for found in error.errors())
        raise SettingsError(f"FETTLE_POLICY={path} is not usable: {problems}. See docs/policy.md.") from None


def _problem(text: str, loc: Sequence[int | str], value: object, message: str) -> str:
    key = [part for part in loc if part != "[key]"]
    line = line_of(text, key)
    where = f" (line {line})" if line else ""
    said = message.removeprefix("Value error, ").replace("Extra inputs are not permitted", "is not a known key")
    return f"{'.'.join(map(str, key)) or 'the file'} = {_short(value)}{where}: {said}"


def line_of(text: str, key: Sequence[int | str]) -> int | None:
    """The line (from 1) on which a key, or as much of it as there is, is given; None for no key.

    A statement begins after the shortest piece of the file that is TOML without it, so no other reader of TOML is
    needed.
    """
    lines = text.splitlines()
    begun, best, depth = 1, None, 0
    for number in range(1, len(lines) + 1):
        try:
            read = tomllib.loads("\n".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue
        found = _depth(read, key)
        if found > depth:
            best, depth = _first_of_statement(lines, begun, number), found
        begun = number + 1
    return best


def _depth(read: Any, key: Sequence[int | str]) -> int:  # noqa: ANN401 - what TOML holds
    """How many parts of a key there are."""
    for depth, part in enumerate(key):
        try:
            read = read[part]
        except (KeyError, IndexError, TypeError):
            return depth
    return len(key)


def _first_of_statement(lines: list[str], begun: int, number: int) -> int:
    for place in range(begun, number):
        if lines[place - 1].strip() and not lines[place - 1].lstrip().startswith("#"):
            return place
    return number


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
