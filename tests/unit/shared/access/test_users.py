"""Local users: in a file that streamlit-authenticator could use too, and never with a password in it."""

import stat
from pathlib import Path

import bcrypt
import pytest
import yaml

from shared.access.user_changes import add_user, set_disabled, set_password
from shared.access.users import UserFile, UsersUnusable, hash_password
from shared.errors import SettingsError

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.access.users.ROUNDS", 4)


@pytest.fixture
def file(tmp_path: Path) -> UserFile:
    add_user(tmp_path / "users.yaml", "ann", "operator", PASSWORD)
    return UserFile(tmp_path / "users.yaml")


def test_a_user_is_found_by_name_and_password_alone(file: UserFile) -> None:
    found = file.verify(" Ann", PASSWORD)
    assert found is not None
    assert (found.name, found.role) == ("ann", "operator")
    for name, password in (
        ("ann", PASSWORD + "x"),
        ("ann", ""),
        ("ann", PASSWORD.upper()),
        ("bob", PASSWORD),
        ("", PASSWORD),
        ("ann", found.digest),
        ("ann", "\x00" + PASSWORD),
        ("ann", "\ud800"),
        ("ann" * 1000, PASSWORD * 1000),
    ):
        assert file.verify(name, password) is None


def test_what_bcrypt_would_cut_off_is_no_password(file: UserFile) -> None:
    longest = "é" * 36
    add_user(file.path, "bob", "viewer", longest)
    assert file.verify("bob", longest)
    assert file.verify("bob", longest + "x") is None
    for wrong in ("short", longest + "x"):
        with pytest.raises(SettingsError, match=r"has \d+ bytes; choose one of 12 to 72"):
            add_user(file.path, "carl", "viewer", wrong)


def test_an_unknown_user_takes_as_much_work_as_a_wrong_password(
    file: UserFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bytes] = []
    real = bcrypt.checkpw

    def check(password: bytes, digest: bytes) -> bool:
        looked.append(digest[:7])
        return real(password, digest)

    monkeypatch.setattr(bcrypt, "checkpw", check)
    set_disabled(file.path, "ann", True)
    for name in ("ann", "nobody"):
        assert file.verify(name, PASSWORD) is None
    assert looked == [b"$2b$04$"] * 2


def test_a_file_of_nobody_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "users.yaml").write_text("")
    assert UserFile(tmp_path / "users.yaml").verify("ann", PASSWORD) is None
    with pytest.raises(UsersUnusable, match="cannot be read"):
        UserFile(tmp_path / "nowhere.yaml").verify("ann", PASSWORD)


def test_changes_show_at_once_and_keep_what_else_is_in_the_file(file: UserFile) -> None:
    content = yaml.safe_load(file.path.read_text())
    content["cookie"] = {"name": "theirs", "expiry_days": 30}
    content["credentials"]["usernames"]["ann"]["email"] = "ann@example.com"
    file.path.write_text(yaml.safe_dump(content))
    set_disabled(file.path, "ann", True)
    assert file.find("ann") is None
    assert file.users()["ann"].disabled
    set_disabled(file.path, "ann", False)
    set_password(file.path, "ann", "another long one")
    assert file.verify("ann", "another long one")
    assert file.verify("ann", PASSWORD) is None
    kept = yaml.safe_load(file.path.read_text())
    assert kept["cookie"] == content["cookie"]
    assert kept["credentials"]["usernames"]["ann"]["email"] == "ann@example.com"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "role", "text"),
    [
        ("ann", "viewer", "There is a user 'ann' already"),
        ("Bob Smith", "viewer", "The name 'bob smith' is not usable"),
        ("github:bob", "viewer", "is not usable"),
        ("bob", "root", "There is no role 'root'"),
    ],
)
def test_what_cannot_be_added_is_told(file: UserFile, name: str, role: str, text: str) -> None:
    before = file.path.read_bytes()
    with pytest.raises(SettingsError, match=text):
        add_user(file.path, name, role, PASSWORD)
    with pytest.raises(SettingsError, match="There is no user 'zoe'; there are 'ann'"):
        set_disabled(file.path, "zoe", True)
    assert file.path.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("credentials: [", "is not YAML"),
        ("- a\n", "holds no users"),
        ("credentials: {usernames: [ann]}", "holds no users"),
        ("credentials: {usernames: {ann: {password: plain}}}", "password of 'ann' in .* is not a bcrypt hash"),
        ("credentials: {usernames: {ann: 1}}", "password of 'ann' in .* is not a bcrypt hash"),
        ("credentials: {usernames: {'a b': {}}}", "user name 'a b' in .* is not usable"),
        ("!!python/object/apply:os.system ['true']", "is not YAML"),
    ],
)
def test_a_file_of_no_use_lets_nobody_in_and_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "users.yaml").write_text(text)
    with pytest.raises(UsersUnusable, match=told):
        UserFile(tmp_path / "users.yaml").verify("ann", PASSWORD)


def test_of_several_roles_the_greatest_known_one_counts(tmp_path: Path) -> None:
    digest = hash_password(PASSWORD)
    told = {
        "a": {"password": digest, "roles": ["editor", "viewer", "admin"]},
        "b": {"password": digest, "roles": ["editor"]},
        "C": {"password": digest},
        "d": {"password": digest, "roles": "operator", "disabled": None},
    }
    (tmp_path / "users.yaml").write_text(yaml.safe_dump({"credentials": {"usernames": told}}))
    found = UserFile(tmp_path / "users.yaml").users()
    assert {name: user.role for name, user in found.items()} == {
        "a": "admin", "b": "viewer", "c": "viewer", "d": "operator",
    }  # fmt: skip
    assert found["d"].disabled  # whatever is not "no" is "yes"


def test_streamlit_authenticator_takes_our_hashes_and_we_take_its(file: UserFile) -> None:
    from streamlit_authenticator.utilities.hasher import Hasher

    made = file.users()["ann"].digest
    assert Hasher.is_hash(made)
    assert Hasher.check_pw(PASSWORD, made)
    theirs = Hasher.hash("a password of theirs")
    content = {"credentials": {"usernames": {"bob": {"email": "b@example.com", "password": theirs}}}}
    file.path.write_text(yaml.safe_dump(content))
    assert file.verify("bob", "a password of theirs")
