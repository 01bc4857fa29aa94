"""What is shown to those who ask for help, and which reason stands for several."""

import pytest

from backend.terminal import first_of
from tests.unit.backend.commands.running import Fettle


@pytest.mark.parametrize("arguments", [[], ["demo"]])
def test_without_a_command_the_help_is_shown_as_it_is(fettle: Fettle, arguments: list[str]) -> None:
    done = fettle(*arguments)
    assert done.code == 1
    assert done.err.startswith("Usage: python -m backend")
    assert "Commands:" in done.err


def test_help_is_good(fettle: Fettle) -> None:
    done = fettle("collect", "--help")
    assert (done.code, done.err) == (0, "")
    assert "Ends with 0 if all is good, 2 if some sources failed" in done.out


def test_the_first_reason_stands_for_all_and_the_others_are_counted() -> None:
    assert first_of([None, "No.", "No."]) == "No."
    assert first_of(["No.", "Nor this.", "Nor that."]) == "No. (2 more: see `python -m backend metrics coverage`.)"
