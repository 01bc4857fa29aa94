"""Azurite: Microsoft's own emulator of the Azure Blob protocol, as a process on loopback."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[1] / "node" / "node_modules" / ".bin" / "azurite-blob"

# Azurite's published account, the same on every machine; no secret.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

START_TIMEOUT_S = 30


@dataclass
class Azurite:
    """A running Azurite; `process` may be stopped (SIGSTOP) or killed to play an outage."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def connection_string(self) -> str:
        """What AZURE_STORAGE_CONNECTION_STRING would hold."""
        return (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
            f"BlobEndpoint=http://127.0.0.1:{self.port}/{ACCOUNT};"
        )

    @classmethod
    @contextmanager
    def start(cls) -> Iterator["Azurite"]:
        """Starts Azurite on a free port and ends it afterwards. Skips the test where it is not installed."""
        if not PROGRAM.exists():
            pytest.skip("Azurite is not installed; run `make test-tools`")
        port = free_port()
        process = subprocess.Popen(
            [
                str(PROGRAM), "--blobHost", "127.0.0.1", "--blobPort", str(port),
                "--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait_for(port, process)
            yield cls(port, process)
        finally:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"Azurite ended at once with code {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"Azurite did not listen on port {port} within {START_TIMEOUT_S} s")
