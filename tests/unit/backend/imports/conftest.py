"""Fixtures of the tests of imports."""

from pathlib import Path

import pytest

from tests.unit.backend.imports.examples import Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
