import io

import pytest

from backend.collect.progress import progress_on


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_log_has_a_plain_line_for_each_step_with_news() -> None:
    stream = io.StringIO()
    with progress_on(stream) as progress:
        progress.expect(2)
        progress.done("acme/shop workflows")
        progress.done("acme/shop workflow_runs", "101 rows")
        progress.say("waiting")
    assert stream.getvalue() == "[2/2] acme/shop workflow_runs: 101 rows\nwaiting\n"


def test_terminal_has_a_bar_and_shows_names_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    with progress_on(stream) as progress:
        progress.expect(1)
        progress.done("acme/[red]shop workflows", "3 rows")
    assert "acme/[red]shop workflows: 3 rows" in stream.getvalue()
