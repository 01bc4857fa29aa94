"""What a running API says of itself: logs as objects, ids of requests, and figures for Prometheus."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from backend.api.app import create_app
from shared.settings import Settings
from tests.contract.delivering import SECRET, Api, running

KEY = "viewer-key-with-enough-characters"
PATIENCE_S = 30


def get(api: Api, path: str, key: str | None = KEY, **headers: str) -> httpx.Response:
    sent = {**({"X-API-Key": key} if key else {}), **headers}
    return httpx.get(f"http://127.0.0.1:{api.port}/api{path}", headers=sent, timeout=30, trust_env=False)


def lines(api: Api) -> list[dict[str, Any]]:
    """What it logged; each line that is whole has to be an object."""
    return [json.loads(line) for line in api.said.splitlines(keepends=True) if line.endswith("\n")]


def requests_told(api: Api, *ids: str) -> dict[str, dict[str, Any]]:
    """The line of each request by its id, once those with these ids are there: a line follows its answer."""
    deadline = time.monotonic() + PATIENCE_S
    while not set(ids) <= set(
        told := {line["request_id"]: line for line in lines(api) if line["logger"] == "fettle.requests"}
    ):
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
    return told


def figures(api: Api) -> dict[tuple[str, ...], float]:
    """The value of each sample by its name and labels' values."""
    answer = get(api, "/prometheus")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("observing")
    settings = {
        "FETTLE_API_KEYS": f"v:viewer:{KEY}",
        "FETTLE_LOG_FORMAT": "json",
        "FETTLE_LOG_LEVEL": "info",
        "FETTLE_METRICS": "true",
        "FETTLE_TRUSTED_PROXIES": "127.0.0.1",
    }
    with running(folder, **settings) as found:
        yield found


def test_a_request_is_logged_by_its_pattern_under_the_id_it_is_answered_with(api: Api) -> None:
    answer = get(
        api, "/customers/somebody?q=something", **{"X-Request-ID": "given-1", "X-Forwarded-For": "203.0.113.9"}
    )
    assert (answer.status_code, answer.headers["x-request-id"]) == (404, "given-1")
    made = get(api, "/me", **{"X-Request-ID": "x" * 65}).headers["x-request-id"]
    assert len(made) == 32
    told = requests_told(api, "given-1", made)
    assert told["given-1"]["route"] == "/customers/{customer_id}"
    assert (told["given-1"]["status"], told["given-1"]["service"]) == (404, "api")
    assert told[made]["ms"] >= 0
    assert not [secret for secret in (KEY, SECRET, "203.0.113", "something", "somebody") if secret in api.said]


def test_probes_are_not_logged(api: Api) -> None:
    probe = get(api, "/health", None).headers["x-request-id"]
    after = get(api, "/me").headers["x-request-id"]
    assert probe not in requests_told(api, after)


def test_figures_tell_requests_deliveries_folds_and_the_store(api: Api) -> None:
    assert get(api, "/me").status_code == 200
    assert api.deliver("workflow_run", b"{}").status_code == 202
    assert api.deliver("star", b'{"action": "created"}').status_code == 202
    assert api.post(b"{}", {b"X-GitHub-Event": b"push"}).status_code == 401
    deadline = time.monotonic() + PATIENCE_S
    while not (found := figures(api)).get(("fettle_folds_total",)):
        assert time.monotonic() < deadline, found
        time.sleep(0.3)
    assert found["fettle_http_requests_total", "GET", "/me", "200"] >= 1
    assert found["fettle_http_request_duration_seconds_count", "GET", "/me"] >= 1
    deliveries = {labels[1]: value for labels, value in found.items() if labels[0] == "fettle_webhook_deliveries_total"}
    assert deliveries == {"accepted": 1, "unknown": 1, "bad_signature": 1}
    assert found["fettle_folded_lines_total",] >= 1
    assert (found["fettle_store_up",], found["fettle_spool_bytes",]) == (1, 0)
    assert ("fettle_inbox_bytes",) in found
    assert get(api, "/" + "x" * 50).status_code == 404
    assert not [labels for labels in figures(api) if "x" * 50 in "".join(labels)]


def test_figures_are_for_who_has_a_key_and_only_where_they_are_wanted(api: Api, tmp_path: Path) -> None:
    assert get(api, "/prometheus", None).status_code == 401
    app = create_app(Settings.model_validate({"FETTLE_STORE": f"file://{tmp_path}/s", "FETTLE_CACHE": tmp_path / "c"}))
    assert not [path for path in app.openapi()["paths"] if "prometheus" in path]


def test_what_fails_is_answered_with_the_id_that_the_log_has(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(Settings.model_validate({"FETTLE_STORE": f"file://{tmp_path}/s", "FETTLE_CACHE": tmp_path / "c"}))

    @app.get("/api/broken")
    async def broken() -> None:
        raise RuntimeError("as it is meant to")

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get("/api/broken", headers={"X-Request-ID": "given-2"})

    answer = asyncio.run(ask())
    error = answer.json()["error"]
    assert (answer.status_code, answer.headers["x-request-id"], error["request_id"]) == (500, "given-2", "given-2")
    assert "as it is meant to" not in answer.text
    assert "as it is meant to" in caplog.text
