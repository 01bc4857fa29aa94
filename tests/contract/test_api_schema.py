"""The API keeps to its own description, whatever is sent to it: no answer is an error of ours."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.contract.delivering import running

KEY = "admin-key-with-enough-characters"

NOT_HERE = r"/api/demo-data.*"
"""What takes long to do."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("schema")
    with running(folder, FETTLE_API_KEYS=f"a:admin:{KEY}", FETTLE_RATE_LIMIT="1000000/minute") as api:
        yield f"http://127.0.0.1:{api.port}"


@pytest.fixture(scope="module")
def schema(base: str) -> Any:
    told = httpx.get(f"{base}/api/openapi.json", headers={"X-API-Key": KEY}, timeout=30, trust_env=False).json()
    return schemathesis.openapi.from_dict(told).exclude(path_regex=NOT_HERE)


def try_everything(schema: Any, base: str, examples: int) -> None:
    """Each operation with values that its description allows."""
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(operation.as_strategy())
        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        def check(case: Any) -> None:
            answer = case.call(base_url=base, headers={"X-API-Key": KEY}, timeout=60)
            assert answer.status_code < 500, (case.method, case.path, case.query, case.body, answer.text)
            assert "Traceback" not in answer.text
            if answer.status_code >= 400:
                assert answer.json()["error"]["message"]

        check()
        tried += 1
    assert tried > 25


def test_no_answer_is_an_error_of_ours(schema: Any, base: str) -> None:
    try_everything(schema, base, 2)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_no_answer_of_many_is_an_error_of_ours(schema: Any, base: str) -> None:
    try_everything(schema, base, 150)


def test_openapi_has_an_example_of_each_body(base: str) -> None:
    told = httpx.get(f"{base}/api/openapi.json", headers={"X-API-Key": KEY}, timeout=30, trust_env=False).json()
    bodies = {
        f"{method} {path}": operation["requestBody"]["content"]
        for path, operations in told["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation
    }
    assert bodies
    written = ("/api/events", "/api/requests", "/api/feedback", "/api/threats", "/api/customers")
    shown = {"/api/poll": "Poll", "/api/refresh": "Refresh", "/api/backfill": "Backfill"}
    for path, model in shown.items():
        assert model in str(bodies[f"post {path}"]["application/json"]), path
        assert told["components"]["schemas"][model]["example"], path
    for path in written:
        assert "example" in bodies[f"post {path}"]["application/json"], path
