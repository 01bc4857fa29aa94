"""Patterns: names of the policy with `*` for any characters, as conditions on columns; case makes no difference."""

import re

import ibis
import ibis.expr.types as ir

_EDGE = "\n"
"""What stands around each of several texts that are looked through as one; no label of a runner holds it."""


def fits(text: ir.StringValue, pattern: str) -> ir.BooleanValue:
    """Whether a text as a whole fits a pattern; null where there is no text."""
    if pattern.strip("*"):
        return _holds(_EDGE + text.lower() + _EDGE, pattern)
    return text.notnull()


def any_fits(texts: ir.ArrayValue, pattern: str) -> ir.BooleanValue:
    """Whether one of several texts fits a pattern; null without a list of them, but `*` fits even that."""
    if pattern.strip("*"):
        return _holds(_EDGE + texts.join(_EDGE).lower() + _EDGE, pattern)
    return ibis.literal(True)


def _holds(lines: ir.StringValue, pattern: str) -> ir.BooleanValue:
    pieces = f"{_EDGE}{pattern.lower()}{_EDGE}".split("*")
    # An edge by itself is everywhere: "*x" asks for nothing at the front. Most patterns leave one piece to look for.
    asked = [piece for piece in pieces if piece not in ("", _EDGE)]
    if len(asked) == 1:
        return lines.contains(asked[0])
    return lines.re_search(f"[^{_EDGE}]*".join(map(re.escape, pieces)))
