"""Finding: what doctor saw."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is good, and what was seen or what to do."""

    subject: str
    good: bool
    text: str
