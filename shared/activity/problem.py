"""Problems: what is wrong with an event or a customer, field by field."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import FettleError

_SHOWN = 60
"""Characters of a value that a sentence repeats."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a field.

    why: without the value, so that equal problems can be counted, as in "is not a time".
    value: what was given, None where nothing was.  step: what to do.
    """

    field: str
    why: str
    step: str
    value: object = None

    @property
    def reason(self) -> str:
        """The problem without the value: "timestamp is not a time"."""
        return f"{self.field} {self.why}"

    @property
    def text(self) -> str:
        """The problem as a sentence, with the value and the next step."""
        given = "" if self.value is None else f" ({_shown(self.value)})"
        return f"{self.reason}{given}; {self.step}."


class Refused(FettleError):
    """An event or a customer that cannot be taken. problems: all of them, in the order of the fields."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.text for problem in problems))
        self.problems = tuple(problems)

    @property
    def by_field(self) -> dict[str, list[str]]:
        """The sentences by field."""
        found: dict[str, list[str]] = {}
        for problem in self.problems:
            found.setdefault(problem.field, []).append(problem.text)
        return found

    @property
    def reason(self) -> str:
        """All problems without their values, for the quarantine."""
        return "; ".join(dict.fromkeys(problem.reason for problem in self.problems))


def _shown(value: object) -> str:
    text = ascii(value) if isinstance(value, str) and not _is_text(value) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
