"""Keys of the API: those that the settings name are there even where the store is not."""

from pathlib import Path

import pytest

from shared.access.keys import KeyRing, keys_of_settings
from shared.lake.local import LocalStore
from shared.lake.store import StoreUnreachable


@pytest.fixture
def away(tmp_path: Path) -> LocalStore:
    """A store whose folder has become a file."""
    (tmp_path / "store").write_text("")
    return LocalStore(tmp_path / "store")


def test_with_a_key_of_the_settings_the_store_is_not_asked_whether_there_is_one(away: LocalStore) -> None:
    assert KeyRing(away, keys_of_settings("first:admin:abcdefghijklmnopqrstuvwxyz")).any()


def test_without_one_it_cannot_be_told(away: LocalStore) -> None:
    with pytest.raises(StoreUnreachable):
        KeyRing(away).any()
