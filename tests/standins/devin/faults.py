"""Faults that only Devin's lists have; the others are in `tests.standins.github.faults`."""

from dataclasses import replace

from tests.standins.devin.views import refusal
from tests.standins.github.answers import Answer, answer
from tests.standins.github.calls import Request
from tests.standins.github.faults import Effect


def first_page() -> Effect:
    """Whatever page is asked for, the first one comes: offset and cursor are ignored."""

    def without_place(request: Request) -> Request:
        kept = {name: value for name, value in request.query.items() if name not in ("offset", "after")}
        return replace(request, query=kept)

    return Effect("first page", before=without_place)


def moved(location: str) -> Effect:
    """A redirect."""
    return Effect("moved", instead=lambda _: Answer(307, b"", {"location": location}))


def refused(status: int, detail: str) -> Effect:
    """An error in Devin's own form."""
    return Effect(f"refused {status}", instead=lambda _: refusal(status, detail))


def data(value: object) -> Effect:
    """This JSON in place of a list."""
    return Effect("data", instead=lambda _: answer(value))
