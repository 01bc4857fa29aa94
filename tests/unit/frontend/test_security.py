"""Security headers: on every answer, and nothing of Streamlit's own on public paths."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message

from frontend.security import HEADERS, POLICY, SecurityHeaders


def get(path: str) -> tuple[int, dict[str, str]]:
    """The status and headers of an answer to GET."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    asyncio.run(SecurityHeaders(PlainTextResponse("page"))(scope, receive, send))
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_every_answer_carries_the_headers() -> None:
    status, headers = get("/workflows")
    assert status == 200
    assert {name.lower(): value for name, value in HEADERS.items()}.items() <= headers.items()


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/interact", "/sub/_stcore/metrics"])
def test_streamlits_own_figures_are_not_public(path: str) -> None:
    status, headers = get(path)
    assert status == 404
    assert "content-security-policy" in headers


def test_only_streamlits_own_script_runs_inline() -> None:
    assert "'unsafe-inline'" not in POLICY.split("style-src")[0]
    assert "'sha256-" in POLICY
    assert "frame-ancestors 'none'" in POLICY
