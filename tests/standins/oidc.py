"""An OpenID Connect provider on loopback: oidc-provider-mock, in a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tests.standins.azurite import free_port

START_TIMEOUT_S = 60


@dataclass(frozen=True)
class OidcProvider:
    """A running provider; its users are known by what they type as subject."""

    issuer: str

    def agree(self, address: str, subject: str, action: str = "authorize") -> str:
        """Does what a person does at the provider, and returns the address that they are sent back to."""
        with httpx.Client(trust_env=False, timeout=30) as client:
            form = client.get(address)
            assert form.status_code == 200, form.text
            answer = client.post(address, data={"sub": subject, "action": action})
            assert answer.status_code == 302, answer.text
            return answer.headers["location"]


@contextmanager
def oidc_provider(users: Mapping[str, Mapping[str, object]]) -> Iterator[OidcProvider]:
    """A provider with these users (subject -> claims), until the end of the block."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    for subject, claims in users.items():
        command += ["--user-claims", json.dumps({"sub": subject, **claims})]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        issuer = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_TIMEOUT_S
        while not _answers(f"{issuer}/.well-known/openid-configuration"):
            assert process.poll() is None, f"the provider ended with {process.returncode}"
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield OidcProvider(issuer)
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False
