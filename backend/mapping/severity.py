"""Severities: the words and scores of GitHub, scanners and exports as one of the five levels of `alerts`."""

from backend.mapping.values import text

UNKNOWN = "unknown"

_LEVELS = {
    "critical": "critical",
    "high": "high",
    "medium": "medium",
    "moderate": "medium",
    "low": "low",
    # A rule's own level, as SARIF has it: error stands for 7.0, warning for 4.0, note for 1.0.
    "error": "high",
    "warning": "medium",
    "note": "low",
}

_BANDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"))


def severity_level(*words: object) -> str:
    """The level of the first word that is one; `unknown` if none is."""
    known = (_LEVELS.get((text(word) or "").strip().lower()) for word in words)
    return next((level for level in known if level), UNKNOWN)


def severity_of_score(score: float | None) -> str | None:
    """The level of a CVSS or SARIF `security-severity` score: ≥ 9 critical, ≥ 7 high, ≥ 4 medium, > 0 low."""
    if score is None or score <= 0:
        return None
    return next((level for least, level in _BANDS if score >= least), "low")
