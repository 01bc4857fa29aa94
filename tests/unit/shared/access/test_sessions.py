"""Sessions: they survive a restart, and end when they are ended, when their time is up and with those they are of."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.access.people import People
from shared.access.sessions import GOOD_FOR_S, Ended, Session, Sessions, SignedIn
from shared.access.user_changes import add_user, set_disabled, set_password
from shared.access.users import UserFile, UsersUnusable
from shared.lake.local import LocalStore
from shared.lake.store import StoreError

PASSWORD = "correct horse battery"

HOUR_S = 3_600.0


@dataclass
class Clock:
    """A clock that a test moves."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """A store and a file of users, and sessions over them as processes have them."""

    folder: Path
    clock: Clock

    @property
    def users(self) -> UserFile:
        return UserFile(self.folder / "users.yaml")

    def process(self, **options: object) -> Sessions:
        """Sessions as a process sees them that has just been started."""
        people = People(self.users, admins=frozenset({"ann@example.com"}), viewers=frozenset({"github:*"}))
        store = LocalStore(self.folder / "store")
        return Sessions(store, people, 12 * HOUR_S, 2 * HOUR_S, clock=self.clock, **options)  # type: ignore[arg-type]

    def ann(self) -> SignedIn:
        user = self.users.verify("ann", PASSWORD)
        assert user is not None
        return SignedIn("local", user.name, user.stamp)

    @property
    def stored(self) -> list[Path]:
        return [file for file in (self.folder / "store").rglob("*") if file.is_file() and file.suffix == ".json"]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("shared.access.users.ROUNDS", 4)  # as quick as bcrypt can be
    add_user(tmp_path / "users.yaml", "ann", "operator", PASSWORD)
    return World(tmp_path, Clock())


def test_a_session_survives_a_restart_and_holds_for_every_process(world: World) -> None:
    token = world.process().begin(world.ann())
    for _ in range(2):
        caller = world.process().caller(token)
        assert caller is not None
        assert (caller.name, caller.role, caller.repos) == ("ann", "operator", None)


def test_the_token_is_long_random_and_stored_nowhere(world: World) -> None:
    sessions = world.process()
    tokens = {sessions.begin(world.ann()) for _ in range(5)}
    assert len(tokens) == 5
    assert {len(token) for token in tokens} == {43}  # 256 bits
    names = {file.stem for file in world.stored}
    assert names == {hashlib.sha256(token.encode()).hexdigest() for token in tokens}
    content = b"".join(file.read_bytes() for file in world.stored)
    assert not [token for token in tokens if token.encode() in content]


def test_who_signs_out_is_out_at_once_here_and_within_seconds_elsewhere(world: World) -> None:
    here, there = world.process(), world.process()
    token = here.begin(world.ann())
    assert here.caller(token)
    assert there.caller(token)
    here.end(token)
    assert here.caller(token) is None
    assert world.process().caller(token) is None
    world.clock.now += GOOD_FOR_S + 1
    assert there.caller(token) is None
    assert world.stored == []
    here.end(token)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token + "A",
        lambda _: "../api_keys",
        lambda token: token.swapcase(),
        lambda _: "",
        lambda _: None,
        lambda token: hashlib.sha256(token.encode()).hexdigest(),
        lambda _: "ä" * 43,
    ],
)
def test_any_other_token_is_nobodys(world: World, change: Callable[[str], str | None]) -> None:
    sessions = world.process()
    token = sessions.begin(world.ann())
    assert sessions.caller(change(token)) is None
    assert sessions.known(change(token)) or sessions.caller(change(token)) is None
    sessions.end(change(token))
    assert sessions.caller(token)


def test_a_session_ends_when_nothing_happens_in_it(world: World) -> None:
    token = world.process().begin(world.ann())
    for _ in range(3):
        world.clock.now += 1.9 * HOUR_S
        assert world.process().caller(token)
    world.clock.now += 2 * HOUR_S
    assert world.process().caller(token) is None
    assert world.stored == []


def test_a_session_ends_in_any_case(world: World) -> None:
    sessions = world.process()
    token = sessions.begin(world.ann())
    for _ in range(11):
        world.clock.now += HOUR_S
        assert sessions.caller(token)
    world.clock.now += HOUR_S
    assert sessions.caller(token) is None


@pytest.mark.parametrize("how", ["disabled", "password"])
def test_who_is_locked_out_or_gets_another_password_is_out_for_good(world: World, how: str) -> None:
    file, sessions = world.users.path, world.process()
    token = sessions.begin(world.ann())
    assert sessions.caller(token)
    if how == "disabled":
        set_disabled(file, "Ann", True)
    else:
        set_password(file, "ann", "another long one")
    world.clock.now += GOOD_FOR_S + 1
    assert sessions.caller(token) is None
    set_disabled(file, "ann", False)
    assert world.process().caller(token) is None


def test_a_role_changes_with_the_file_and_not_only_with_the_next_session(world: World) -> None:
    sessions = world.process()
    token = sessions.begin(world.ann())
    text = world.users.path.read_text().replace("operator", "viewer")
    world.users.path.write_text(text)
    world.clock.now += GOOD_FOR_S + 1
    caller = sessions.caller(token)
    assert caller is not None
    assert caller.role == "viewer"


def test_nobody_is_let_in_where_it_cannot_be_told(world: World) -> None:
    sessions = world.process()
    token = sessions.begin(world.ann())
    world.users.path.rename(world.folder / "moved.yaml")
    with pytest.raises(UsersUnusable, match="cannot be read"):
        world.process().caller(token)
    (world.folder / "moved.yaml").rename(world.users.path)
    assert world.process().caller(token)
    world.stored[0].write_text("{")
    with pytest.raises(StoreError, match="not JSON"):
        world.process().caller(token)
    world.stored[0].write_text('{"name": "ann", "role": "admin"}')
    assert world.process().caller(token) is None


def test_providers_do_not_lend_each_other_their_names(world: World) -> None:
    sessions = world.process()

    def role(who: SignedIn) -> str | None:
        caller = sessions.caller(sessions.begin(who))
        return caller.role if caller else None

    assert role(SignedIn("oidc", "Ann@example.com")) == "admin"
    assert role(SignedIn("oidc", "bob@example.com")) is None
    assert role(SignedIn("oidc", "github:ann")) is None
    assert role(SignedIn("github", "ann@example.com", repos=frozenset())) is None
    assert role(SignedIn("github", "github:ann", repos=frozenset())) == "viewer"
    assert role(SignedIn("local", "ann@example.com")) is None
    assert role(SignedIn("local", "ann")) is None  # without the stamp of the password


def test_who_comes_from_github_never_sees_all(world: World) -> None:
    sessions = world.process()
    shown = sessions.caller(sessions.begin(SignedIn("github", "github:ann", repos=frozenset({"acme/shop"}))))
    assert shown is not None
    assert shown.repos == frozenset({"acme/shop"})
    assert sessions.caller(sessions.begin(SignedIn("github", "github:ann"))) is None


def test_a_session_that_cannot_be_renewed_ends(world: World) -> None:
    def refuse(session: Session, token: str, now: float) -> Session:
        raise Ended("GitHub says no.")

    token = world.process().begin(world.ann())
    assert world.process(renew=refuse).caller(token) is None
    assert world.process().caller(token) is None


def test_what_was_ended_while_it_was_renewed_stays_at_its_end(world: World) -> None:
    def renew(session: Session, token: str, now: float) -> Session:
        world.process().end(token)
        return Session(**{**session.__dict__, "seen_at": now + 1})

    token = world.process().begin(world.ann())
    world.process(renew=renew).caller(token)
    assert world.stored == []


def test_sweeping_removes_what_has_ended_and_nothing_else(world: World) -> None:
    sessions = world.process()
    sessions.begin(world.ann())
    world.clock.now += 1.5 * HOUR_S
    young = sessions.begin(world.ann())
    world.clock.now += HOUR_S
    assert sessions.sweep() == 1
    assert len(world.stored) == 1
    assert sessions.caller(young)


def test_use_is_noted_now_and_then_and_not_at_every_click(world: World) -> None:
    sessions = world.process()
    token = sessions.begin(world.ann())
    (file,) = world.stored
    written = file.stat().st_mtime_ns, file.read_bytes()
    for _ in range(5):
        world.clock.now += 10
        assert sessions.caller(token)
    assert (file.stat().st_mtime_ns, file.read_bytes()) == written
    world.clock.now += 20
    assert sessions.caller(token)
    assert file.read_bytes() != written[1]
