"""Rejects: what an import could not use, in a few words."""

from collections import Counter
from collections.abc import Sequence

from shared.lake.quarantine import Reject

SHOWN_REASONS = 3


def reasons(rejects: Sequence[Reject]) -> str | None:
    """The commonest reasons, with how often; None without any."""
    counts = Counter(reject.reason for reject in rejects).most_common(SHOWN_REASONS)
    return ", ".join(f"{reason} ({count})" for reason, count in counts) or None
