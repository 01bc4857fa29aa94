"""Serving: the pages and the API as two watched processes, started by their module paths."""

import ctypes
import ipaddress
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from backend.terminal import UNUSABLE, report
from shared.access.providers import check_providers
from shared.errors import FettleError
from shared.lake.opening import open_store
from shared.settings import Settings, split_store

ROOT = Path(__file__).parents[1]

WATCH_S = 0.2
GRACE_S = 10.0
"""How long a process may take to end its requests before it is killed."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
STEADY_S = 60.0
"""A process that lived this long starts its pauses from the beginning when it ends."""


_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


class ServeError(FettleError):
    """What was asked for cannot be served."""


@dataclass
class Service:
    """One watched process."""

    name: str
    address: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    starts: int = 0
    pause_s: float = FIRST_PAUSE_S
    due: float = field(default=0.0)

    def start(self) -> None:
        """Starts the process; it finds the project by `--app-dir`, whatever the working directory is."""
        self.process = subprocess.Popen(self.command, preexec_fn=_end_with_supervisor)  # noqa: S603, PLW1509 - ours
        self.started = time.monotonic()
        self.starts += 1

    @property
    def refused(self) -> bool:
        """Whether its very first process ended because the settings are of no use, and has said so."""
        return self.starts == 1 and self.process is not None and self.process.poll() == UNUSABLE

    def watch(self, now: float) -> None:
        """Starts the process again if it has ended, after a pause that grows while it keeps ending."""
        if self.process is None:
            if now >= self.due:
                self.start()
            return
        if (code := self.process.poll()) is None:
            return
        self.pause_s = FIRST_PAUSE_S if now - self.started > STEADY_S else min(self.pause_s * 2, LONGEST_PAUSE_S)
        report(f"The {self.name} process ended ({_ending(code)}); it is started again in {self.pause_s:.0f} s.")
        self.process, self.due = None, now + self.pause_s

    def stop(self) -> None:
        """Asks the process to end."""
        if self.process is not None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Waits for the process to end, and kills it at the deadline."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve(settings: Settings, part: str, host: str, ui_port: int, api_port: int) -> int:
    """Serves until SIGINT or SIGTERM and returns 0, or 1 if a process has no use for the settings from the start.

    Raises ServeError or SettingsError.
    """
    _check_host(settings, part, host)
    split_store(settings.store)  # a wrong setting is one sentence here, not a process that keeps ending
    services = [service for name, service in _services(host, ui_port, api_port).items() if part in ("all", name)]
    for service in services:
        _check_port(host, ui_port if service.name == "ui" else api_port, service.name)
    stopping = _stop_on_signals()
    for service in services:
        service.start()
        report(f"Serving the {service.name} on {service.address}")
    if settings.fixed_now:
        report(f"The clock stands still at {settings.fixed_now:%Y-%m-%d %H:%M} UTC (FETTLE_NOW).")
    code = _watch(services, stopping)
    for service in services:
        service.stop()
    deadline = time.monotonic() + GRACE_S
    for service in services:
        service.wait(deadline)
    return code


def _watch(services: list[Service], stopping: threading.Event) -> int:
    while not stopping.wait(WATCH_S):
        for service in services:
            if service.refused:
                return 1
            service.watch(time.monotonic())
    return 0


def _services(host: str, ui_port: int, api_port: int) -> dict[str, Service]:
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return {
        "ui": Service(
            "ui", f"http://{shown}:{ui_port}", _uvicorn("frontend.server:app", host, ui_port, "--no-proxy-headers")
        ),
        "api": Service(
            "api",
            f"http://{shown}:{api_port}/api",
            _uvicorn("backend.api.app:create", host, api_port, "--factory", "--no-proxy-headers"),
        ),
    }


def _uvicorn(target: str, host: str, port: int, *more: str) -> list[str]:
    return [
        sys.executable, "-m", "uvicorn", target, "--app-dir", str(ROOT), "--host", host, "--port", str(port),
        "--log-level", "warning", "--no-access-log", "--no-server-header", *more,
    ]  # fmt: skip


def _end_with_supervisor() -> None:
    """On Linux the kernel ends a process whose supervisor was killed, so that nobody unwatched keeps the port."""
    if _PRCTL:
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _check_host(settings: Settings, part: str, host: str) -> None:
    """Who is not asked for a name or a key may be on this machine alone, unless the operator says what protects it."""
    check_providers(settings)
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if loopback or settings.open_to_network or settings.signs_in or (part == "api" and _has_keys(settings)):
        return
    needed = "no key of the API is made and no sign-in is configured" if part == "api" else "no sign-in is configured"
    raise ServeError(
        f"--host {host} would show the data to everyone who reaches it, since {needed}; serve on 127.0.0.1, have "
        "people sign in (FETTLE_USERS; see docs/operate.md), or put a proxy in front that does and set "
        "FETTLE_OPEN_TO_NETWORK=true."
    )


def _has_keys(settings: Settings) -> bool:
    from shared.access.keys import KeyRing, keys_of_settings  # only now: most start without looking for them

    fixed = keys_of_settings(settings.api_keys.get_secret_value() if settings.api_keys else "")
    return KeyRing(open_store(settings), fixed).any()


def _check_port(host: str, port: int, name: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(
                f"The {name} cannot listen on {host}:{port}: {error.strerror}; "
                f"end the program that uses it, or pass --{name}-port."
            ) from error


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, stop)
    return stopping


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
