"""Users in the terminal: added without a password on the command line, locked out, listed, and noted."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.__main__ import main
from shared.access.users import UserFile
from shared.lake.opening import open_lake
from shared.settings import load_settings

PASSWORD = "correct horse battery"

Users = Callable[..., tuple[int, str, str]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "users.yaml"


@pytest.fixture
def users(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Users:
    """Runs a command of `users`, with a first line of standard input."""
    monkeypatch.setattr("shared.access.users.ROUNDS", 4)
    monkeypatch.setenv("FETTLE_USERS", str(file))

    def run(*arguments: str, typed: str = f"{PASSWORD}\n") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return main(["users", *arguments]), *capsys.readouterr()

    return run


def test_a_user_is_added_locked_out_and_let_in_again(users: Users, file: Path) -> None:
    assert users("add", "Ann", "--role", "operator")[:2] == (0, "ann may sign in as operator.\n")
    assert UserFile(file).verify("ann", PASSWORD)
    assert users("disable", "ann")[:2] == (0, "ann is locked out.\n")
    assert users("list")[1] == "ann  operator  locked out\n"
    assert UserFile(file).verify("ann", PASSWORD) is None
    assert users("enable", "ann")[0] == 0
    assert users("password", "ann", typed="another long one\r\n")[0] == 0
    assert UserFile(file).verify("ann", "another long one")
    lake = open_lake(load_settings())
    rows = lake.tables("real")["audit_log"].to_pyarrow().to_pylist()
    lake.close()
    actions = {(row["action"], row["resource"]) for row in rows}
    assert actions == {(f"users.{what}", "ann") for what in ("add", "disable", "enable", "password")}
    assert PASSWORD not in str(rows)


@pytest.mark.parametrize(
    ("arguments", "typed", "told"),
    [
        (("add", "ann"), "short\n", "The password has 5 bytes; choose one of 12 to 72."),
        (("add", "ann"), "", "The password has 0 bytes"),
        (("add", "ann", "--role", "root"), f"{PASSWORD}\n", "There is no role 'root'"),
        (("disable", "zoe"), "", "There is no user 'zoe'; there are none."),
        (("list",), "", "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    users: Users, file: Path, arguments: tuple[str, ...], typed: str, told: str
) -> None:
    code, out, error = users(*arguments, typed=typed)
    assert (code, out) == (1, "")
    assert error.startswith("fettle: ")
    assert told in error
    assert error.count("\n") == 1
    assert PASSWORD not in error
    assert not file.exists()


def test_without_a_file_it_is_told_which_setting_is_missing(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FETTLE_USERS")
    assert users("list")[2].startswith("fettle: FETTLE_USERS is not set; name the file")
