"""The two stores that the same tests run on."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from shared.lake.azure import AzureStore
from shared.lake.local import LocalStore
from shared.lake.store import Store
from shared.lake.tables import Lake
from tests.standins.azurite import Azurite


@pytest.fixture(params=["local", pytest.param("azure", marks=pytest.mark.slow)])
def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment that names a new, empty store of each kind.

    In Azure every day only what the stores do each in their own way; see `named_store`.
    """
    return named_store(request, tmp_path)


def named_store(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """What `store_settings` is, for test files that have one of their own which is quick on both."""
    if request.param == "local":
        return {"FETTLE_STORE": f"file://{tmp_path}/store"}
    azurite: Azurite = request.getfixturevalue("azurite")
    return {
        "FETTLE_STORE": f"az://fettle-{uuid.uuid4().hex}/some/prefix",
        "AZURE_STORAGE_CONNECTION_STRING": azurite.connection_string,
    }


@pytest.fixture
def store(store_settings: dict[str, str], tmp_path: Path) -> Store:
    """A new, empty store."""
    if "AZURE_STORAGE_CONNECTION_STRING" not in store_settings:
        return LocalStore(tmp_path / "store")
    container, _, prefix = store_settings["FETTLE_STORE"].removeprefix("az://").partition("/")
    return AzureStore(container, prefix, connection_string=store_settings["AZURE_STORAGE_CONNECTION_STRING"])


@pytest.fixture
def lake(store: Store, tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Lake]:
    """An empty lake in that store."""
    lake = Lake(store, tmp_path / "cache", clock)
    yield lake
    lake.close()
