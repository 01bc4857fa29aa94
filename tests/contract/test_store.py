"""What every store promises, checked on a local folder and on the Azure protocol alike."""

import os
import threading
from pathlib import Path

import pytest

from shared.lake.store import ABSENT, BlobNotFound, Conflict, Store, StoreError
from shared.lake.unnamed import UnnamedFile
from tests.contract.conftest import named_store


@pytest.fixture(params=["local", "azure"])
def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    return named_store(request, tmp_path)


def test_a_blob_reads_back_as_it_was_written(store: Store) -> None:
    etag = store.write("tables/a/part.parquet", b"one")
    assert store.read("tables/a/part.parquet") == (b"one", etag)


def test_an_empty_store_lists_nothing_and_a_missing_blob_is_named(store: Store) -> None:
    assert list(store.list("")) == []
    with pytest.raises(BlobNotFound, match=r"state/none\.json"):
        store.read("state/none.json")


def test_listing_is_by_prefix_sorted_and_shows_etag_and_size(store: Store) -> None:
    etags = {name: store.write(name, b"x" * size) for size, name in enumerate(["b/2", "a/1", "b/1", "ab"], start=1)}
    assert [(blob.name, blob.etag, blob.size) for blob in store.list("b/")] == [
        ("b/1", etags["b/1"], 3),
        ("b/2", etags["b/2"], 1),
    ]
    assert [blob.name for blob in store.list("a")] == ["a/1", "ab"]
    assert [blob.name for blob in store.list("")] == ["a/1", "ab", "b/1", "b/2"]


def test_every_write_gives_a_new_etag_even_with_the_same_content(store: Store) -> None:
    etags = [store.write("x", b"same") for _ in range(20)]
    assert len(set(etags)) == 20


def test_a_write_with_an_old_etag_is_a_conflict_and_changes_nothing(store: Store) -> None:
    old = store.write("x", b"one")
    new = store.write("x", b"two", if_match=old)
    with pytest.raises(Conflict, match="x"):
        store.write("x", b"three", if_match=old)
    assert store.read("x") == (b"two", new)


def test_absent_creates_once(store: Store) -> None:
    store.write("x", b"one", if_match=ABSENT)
    with pytest.raises(Conflict):
        store.write("x", b"two", if_match=ABSENT)
    assert store.read("x")[0] == b"one"


def test_a_write_that_expects_a_blob_which_is_gone_is_a_conflict(store: Store) -> None:
    etag = store.write("x", b"one")
    store.delete("x")
    with pytest.raises(Conflict):
        store.write("x", b"two", if_match=etag)
    assert list(store.list("")) == []


def test_delete_checks_the_etag_and_is_no_error_when_there_is_nothing(store: Store) -> None:
    old = store.write("x", b"one")
    store.write("x", b"two")
    with pytest.raises(Conflict):
        store.delete("x", if_match=old)
    store.delete("x")
    store.delete("x")
    assert list(store.list("")) == []


def test_files_go_up_and_come_down_whole(store: Store, tmp_path: Path) -> None:
    data = os.urandom(9_000_000)
    source = tmp_path / "big"
    source.write_bytes(data)
    etag = store.write("big", source)
    target = tmp_path / "down"
    assert store.download("big", target) == etag
    assert target.read_bytes() == data


@pytest.mark.parametrize("folder", ["the same disk", "another disk"])
def test_a_file_without_a_name_becomes_a_blob(store: Store, tmp_path: Path, folder: str) -> None:
    file = UnnamedFile.begin(tmp_path if folder == "the same disk" else another_disk(tmp_path))
    file.append([b"one\n", b"two\n"])
    etag = store.write("a/x", file, ABSENT)
    assert store.read("a/x") == (b"one\ntwo\n", etag)
    with pytest.raises(Conflict):
        store.write("a/x", file, ABSENT)
    assert store.write("a/y", file) == store.read("a/y")[1]
    assert [blob.size for blob in store.list("a/")] == [8, 8]


def another_disk(folder: Path) -> Path:
    """A folder whose files cannot be linked into that one."""
    memory = Path("/dev/shm")  # noqa: S108 - a file without a name, which nobody else can open
    if not memory.is_dir() or memory.stat().st_dev == folder.stat().st_dev:
        pytest.skip("this machine has no second file system to write to")
    return memory


def test_a_downloaded_file_stays_as_it_is_when_the_blob_is_written_again(store: Store, tmp_path: Path) -> None:
    store.write("x", b"old")
    store.download("x", tmp_path / "copy")
    store.write("x", b"new")
    assert (tmp_path / "copy").read_bytes() == b"old"


def test_a_name_cannot_leave_the_store(store: Store) -> None:
    if not store.url.startswith("file:"):
        pytest.skip("a container has no parent folder")
    for name in ("../x", "/etc/x", "a/../../x", ".fettle/00.lock"):
        with pytest.raises(StoreError, match="leaves the store"):
            store.write(name, b"")


@pytest.mark.parametrize("there", [True, False])
def test_of_many_writers_with_the_same_condition_exactly_one_wins(store: Store, there: bool) -> None:
    condition = store.write("x", b"start") if there else ABSENT
    outcomes: list[str] = []

    def race(number: int) -> None:
        try:
            store.write("x", f"writer {number}".encode(), if_match=condition)
            outcomes.append(f"writer {number}")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [outcome for outcome in outcomes if outcome != "conflict"]
    assert len(outcomes) == 8
    assert store.read("x")[0].decode() == winner
