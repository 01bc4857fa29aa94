"""Commands in a folder of their own with a file to import, at a fixed time."""

from pathlib import Path

import pytest

from backend.__main__ import main
from tests.unit.backend.commands.running import RUNS, Done, Fettle


@pytest.fixture
def fettle(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Fettle:
    """Runs a command as a user would, in July 2026."""
    monkeypatch.setenv("FETTLE_NOW", "2026-07-01T00:00:00Z")
    (tmp_path / "runs.csv").write_text(RUNS)

    def run_command(*arguments: str) -> Done:
        code = main(list(arguments))
        return Done(code, *capsys.readouterr())

    return run_command
