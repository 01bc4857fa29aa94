"""A stand-in of Devin, and who reads its sessions into a lake."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.collect.github import GitHub
from backend.collect.visit import whole
from tests.contract.agents import Visitor
from tests.contract.collecting import open_lake
from tests.standins.devin import DevinStandin


@pytest.fixture
def devin() -> Iterator[DevinStandin]:
    with DevinStandin() as standin:
        yield standin


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    lake = open_lake(tmp_path)
    # Nothing listens there: whoever asks GitHub for sessions of Devin fails.
    yield Visitor(lake, GitHub("ghp_none", "http://127.0.0.1:9"), whole("devin"))
    lake.close()
