"""A user's terminal and a disk that can be filled, for scenarios that go through the real command line."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from backend.__main__ import main
from shared.lake.opening import open_lake
from shared.settings import load_settings
from tests.standins.azurite import KEY
from tests.standins.github import GitHubStandin

ROOT = Path(__file__).parents[2]

WRONG_KEY = "d3Jvbmcga2V5IHRoYXQgbm9ib2R5IG1heSBzZWU="
SECRETS = ("ghp_", KEY, KEY[:20], WRONG_KEY, "AccountKey")

PROGRESS = re.compile(r"\[\d+/\d+\] ")
"""How a collection tells what it does; no complaint of the command's end."""


@dataclass
class Terminal:
    """A user's terminal: its folder and environment, and what the last command left on it."""

    folder: Path
    patch: pytest.MonkeyPatch
    captured: pytest.CaptureFixture[str]
    closing: ExitStack
    code: int = 0
    out: str = ""
    err: str = ""
    seconds: float = 0.0
    gh: GitHubStandin | None = None
    disk: "SmallDisk | None" = None
    sound: dict[str, str] = field(default_factory=dict)
    """Where the data are that must not be lost, whatever a scenario sets afterwards."""

    def set(self, **variables: str) -> None:
        """Sets environment variables."""
        for name, value in variables.items():
            self.patch.setenv(name, value)

    def run(self, line: str) -> None:
        """Runs a command in this process."""
        began = time.monotonic()
        self.code = main(shlex.split(line))
        self.seconds = time.monotonic() - began
        self.out, self.err = self.captured.readouterr()
        self.check_secrets()

    def run_as_process(self, line: str, before: Callable[[], None] | None = None) -> None:
        """Runs a command in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "backend", *shlex.split(line)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            preexec_fn=before,
            check=False,
        )
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.check_secrets()

    def check_secrets(self) -> None:
        """No output ever shows a secret."""
        for secret in SECRETS:
            assert secret not in self.out + self.err

    def rows(self, dataset: str) -> list[dict[str, Any]]:
        """What is stored, read with the settings that were good."""
        with self.patch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("FETTLE_", "AZURE_", "GITHUB_"))]:
                patch.delenv(name)
            for name, value in self.sound.items():
                patch.setenv(name, value)
            lake = open_lake(load_settings())
        try:
            found: list[dict[str, Any]] = lake.tables("real")[dataset].to_pyarrow().to_pylist()
        finally:
            lake.close()
        return found


class SmallDisk:
    """A file system of one megabyte, which can be filled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, leaving: int = 0) -> None:
        """Fills it to the last byte but `leaving`."""
        try:
            with self._ballast.open("wb", buffering=0) as file:
                while file.write(b"\0" * 4096):
                    pass
        except OSError:
            os.truncate(self._ballast, self._ballast.stat().st_size // 4096 * 4096 - leaving)

    def free(self) -> None:
        """Makes room again."""
        self._ballast.unlink()
