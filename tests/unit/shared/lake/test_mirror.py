"""The mirror: copies once, never changes a copy, and forgets only what nobody can be reading."""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.datasets import WORKFLOW_RUNS
from shared.lake import mirror as mirroring
from shared.lake.local import LocalStore
from shared.lake.mirror import Mirror
from shared.lake.snapshot import Snapshot
from shared.lake.store import Absent, Blob, BlobNotFound, Content, Store, StoreError
from shared.lake.tables import Lake
from tests.builders import NOW, run

ROOT = Path(__file__).parents[4]


class CountingStore:
    """A store that counts how often each blob is downloaded, and may do something just before."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.downloads: Counter[str] = Counter()
        self.before_download: Callable[[str], None] = lambda _: None

    @property
    def url(self) -> str:
        return self._store.url

    def list(self, prefix: str) -> Iterator[Blob]:
        return self._store.list(prefix)

    def read(self, name: str) -> tuple[bytes, str]:
        return self._store.read(name)

    def download(self, name: str, target: Path) -> str:
        self.before_download(name)
        self.downloads[name] += 1
        return self._store.download(name, target)

    def write(self, name: str, data: Content, if_match: str | Absent | None = None) -> str:
        return self._store.write(name, data, if_match)

    def delete(self, name: str, if_match: str | None = None) -> None:
        self._store.delete(name, if_match)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore(LocalStore(tmp_path / "store"))


@pytest.fixture
def mirror(store: CountingStore, tmp_path: Path) -> Mirror:
    return Mirror(store, tmp_path / "cache")


def parquet(value: int) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"value": [value]}), sink)
    return sink.getvalue().to_pybytes()


def values(mirror: Mirror, blobs: list[Blob]) -> list[int]:
    return [pq.read_table(mirror.path(blob))["value"][0].as_py() for blob in blobs]


def put(store: Store, name: str, value: int) -> None:
    store.write(f"tables/{name}", parquet(value))


def copies(tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "cache").rglob("*") if path.is_file())


def test_a_blob_is_downloaded_once_and_again_when_it_has_changed(store: CountingStore, mirror: Mirror) -> None:
    put(store, "a", 1)
    put(store, "b", 2)
    first = mirror.fetch(store.list("tables/"))
    assert mirror.fetch(store.list("tables/")) == first
    assert store.downloads == {"tables/a": 1, "tables/b": 1}
    put(store, "a", 3)
    second = mirror.fetch(store.list("tables/"))
    assert store.downloads == {"tables/a": 2, "tables/b": 1}
    assert values(mirror, second) == [3, 2]
    assert values(mirror, first) == [1, 2], "a copy has changed under a reader"


def test_many_blobs_come_in_the_order_they_were_asked_for(store: CountingStore, mirror: Mirror) -> None:
    for number in range(30):
        put(store, f"{number:02}", number)
    assert values(mirror, mirror.fetch(store.list("tables/"))) == list(range(30))
    assert set(store.downloads.values()) == {1}


def test_a_writer_that_is_quicker_than_the_reader_is_followed(store: CountingStore, mirror: Mirror) -> None:
    put(store, "a", 1)
    listed = list(store.list("tables/"))
    put(store, "a", 2)
    fetched = mirror.fetch(listed)
    assert fetched == list(store.list("tables/"))
    assert values(mirror, fetched) == [2]
    assert Snapshot(tuple(listed)).replace(fetched).blobs == tuple(fetched)


def test_a_blob_that_was_deleted_since_is_told(store: CountingStore, mirror: Mirror, tmp_path: Path) -> None:
    put(store, "a", 1)
    listed = list(store.list("tables/"))
    store.delete("tables/a")
    with pytest.raises(BlobNotFound, match="tables/a"):
        mirror.fetch(listed)
    assert copies(tmp_path) == []


def test_a_blob_that_is_no_parquet_file_is_named_and_not_kept(
    store: CountingStore, mirror: Mirror, tmp_path: Path
) -> None:
    whole = parquet(1)
    for broken in (b"", b"PAR1", whole[: len(whole) // 2], b"x" * 100):
        store.write("tables/a", broken)
        with pytest.raises(StoreError, match=r"tables/a in file://.* is not a whole Parquet file; restore it"):
            mirror.fetch(store.list("tables/"))
    assert copies(tmp_path) == []


def test_pruning_takes_old_copies_that_nobody_wants_and_no_others(
    store: CountingStore, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "a", 1)
    put(store, "b", 2)
    old = mirror.fetch(store.list("tables/"))
    put(store, "a", 3)
    kept = mirror.fetch(store.list("tables/"))
    mirror.prune(kept)
    assert len(copies(tmp_path)) == 3, "a young copy may still be read by another process"
    monkeypatch.setattr(mirroring, "KEEP_S", -60)
    mirror.prune(kept)
    assert copies(tmp_path) == sorted(mirror.path(blob) for blob in kept)
    assert values(mirror, kept) == [3, 2]
    assert not mirror.path(old[0]).exists()


def test_pruning_does_without_a_copy_that_another_process_is_just_giving_its_name(
    store: CountingStore, mirror: Mirror
) -> None:
    folder, stop = mirror.path(Blob("x", "1", 0)).parent, threading.Event()

    def rename_on() -> None:
        while not stop.is_set():
            (folder / "landing.new").write_bytes(b"")
            (folder / "landing.new").replace(folder / "landed.parquet")

    with ThreadPoolExecutor(1) as pool:
        renaming = pool.submit(rename_on)
        for _ in range(2_000):
            mirror.prune([])
        stop.set()
        renaming.result()
    assert [path.name for path in folder.glob("*.parquet")] == ["landed.parquet"]


def test_stores_do_not_share_copies(tmp_path: Path) -> None:
    one, other = LocalStore(tmp_path / "one"), LocalStore(tmp_path / "other")
    put(one, "a", 1)
    put(other, "a", 2)
    first, second = Mirror(one, tmp_path / "cache"), Mirror(other, tmp_path / "cache")
    assert values(first, first.fetch(one.list("tables/"))) == [1]
    assert values(second, second.fetch(other.list("tables/"))) == [2]


FETCH = """
import sys
from pathlib import Path
from shared.lake.local import LocalStore
from shared.lake.mirror import Mirror
folder = Path(sys.argv[1])
store = LocalStore(folder / "store")
print(len(Mirror(store, folder / "cache").fetch(store.list("tables/"))))
"""


def test_processes_share_copies(store: CountingStore, mirror: Mirror, tmp_path: Path) -> None:
    for number in range(20):
        put(store, f"{number:02}", number)
    command = [sys.executable, "-c", FETCH, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    others = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate()[0] for process in others] == ["20\n", "20\n"]
    assert values(mirror, mirror.fetch(store.list("tables/"))) == list(range(20))
    assert not store.downloads, "what another process copied was copied again"
    assert len(copies(tmp_path)) == 20


# --- through the lake


def test_a_lake_copies_only_the_datasets_that_are_needed(store: CountingStore, tmp_path: Path) -> None:
    lake = Lake(store, tmp_path / "cache", lambda: NOW)
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table([run()]))
    store.downloads.clear()
    lake.tables("real", only=[WORKFLOW_RUNS])
    lake.tables("real", only=[WORKFLOW_RUNS])
    assert store.downloads == {"tables/workflow_runs/month=2026-06/part.parquet": 1}
    lake.close()


def test_a_partition_that_is_deleted_between_listing_and_copying_is_simply_gone(
    store: CountingStore, tmp_path: Path
) -> None:
    lake = Lake(store, tmp_path / "cache", lambda: NOW)
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table([run(), run(run_id=2, created_at=NOW.replace(month=3))]))
    store.before_download = lambda name: store.delete(name) if "month=2026-03" in name else None
    assert lake.tables("real")["workflow_runs"].run_id.to_pyarrow().to_pylist() == [1]
    lake.close()
