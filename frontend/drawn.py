"""Drawn: parts of pages that hold no widget, drawn once and from then on out of the cache.

A page whose filters have not changed is run again from its first line to its last. Most of that time went into making
the same elements once more, above all charts; Streamlit can send those again that a cached function made before.
"""

from collections.abc import Callable

from frontend import data


def draw(part: Callable[..., None], *details: object, **options: object) -> None:
    """Draws what a function draws of the data and of details, into the container that is open.

    part: a function with a name of its own. It draws no widget, and nothing of what it draws hangs on the visitor
    (session, time zone, address), unless that is among the details.
    """
    data.kept(part, *details, **options)
