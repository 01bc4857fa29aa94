"""Steps of bad_input.feature: the real command line, with real faults behind it."""

import re
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from tests.features.terminal import PROGRESS, WRONG_KEY, SmallDisk, Terminal
from tests.standins.azurite import ACCOUNT, KEY, Azurite, free_port
from tests.standins.github import EVERYTHING, GitHubStandin, Token, faults
from tests.standins.github.tokens import DEPENDABOT

ROOT = Path(__file__).parents[2]

scenarios("bad_input.feature")


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    with ExitStack() as closing:
        yield Terminal(tmp_path, monkeypatch, capsys, closing)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


# --- what is there


@given(parsers.parse('I have imported {count:d} workflow runs of "{repo}"'))
def _(terminal: Terminal, count: int, repo: str) -> None:
    write_runs(terminal.folder / "two.csv", count, repo)
    (terminal.folder / "taken").write_text("a file where a folder should be")
    terminal.run("import runs two.csv")
    assert terminal.code == 0


@given(parsers.parse('GitHub has "{repo}" with {count:d} workflow runs'))
def _(terminal: Terminal, shared_data: Path, repo: str, count: int) -> None:
    if terminal.gh is None:
        terminal.gh = terminal.closing.enter_context(GitHubStandin())
        terminal.set(GITHUB_API_URL=terminal.gh.url, GITHUB_TOKEN=terminal.gh.token)
        terminal.gh.state.create_org(repo.partition("/")[0])
    # A new one: a first collection works out the health of each past day on which any repository was there.
    terminal.gh.state.create_repo(repo, created_at=at_github(timedelta(days=2)))
    for number in range(count):
        terminal.gh.state.new_run(repo, at=datetime.now(UTC) - timedelta(hours=number), jobs=())


@given(parsers.parse('my token is "{token}"'))
def _(terminal: Terminal, token: str) -> None:
    terminal.set(GITHUB_TOKEN=token)


@given("my token may not read Dependabot alerts")
def _(terminal: Terminal) -> None:
    assert terminal.gh is not None
    token = Token("ghp_narrow", kind="fine-grained", permissions=EVERYTHING - {DEPENDABOT})
    terminal.set(GITHUB_TOKEN=terminal.gh.state.tokens.add(token).value)


@given(parsers.parse('GitHub refuses everything of "{repo}"'))
def _(terminal: Terminal, repo: str) -> None:
    assert terminal.gh is not None
    terminal.gh.faults.add(faults.forbidden(), path=f"/repos/{repo}/", times=None)


@given("nobody answers at GITHUB_API_URL")
def _(terminal: Terminal) -> None:
    terminal.set(GITHUB_TOKEN="ghp_any", GITHUB_API_URL=f"http://127.0.0.1:{free_port()}")


@given(parsers.parse('a file "{file}" that is {what}'))
def _(terminal: Terminal, file: str, what: str) -> None:
    path = terminal.folder / file
    if match := re.fullmatch(r"(\d+) workflow runs", what):
        write_runs(path, int(match[1]), "octo/robot")
        return
    contents = {
        "cut-off JSON": b'{"workflow_runs": [{"id": 1, "run_number": 1, "crea',
        "damaged gzip": b"\x1f\x8b\x08\x00 and then something else",
        "empty": b"",
        "an Excel file": b"PK\x03\x04 and so on",
        "a web page": b"<!doctype html><title>Sign in to GitHub</title>",
        "a table of other": b"number,rule_id,severity,created_at\n1,py/x,high,2026-03-01T00:00:00Z\n",
    }
    path.write_bytes(contents[what])


@given("somebody cut off a partition")
def _(terminal: Terminal) -> None:
    part = next((terminal.folder / ".fettle/store/tables/workflow_runs").glob("*/part.parquet"))
    whole = part.read_bytes()
    part.unlink()  # the cache may hold a link to it
    part.write_bytes(whole[: len(whole) // 2])


@given("a store on a small disk with 2 workflow runs")
def _(terminal: Terminal, small_disk: SmallDisk) -> None:
    terminal.disk = small_disk
    terminal.sound = {"FETTLE_STORE": f"file://{small_disk.folder}/store"}
    terminal.set(**terminal.sound)
    terminal.run("import runs two.csv")
    assert terminal.code == 0


@given("a cache on a small disk")
def _(terminal: Terminal, small_disk: SmallDisk) -> None:
    terminal.disk = small_disk
    terminal.set(FETTLE_CACHE=str(small_disk.folder / "cache"))
    terminal.run("metrics success_rate")
    assert terminal.code == 0


@given("the disk is full")
def _(terminal: Terminal) -> None:
    assert terminal.disk is not None
    terminal.disk.fill()


@given("the disk is nearly full")
def _(terminal: Terminal) -> None:
    assert terminal.disk is not None
    terminal.disk.fill(leaving=32_768)


@given(parsers.re(r'(?P<variable>[A-Z_]+) is "(?P<value>[^"]+)"$'))
def _(terminal: Terminal, variable: str, value: str) -> None:
    terminal.set(**{variable: value})


@given("an Azure store at a closed port")
def _(terminal: Terminal) -> None:
    terminal.set(**azure(free_port()))


@given("an Azure store that hangs")
def _(terminal: Terminal) -> None:
    server = terminal.closing.enter_context(Azurite.start())
    server.process.send_signal(signal.SIGSTOP)
    terminal.set(**azure(server.port))


@given("an Azure store with a wrong key")
def _(terminal: Terminal, azurite: Azurite) -> None:
    terminal.set(**azure(azurite.port, WRONG_KEY))


@given("an Azure store without a container")
def _(terminal: Terminal, azurite: Azurite) -> None:
    terminal.set(**azure(azurite.port) | {"FETTLE_STORE": "az://never-made"})


@given("an Azure store with a malformed connection string")
def _(terminal: Terminal) -> None:
    terminal.set(FETTLE_STORE="az://fettle", AZURE_STORAGE_CONNECTION_STRING=f"Account;{KEY}")


# --- what happens


@when(parsers.re(r'I run "(?P<line>[^"]+)"$'))
def _(terminal: Terminal, line: str) -> None:
    terminal.run(line)


@when(parsers.parse('I run "{line}" as a process'))
def _(terminal: Terminal, line: str) -> None:
    terminal.run_as_process(line)


@when(parsers.parse('I run "{line}" where no file may be larger than {size:d} kB'))
def _(terminal: Terminal, line: str, size: int) -> None:
    terminal.run_as_process(line, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size * 1024, size * 1024)))


@when("there is room again")
def _(terminal: Terminal) -> None:
    assert terminal.disk is not None
    terminal.disk.free()


# --- what is told and kept


@then(parsers.parse("it ends with exit code {code:d}"))
def _(terminal: Terminal, code: int) -> None:
    assert terminal.code == code, terminal.out + terminal.err
    assert "Traceback" not in terminal.out


@then(parsers.re(r'one sentence names "(?P<thing>[^"]+)" and says "(?P<advice>.+)"$'))
def _(terminal: Terminal, thing: str, advice: str) -> None:
    complaints = [line for line in terminal.err.splitlines() if not PROGRESS.match(line)]
    assert len(complaints) == 1, terminal.err
    (sentence,) = complaints
    assert sentence.startswith("fettle: ")
    assert "Traceback" not in sentence
    assert "should not have happened" not in sentence
    assert thing.removeprefix("file://") in sentence
    assert advice in sentence
    assert sentence.endswith(".") or "README" in sentence


@then(parsers.parse('it prints "{text}"'))
def _(terminal: Terminal, text: str) -> None:
    assert text in terminal.out
    assert "fettle:" not in terminal.err


@then(parsers.parse("it took less than {seconds:d} seconds"))
def _(terminal: Terminal, seconds: int) -> None:
    assert terminal.seconds < seconds


@then("standard error holds a traceback")
def _(terminal: Terminal) -> None:
    assert "Traceback (most recent call last)" in terminal.err
    assert "StoreUnreachable" in terminal.err


@then(parsers.parse("there are {count:d} workflow runs"))
def _(terminal: Terminal, count: int) -> None:
    assert len(terminal.rows("workflow_runs")) == count


@then(parsers.parse('the ledger says "{outcome}" for "{dataset}" of "{repo}"'))
def _(terminal: Terminal, outcome: str, dataset: str, repo: str) -> None:
    rows = terminal.rows("collections")
    assert [row["outcome"] for row in rows if (row["dataset"], row["repo"]) == (dataset, repo)] == [outcome]


def write_runs(path: Path, count: int, repo: str) -> None:
    """A table of workflow runs of yesterday, with texts that cannot be compressed."""
    dice = Random(7)
    lines = ["run_id,run_attempt,repo,conclusion,head_sha,created_at,run_started_at,updated_at"]
    at = at_github(timedelta(days=1))
    lines += [f"{number},1,{repo},success,{dice.randbytes(20).hex()},{at},{at},{at}" for number in range(1, count + 1)]
    path.write_text("\n".join(lines) + "\n")


def at_github(ago: timedelta) -> str:
    """A time in the past as GitHub writes it."""
    return f"{datetime.now(UTC) - ago:%Y-%m-%dT%H:%M:%SZ}"


def azure(port: int, key: str = KEY) -> dict[str, str]:
    """The environment that names a store in Azurite."""
    return {
        "FETTLE_STORE": "az://fettle/lake",
        "AZURE_STORAGE_CONNECTION_STRING": (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};"
            f"BlobEndpoint=http://127.0.0.1:{port}/{ACCOUNT};"
        ),
    }
