"""Fold: wherever it is killed it can run again, and of two that run each row is stored once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from backend.ingest.fold import fold
from shared.lake.inbox import INBOX
from shared.lake.local import LocalStore
from shared.lake.quarantine import quarantine_counts
from shared.lake.store import Absent, Blob, Content, StoreUnreachable
from shared.lake.tables import Lake
from tests.builders import NOW
from tests.unit.backend.ingest.payloads import (
    code_scanning,
    delivered,
    dependabot,
    put_in_inbox,
    workflow_job,
    workflow_run,
)
from tests.unit.backend.ingest.stored import tables

T = TypeVar("T")


class Failing(LocalStore):
    """A local store whose n-th call fails, before or after it has done what it was asked."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.calls, self.fails_at, self.after = 0, -1, False

    def write(self, name: str, data: Content, if_match: str | Absent | None = None) -> str:
        return self._step(lambda: super(Failing, self).write(name, data, if_match))

    def read(self, name: str) -> tuple[bytes, str]:
        return self._step(lambda: super(Failing, self).read(name))

    def delete(self, name: str, if_match: str | None = None) -> None:
        return self._step(lambda: super(Failing, self).delete(name, if_match))

    def list(self, prefix: str) -> Iterator[Blob]:
        yield from self._step(lambda: super(Failing, self).list(prefix))

    def _step(self, call: Callable[[], T]) -> T:
        self.calls += 1
        fails = self.calls == self.fails_at
        if fails and not self.after:
            raise StoreUnreachable("killed")
        try:
            return call()
        finally:  # also where there was nothing to read
            if fails:
                raise StoreUnreachable("killed")


HISTORY = [
    delivered("dependabot_alert", dependabot("created", "open", 0), 1),
    delivered("dependabot_alert", dependabot("fixed", "fixed", 5), 5),
    delivered("dependabot_alert", dependabot("reopened", "open", 7), 7),
    delivered("code_scanning_alert", code_scanning("fixed", "fixed"), 8),
    delivered("workflow_run", workflow_run("completed", 9, conclusion="success"), 9),
    delivered("workflow_job", workflow_job("completed"), 9),
    delivered("ping", {"zen": "."}, 10),
]


@pytest.mark.parametrize(
    ("after", "every"),
    [
        pytest.param(True, 4, id="some"),
        pytest.param(True, 1, marks=pytest.mark.slow, id="after"),
        pytest.param(False, 1, marks=pytest.mark.slow, id="before"),
    ],
)
def test_killed_at_any_step_it_can_run_again(tmp_path: Path, after: bool, every: int) -> None:
    calm = Failing(tmp_path / "calm")
    put_in_inbox(calm, *HISTORY)
    lake = Lake(calm, tmp_path / "calm-cache", lambda: NOW)
    fold(lake)
    steps = calm.calls
    expected = tables(lake), quarantine_counts(calm)
    lake.close()
    for step in range(1, steps, every):
        store = Failing(tmp_path / f"store-{step}")
        put_in_inbox(store, *HISTORY)
        lake = Lake(store, tmp_path / f"cache-{step}", lambda: NOW)
        store.calls, store.fails_at, store.after = 1, step + 1, after
        with pytest.raises(StoreUnreachable):
            fold(lake)
        fold(lake)
        assert (tables(lake), quarantine_counts(store)) == expected, f"killed at step {step} of {steps}"
        lake.close()


def test_two_replicas_that_fold_the_same_store_each_row_once(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    put_in_inbox(store, *HISTORY)
    first, second = (Lake(store, tmp_path / name, lambda: NOW) for name in ("first", "second"))
    blobs = {blob.name: store.read(blob.name)[0] for blob in store.list(INBOX)}
    assert fold(first).lines == len(HISTORY)
    for name, data in blobs.items():  # the second had listed them before the first deleted them
        store.write(name, data)
    before = tables(first)
    assert fold(second).changed == 0
    assert tables(second) == before
    assert sum(quarantine_counts(store).values()) == 1
    first.close()
    second.close()
