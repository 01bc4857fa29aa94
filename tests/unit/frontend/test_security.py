"""Security headers: on every answer, and nothing of Streamlit's own on public paths."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
import streamlit.config
from starlette.responses import PlainTextResponse
from starlette.types import Message
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from frontend.security import HEADERS, POLICY, SecurityHeaders, allow_hosts
from tests.conftest import ROOT


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


def test_pages_connect_under_the_names_they_were_given_and_no_others() -> None:
    before = streamlit.config.get_option("server.allowedHosts")
    try:
        streamlit.config.set_option("server.allowedHosts", ["localhost"])
        allow_hosts(["fettle.example.com", "localhost"])
        assert [is_host_allowed(host) for host in ("fettle.example.com", "localhost:8501")] == [True, True]
        assert not is_host_allowed("elsewhere.example.com")
        assert streamlit.config.get_option("server.allowedHosts") == ["localhost", "fettle.example.com"]
    finally:
        streamlit.config.set_option("server.allowedHosts", before)


def test_the_server_has_the_apps_own_settings_from_any_folder(tmp_path: Path) -> None:
    told = (
        "import frontend.server; from streamlit.config import get_option as of; "
        "print(of('client.toolbarMode'), of('theme.light.primaryColor'), of('browser.gatherUsageStats'), "
        "of('server.allowedHosts'))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "FETTLE_UI_HOSTS": "fettle.example.com"}
    command = [sys.executable, "-c", told]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == (
        "viewer #3F5AC8 False ['localhost', '127.0.0.1', '::1', 'fettle.example.com']"
    )
