"""An app's keys, made once as that takes long, and a GitHub on which it is installed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.access.shop import APP_ID, Clock, Shop
from tests.standins.authority import KeyPair, key_pair
from tests.standins.github import GitHubStandin, State


@pytest.fixture(scope="session")
def keys() -> KeyPair:
    return key_pair()


@pytest.fixture(params=[""], ids=["github.com"])
def shop(request: pytest.FixtureRequest, shared_data: Path, keys: KeyPair) -> Iterator[Shop]:
    clock = Clock()
    with GitHubStandin(State(clock=clock), base_path=request.param) as gh:
        gh.state.tokens.apps.create(APP_ID, keys.public)
        made = Shop(gh, keys, clock)
        made.install("acme")
        yield made
