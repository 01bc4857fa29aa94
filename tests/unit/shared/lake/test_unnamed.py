"""Files without a name: what is added to them is there in its order, and nothing is left of them."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.lake.unnamed import UnnamedFile, can_be_named, content


@given(groups=st.lists(st.lists(st.binary(max_size=50))))
def test_what_is_added_is_there_in_its_order(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[bytes]]
) -> None:
    file = UnnamedFile.begin(tmp_path_factory.getbasetemp())
    for parts in groups:
        file.append(parts)
    told = b"".join(part for parts in groups for part in parts)
    assert (file.read(), content(file), len(file)) == (told, told, len(told))
    file.close()


def test_more_parts_than_a_system_takes_at_once(tmp_path: Path) -> None:
    file = UnnamedFile.begin(tmp_path)
    parts = [str(n).encode() for n in range(5_000)]
    file.append(parts)
    assert file.read() == b"".join(parts)


@pytest.mark.parametrize("room", [0, 1, 59, 60, 61, 119])
def test_a_part_that_finds_no_room_is_an_error(tmp_path: Path, room: int) -> None:
    file = UnnamedFile.begin(tmp_path)
    with room_for(room), pytest.raises(OSError, match="File too large") as caught:
        file.append([b"x" * 60, b"y" * 60])
    assert caught.value.errno == errno.EFBIG
    assert file.read() == (b"x" * 60 + b"y" * 60)[:room]


def test_nothing_is_left_of_it_in_its_folder_nor_of_its_descriptor(tmp_path: Path) -> None:
    file = UnnamedFile.begin(tmp_path)
    file.append([b"gone"])
    assert list(tmp_path.iterdir()) == []
    file.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        len(file)


def test_its_descriptor_goes_with_it(tmp_path: Path) -> None:
    file = UnnamedFile.begin(tmp_path)
    descriptor = file.descriptor
    del file
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_where_a_system_has_none_it_can_be_read_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.lake.unnamed.NAMELESS", None)
    assert not can_be_named(tmp_path)
    file = UnnamedFile.begin(tmp_path)
    file.append([b"one", b"two"])
    assert file.read() == b"onetwo"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    assert not can_be_named(tmp_path / "gone")
    with pytest.raises(FileNotFoundError):
        UnnamedFile.begin(tmp_path / "gone")


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process grows beyond that; the system writes the part that has room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
