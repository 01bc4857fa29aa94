"""Fixtures that every test may use: a fixed clock, a tiny real lake, the shipped real data, a real Azurite."""

import atexit
import gc
import os
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from shared.lake.tables import Lake
from tests.lakes import lake_in
from tests.standins.azurite import Azurite

ROOT = Path(__file__).parents[1]

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

for profile, examples in {"quick": 25, "thorough": 100}.items():  # of properties that say no number of their own
    settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,
        derandomize=bool(os.environ.get("CI")),
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
settings.load_profile("quick")


def pytest_configure() -> None:
    """What all tests share is the SQL of questions, made by one of them for all and for the processes they start."""
    os.environ["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] = (
        "false"  # as in the app's settings, which AppTest does not read
    )
    os.environ["FETTLE_PREPARED"] = str(ROOT / ".pytest_cache" / "prepared")


def pytest_collection_finish() -> None:
    """Spares the search for garbage what was imported: at Python's own pace it takes a sixth of the time of a test."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # else DuckDB takes what is left for leaks, and prints them
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """Fails the last test of a file where it leaves settings to the next one, whose fixtures would take them up."""
    yield
    if nextitem is None or nextitem.path != item.path:
        left = _settings() - _SETTINGS_AT_FIRST
        assert not left, f"{item.path.name} leaves {', '.join(sorted(left))} in the environment"


def _settings() -> set[str]:
    return {name for name in os.environ if name.startswith(OURS) and name != "FETTLE_PREPARED"}


OURS = ("FETTLE_", "GITHUB_", "AZURE_", "DEVIN_")
_SETTINGS_AT_FIRST = _settings()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the developer's own settings or writes into the working directory."""
    for name in _settings():
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """A clock that stands still at NOW."""
    return lambda: NOW


@pytest.fixture
def lake(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Lake]:
    """An empty lake in a temporary folder."""
    lake = lake_in(tmp_path, clock)
    yield lake
    lake.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data written by others."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shipped real data is not beside this checkout (../shared/data)")
    return folder


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """The Azure Blob protocol on loopback, by Azurite."""
    with Azurite.start() as server:
        yield server
