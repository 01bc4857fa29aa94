"""What is special to a store in a folder: unfinished writes, locks, links, and what the disk refuses."""

import errno
import multiprocessing
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.lake.local import INTERNAL, LOCK_STRIPES, LocalStore
from shared.lake.store import ABSENT, Conflict, StoreFull, StoreUnreachable
from shared.lake.unnamed import UnnamedFile

ROOT = Path(__file__).parents[4]

HOLDER = """
import sys, time
from pathlib import Path
from shared.lake.local import LocalStore
with LocalStore(Path(sys.argv[1]))._lock("x") as unfinished:
    unfinished.write_bytes(b"half")
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


@contextmanager
def holder_of_a_lock(store: LocalStore) -> Iterator["subprocess.Popen[str]"]:
    """A process in the middle of writing `x`."""
    command = [sys.executable, "-c", HOLDER, str(store.root)]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def names(store: LocalStore) -> list[str]:
    return [blob.name for blob in store.list("")]


def internal(store: LocalStore) -> list[str]:
    return sorted(path.name for path in (store.root / INTERNAL).iterdir() if path.suffix != ".lock")


def test_a_killed_writer_leaves_no_blob_and_its_lock_goes_with_it(store: LocalStore) -> None:
    store.write("x", b"before")
    with holder_of_a_lock(store) as process:
        assert names(store) == ["x"]
        assert store.read("x")[0] == b"before"
        process.kill()
        process.wait()
        began = time.monotonic()
        store.write("x", b"after")
        assert time.monotonic() - began < 5
    assert store.read("x")[0] == b"after"
    assert names(store) == ["x"]
    assert internal(store) == []


def test_a_writer_waits_for_the_lock_and_says_so_when_it_waits_too_long(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.lake.local.LOCK_TIMEOUT_S", 0.2)
    with holder_of_a_lock(store), pytest.raises(StoreUnreachable, match="did not give the lock of x") as caught:
        store.write("x", b"late")
    assert "look for a hung Fettle process or disk" in str(caught.value)
    assert names(store) == []


def test_locks_are_few_however_many_blobs_there_are(store: LocalStore) -> None:
    for number in range(300):
        store.write(f"inbox/{number}", b"")
    assert len(list((store.root / INTERNAL).iterdir())) <= LOCK_STRIPES
    assert len(names(store)) == 300


def test_a_download_is_a_link_where_the_disk_is_the_same(store: LocalStore, tmp_path: Path) -> None:
    store.write("x", b"data")
    store.download("x", tmp_path / "copy")
    assert (tmp_path / "copy").stat().st_ino == (store.root / "x").stat().st_ino


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no second file system")  # noqa: S108
def test_a_download_to_another_disk_is_a_copy(store: LocalStore, tmp_path: Path) -> None:
    etag = store.write("x", b"data")
    other = Path("/dev/shm") / f"fettle-{os.getpid()}"  # noqa: S108
    try:
        assert store.download("x", other) == etag
        assert other.read_bytes() == b"data"
    finally:
        other.unlink()


def test_what_is_downloaded_while_a_writer_goes_on_is_always_whole(store: LocalStore, tmp_path: Path) -> None:
    store.write("x", bytes(100_000))
    stop = threading.Event()

    def write_on() -> None:
        number = 0
        while not stop.is_set():
            number = (number + 1) % 256
            store.write("x", bytes([number]) * 100_000)

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        copies = []
        for number in range(100):
            target = tmp_path / f"copy-{number}"
            copies.append((target, store.download("x", target)))
    finally:
        stop.set()
        writer.join()
    for target, etag in copies:
        data = target.read_bytes()
        assert len(data) == 100_000
        assert len(set(data)) == 1
        assert etag == f"{target.stat().st_mtime_ns:x}-{len(data):x}"
    assert sorted(path.name for path in tmp_path.glob("*.part")) == []


def test_the_same_blob_downloaded_twice_to_one_place_leaves_one_file(store: LocalStore, tmp_path: Path) -> None:
    store.write("x", b"data")
    for _ in range(2):
        store.download("x", tmp_path / "down")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["down", "store"]


def test_a_full_disk_keeps_the_blob_that_was_there_and_leaves_no_rest(store: LocalStore) -> None:
    before = store.write("x", b"before")
    with no_file_larger_than(1000), pytest.raises(StoreFull, match="No space is left in file://") as caught:
        store.write("x", bytes(5000))
    assert "point FETTLE_STORE elsewhere" in str(caught.value)
    assert store.read("x") == (b"before", before)
    assert internal(store) == []
    store.write("x", bytes(5000), if_match=before)


def test_a_full_disk_makes_no_blob_that_was_not_there(store: LocalStore) -> None:
    with no_file_larger_than(1000), pytest.raises(StoreFull):
        store.write("new", bytes(5000), if_match=ABSENT)
    assert names(store) == []


def test_what_fails_at_the_target_of_a_download_is_not_blamed_on_the_store(store: LocalStore, tmp_path: Path) -> None:
    store.write("x", b"data")
    with pytest.raises(FileNotFoundError):
        store.download("x", tmp_path / "no such folder" / "copy")


@pytest.mark.parametrize("root", ["taken", "taken/below"])
def test_a_root_that_is_a_file_is_named(tmp_path: Path, root: str) -> None:
    (tmp_path / "taken").write_text("mine")
    store = LocalStore(tmp_path / root)
    for attempt in (
        lambda: list(store.list("tables/")),
        lambda: store.read("x"),
        lambda: store.write("x", b""),
        lambda: store.delete("x"),
    ):
        with pytest.raises(StoreUnreachable, match="FETTLE_STORE") as caught:
            attempt()
        assert store.url in str(caught.value)
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="/proc is where nobody may write, not even root")
def test_a_place_where_nobody_may_write_is_named_and_not_taken_for_a_missing_blob() -> None:
    store = LocalStore(Path("/proc/none"))
    assert names(store) == []
    with pytest.raises(StoreUnreachable, match="check the path and permissions of FETTLE_STORE"):
        store.write("x", b"")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named(store: LocalStore) -> None:
    store.write("x", b"before")
    (store.root / INTERNAL).chmod(0o500)
    store.root.chmod(0o500)
    try:
        with pytest.raises(StoreUnreachable, match="Permission denied"):
            store.write("y", b"")
        assert store.read("x")[0] == b"before"
    finally:
        store.root.chmod(0o700)
        (store.root / INTERNAL).chmod(0o700)


def test_a_home_folder_is_understood() -> None:
    assert LocalStore(Path("~/fettle")).root == Path.home() / "fettle"


def test_a_name_may_hold_any_character_a_file_may(store: LocalStore) -> None:
    for name in ("a b/c", "ä/ö.json", "x'y", 'q"q', "100%"):
        store.write(name, b"")
    assert names(store) == sorted(["a b/c", "ä/ö.json", "x'y", 'q"q', "100%"])


def _append(root: Path, name: str, count: int) -> None:
    store = LocalStore(root)
    for number in range(count):
        store.write(f"{name}/{number}", b"")


def test_several_processes_may_begin_with_a_folder_that_is_not_there(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_append, args=(tmp_path / "new", f"p{n}", 10)) for n in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert len(names(LocalStore(tmp_path / "new"))) == 40


def test_a_new_blob_is_the_same_where_there_are_no_files_without_a_name(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "no such thing here")

    monkeypatch.setattr("shared.lake.local.os.link", refuses)
    store.write("refused/x", b"one", ABSENT)
    monkeypatch.setattr("shared.lake.local.NAMELESS", None)
    store.write("none/x", b"one", ABSENT)
    for name in ("refused/x", "none/x"):
        assert store.read(name)[0] == b"one"
        with pytest.raises(Conflict):
            store.write(name, b"two", ABSENT)


def test_a_file_without_a_name_becomes_a_blob_without_a_copy(store: LocalStore, tmp_path: Path) -> None:
    file = UnnamedFile.begin(tmp_path)
    file.append([b"one"])
    store.write("a/x", file, ABSENT)
    assert (store.root / "a" / "x").stat().st_ino == os.fstat(file.descriptor).st_ino


def test_a_new_blob_that_is_interrupted_leaves_nothing(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(_file: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shared.lake.local.os.fsync", stops)
        with pytest.raises(KeyboardInterrupt):
            store.write("a/x", b"one", ABSENT)
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
    assert store.write("a/x", b"two", ABSENT)
