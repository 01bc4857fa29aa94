"""Fingerprints: what makes a result of one scan the same issue as a result of another."""

import hashlib

DIGITS = 20


def fingerprint(
    rule_id: str,
    *,
    line_hash: str | None = None,
    path: str | None = None,
    message: str | None = None,
    source_line: str | None = None,
    start_line: int | None = None,
) -> str | None:
    """The first DIGITS hex digits of SHA-256 over the first of these that is known; None where none is.

    `rule|line_hash` (SARIF's primaryLocationLineHash), `rule|path|message`, `rule|path|source line` with runs of white
    space made one space, `rule|path|start_line`. Only the last changes when lines are added above.
    """
    source = " ".join((source_line or "").split())
    placed = (message, source, None if start_line is None else str(start_line))
    known = line_hash or next((f"{path}|{part}" for part in placed if path and part), None)
    if known is None:
        return None
    return hashlib.sha256(f"{rule_id}|{known}".encode("utf-8", "replace")).hexdigest()[:DIGITS]
