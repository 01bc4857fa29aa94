"""Refusals: what a question is told that cannot be answered as it was asked."""

from shared.errors import FettleError


class Refused(FettleError):
    """An argument is of no use; the message says which and why."""
