"""The image: what its file says, and what comes out of it as far as that can be told without an engine."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend import alive
from tests.infra.image import DOCKERFILE, Image, build, everybody_may_run, instructions, interpreter
from tests.standins.azurite import free_port

BASE_MB = 130
"""python:3.11-slim-bookworm, unpacked; an estimate, as the base cannot be fetched everywhere."""

LARGEST_MB = 900
SLOWEST_START_S = 10.0

UNPRIVILEGED = 65534


def test_the_base_is_pinned_and_nothing_runs_as_root() -> None:
    bases = [rest for name, rest in instructions() if name == "FROM"]
    assert len(bases) == 2
    assert len({re.sub(" AS .*", "", base) for base in bases}) == 1
    assert all(re.match(r"python:3\.11\.\d+-slim-bookworm@sha256:[0-9a-f]{64}\b", base) for base in bases)
    users = [rest for name, rest in instructions() if name == "USER"]
    assert [user.isdigit() and int(user) > 999 for user in users] == [True]
    assert "requirements-dev" not in DOCKERFILE.read_text(encoding="utf-8")


def test_the_health_check_asks_for_what_is_served_and_nothing_else() -> None:
    def ports(command: str) -> dict[str, int]:
        return {name: port for name, port, _ in alive.checked(["python", "-m", "backend", *command.split()])}

    assert ports("serve") == {"ui": 8501, "api": 8502}
    assert ports("serve ui --host 0.0.0.0 --ui-port 80") == {"ui": 80}
    assert ports("serve --host 0.0.0.0 api") == {"api": 8502}
    assert ports("collect --org acme") == {}


def test_what_does_not_answer_is_not_alive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = tmp_path / "cmdline"
    arguments.write_text(f"python\0-m\0backend\0serve\0api\0--api-port\0{(port := free_port())}\0")
    assert alive.main(arguments) == 1
    assert capsys.readouterr().out == f"port {port}: ConnectionRefusedError\n"
    arguments.write_text("python\0-m\0backend\0collect\0")
    assert alive.main(arguments) == 0


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """What the Dockerfile makes, read-only, in a folder that everybody may look into."""
    if sys.version_info[:2] != (3, 11):
        pytest.skip("the image has Python 3.11")
    folder = Path(tempfile.mkdtemp(prefix="fettle-image-"))
    folder.chmod(0o755)
    try:
        built = build(folder / "root")
        subprocess.run(["chmod", "-R", "a-w,a+rX", str(built.root)], check=True)
        yield built
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(folder)], check=False)
        shutil.rmtree(folder)


@pytest.fixture
def data(image: Image) -> Iterator[Path]:
    """The one place that may be written."""
    folder = image.root.parent / "data"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
    yield folder
    shutil.rmtree(folder)


def unprivileged() -> list[str]:
    """What a command is started by, so that it has no more rights than in a container without capabilities."""
    if os.geteuid() != 0:
        return []
    if not everybody_may_run(interpreter()):
        pytest.skip("no Python here may be run by an account without rights")
    drop = ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    return ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups", *drop]


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own server
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"serve ended with {process.returncode}")


def processor_s(pid: int) -> float:
    """Seconds for which processors have worked for a process and its children so far."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_s(int(child)) for child in children)


def greeting(port: int, host: str) -> str:
    """How the pages answer a browser that wants their connection under a name."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        asked = {
            "Host": host, "Origin": f"https://{host}", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }  # fmt: skip
        lines = ["GET /_stcore/stream HTTP/1.1", *(f"{name}: {value}" for name, value in asked.items()), "", ""]
        line.sendall("\r\n".join(lines).encode())
        return line.recv(64).decode().split("\r\n")[0]


@pytest.mark.slow
def test_the_image_is_small(image: Image) -> None:
    print(f"{image.size_mb:.0f} MB and the base's {BASE_MB} MB")
    assert image.size_mb + BASE_MB <= LARGEST_MB
    assert not list(image.root.glob("venv/lib/*/site-packages/pytest*"))
    assert not (image.root / "fettle/tests").exists()


@pytest.mark.slow
def test_it_serves_within_seconds_with_a_read_only_root_no_home_and_no_rights(
    image: Image, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ui, api = free_port(), free_port()
    environment = {name: value.replace("/data", str(data)) for name, value in image.environment.items()}
    environment |= {"PATH": f"{image.root}/venv/bin:/usr/bin:/bin", "HOME": "/nonexistent", "TMPDIR": str(data)}
    environment["FETTLE_UI_HOSTS"] = "fettle.example.com"
    program = [str(image.root / "venv/bin/python"), *image.entrypoint[1:]]
    command = [*program, "serve", "--ui-port", str(ui), "--api-port", str(api)]
    before = tree(image.root)
    began = time.monotonic()
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(
            [*unprivileged(), *command], cwd=image.root / "fettle", env=environment, stdout=said, stderr=said
        )
    try:
        wait_for(f"http://127.0.0.1:{api}/api/health", process)
        wait_for(f"http://127.0.0.1:{ui}/_stcore/health", process)
        took = time.monotonic() - began
        worked = processor_s(process.pid)
        print(f"serves after {took:.1f} s, for which processors worked {worked:.1f} s")
        assert min(took, worked) <= SLOWEST_START_S, "the machine may be busy with something else, the server not"
        asked = tmp_path / "cmdline"
        asked.write_text("\0".join(command))
        assert alive.main(asked) == 0
        assert "101" in greeting(ui, "fettle.example.com")
        assert "403" in greeting(ui, "elsewhere.example.com")
        assert Path(f"/proc/{process.pid}/status").read_text().count("CapEff:\t0000000000000000") == bool(
            unprivileged()
        )
    finally:
        process.terminate()
        assert process.wait(20) == 0, (tmp_path / "said").read_text()
    assert tree(image.root) == before
    assert "Traceback" not in (tmp_path / "said").read_text()


@pytest.mark.slow
def test_the_same_image_imports_and_tells_figures(image: Image, data: Path, run: Callable[..., str]) -> None:
    runs = "run_id,run_attempt,repo,conclusion,created_at,run_started_at,updated_at\n"
    (data / "runs.csv").write_text(
        f"{runs}1,1,octo/robot,success,2026-03-01T10:00:00Z,2026-03-01T10:00:00Z,2026-03-01T10:05:00Z\n"
    )
    assert "1 runs read, 1 new or changed" in run("import", "runs", str(data / "runs.csv"))
    assert "collect" in run("--help")


@pytest.fixture
def run(image: Image, data: Path) -> Callable[..., str]:
    def run(*arguments: str) -> str:
        environment = {name: value.replace("/data", str(data)) for name, value in image.environment.items()}
        environment |= {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TMPDIR": str(data)}
        done = subprocess.run(
            [*unprivileged(), str(image.root / "venv/bin/python"), *image.entrypoint[1:], *arguments],
            cwd=image.root / "fettle", env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


def tree(root: Path) -> dict[str, int]:
    return {path.as_posix(): path.lstat().st_mtime_ns for path in root.rglob("*")}
