"""GitHub's webhooks over real HTTP: what is signed is stored, once; what is not is refused, with no error of ours."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.ingest.fold import fold
from shared.lake.local import LocalStore
from shared.lake.quarantine import quarantine_counts
from shared.lake.tables import Lake
from tests.conftest import NOW
from tests.contract.delivering import SECRET, Api, running, signature
from tests.standins.azurite import ACCOUNT, KEY
from tests.unit.backend.ingest.payloads import workflow_run

RUN = json.dumps(workflow_run("completed", 1, run_id=77, conclusion="success")).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("webhooks")


@pytest.fixture(scope="module")
def api(folder: Path) -> Iterator[Api]:
    with running(folder, GITHUB_WEBHOOK_SECRET=f"another,{SECRET}", FETTLE_TRUSTED_PROXIES="127.0.0.1") as found:
        yield found


@pytest.fixture
def lake(folder: Path, tmp_path: Path) -> Iterator[Lake]:
    """The lake of the running API, with all in it that was acknowledged."""
    lake = Lake(LocalStore(folder / "store"), tmp_path / "reading", lambda: NOW)
    fold(lake)
    yield lake
    lake.close()


def rows(lake: Lake, name: str) -> list[dict[str, Any]]:
    fold(lake)
    return list(lake.tables("real")[name].to_pyarrow().to_pylist())


def count(lake: Lake, name: str) -> int:
    return len(rows(lake, name))


def test_every_example_of_github_is_taken(api: Api, lake: Lake, shared_data: Path) -> None:
    examples = sorted((shared_data / "webhooks").glob("*.json"))
    for path in examples:
        if path.name == "hmac_vector.json":
            continue
        event = path.name.removeprefix("ghes-35.").partition(".")[0]
        answer = api.deliver(event, path.read_bytes())
        assert (answer.status_code, outcome(answer)) in [
            (202, "pong" if event == "ping" else "accepted"),
            (202, "replay"),  # two examples are the same
        ], path.name
    assert quarantine_counts(lake.store) == {}
    states = {(row["kind"], row["number"]): row["state"] for row in rows(lake, "alerts")}
    assert states["dependabot", 1] == "fixed"
    assert {row["action"] for row in rows(lake, "alert_events")} == {"created", "fixed", "dismissed", "reopened"}
    assert {row["run_id"] for row in rows(lake, "workflow_runs")} >= {289782451, 1589141559}
    assert {row["job_id"] for row in rows(lake, "workflow_jobs")} >= {2832853555, 289782451, 12877621891}
    assert count(lake, "pull_requests") >= 1
    assert {row["source"] for row in rows(lake, "alerts")} == {"webhook"}


def test_the_signature_of_githubs_documentation_is_accepted(api: Api, shared_data: Path) -> None:
    vector = json.loads((shared_data / "webhooks" / "hmac_vector.json").read_text())
    assert vector["secret"] == SECRET
    answer = api.deliver("ping", vector["payload"].encode(), X_Hub_Signature_256=vector["signature"])
    assert answer.status_code == 202


def test_both_secrets_are_valid_while_they_are_changed(api: Api) -> None:
    body = b'{"zen": "x"}'
    assert api.deliver("ping", body, X_Hub_Signature_256=signature(body, "another")).status_code == 202
    assert api.deliver("ping", body, X_Hub_Signature_256=signature(body, "third")).status_code == 401


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "",
        "sha1=" + "0" * 40,
        "sha256=" + "0" * 64,
        signature(RUN)[:-1],
        signature(RUN) + "0",
        signature(RUN).removeprefix("sha256="),
        signature(RUN + b" "),
        "sha256=" + "\u00e9" * 64,
        "sha256=" + "\U0001f600" * 16,
    ],
)
def test_a_bad_signature_is_refused_and_is_a_threat(api: Api, lake: Lake, bad: str | None) -> None:
    before = {row["threat_id"] for row in rows(lake, "threats")}
    answer = api.deliver("workflow_run", RUN, X_Hub_Signature_256=bad, X_Forwarded_For="198.51.100.7")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "bad_signature"
    (threat,) = [row for row in rows(lake, "threats") if row["threat_id"] not in before]
    assert (threat["type"], threat["severity"], threat["resolved"]) == ("bad_signature", "medium", False)
    assert len(threat["ip_hash"]) == 32
    assert 77 not in {row["run_id"] for row in rows(lake, "workflow_runs")}


def test_a_delivery_that_is_sent_again_has_no_effect(api: Api, lake: Lake) -> None:
    body = json.dumps(workflow_run("completed", 1, run_id=500)).encode()
    first = api.deliver("workflow_run", body, X_GitHub_Delivery="one")
    again = api.deliver("workflow_run", body, X_GitHub_Delivery="one")
    assert [(a.status_code, outcome(a)) for a in (first, again)] == [(202, "accepted"), (202, "duplicate")]
    assert [row["run_id"] for row in rows(lake, "workflow_runs")].count(500) == 1


def test_an_old_body_under_another_id_is_a_replay_but_not_if_it_is_another_hooks(api: Api, lake: Lake) -> None:
    body = json.dumps(workflow_run("completed", 1, run_id=501)).encode()
    hooks = ["1", "2", "1"]
    said = [outcome(api.deliver("workflow_run", body, X_GitHub_Hook_ID=hook)) for hook in hooks]
    assert said == ["accepted", "duplicate", "replay"]
    threats = [row for row in rows(lake, "threats") if row["type"] == "replay"]
    assert len([row for row in threats if "501" in row["raw_excerpt"] or row["severity"] == "low"]) >= 1


def test_events_of_which_we_know_nothing_are_taken_and_counted(api: Api, lake: Lake) -> None:
    answer = api.deliver("sponsorship", b"{}")
    assert (answer.status_code, outcome(answer)) == (202, "unknown")
    deadline = time.monotonic() + 20
    while "sponsorship" not in lake.document("webhook_counts").get("events", {}):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert lake.document("webhook_counts")["events"]["sponsorship"]["unknown"] == 1


def test_what_is_signed_and_makes_no_sense_is_in_quarantine(api: Api, lake: Lake) -> None:
    before = sum(quarantine_counts(lake.store).values())
    for body in (b"Hello, World!", b"[]", b"\xff\xfe", b"{}", b""):
        assert api.deliver("workflow_run", body).status_code == 202
    fold(lake)
    assert sum(quarantine_counts(lake.store).values()) == before + 5


def test_a_form_is_understood(api: Api, lake: Lake) -> None:
    from urllib.parse import urlencode

    payload = json.dumps(workflow_run("completed", 1, run_id=502, name="a&b=ü"))
    body = urlencode({"payload": payload}).encode()
    answer = api.deliver("workflow_run", body, Content_Type="application/x-www-form-urlencoded")
    assert answer.status_code == 202
    assert 502 in {row["run_id"] for row in rows(lake, "workflow_runs")}


def test_a_body_beyond_the_limit_is_refused_unread(api: Api) -> None:
    with socket.create_connection(("127.0.0.1", api.port)) as client:
        client.sendall(
            b"POST /api/webhooks/github HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: ping\r\nContent-Length: 25000001\r\n\r\n"
        )
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_odd_requests_are_answered_and_never_with_an_error_of_ours(api: Api) -> None:
    address = "127.0.0.1", api.port
    odd = [
        b"POST /api/webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        b"POST /api/webhooks/github HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: \xff\xfe\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /api/webhooks/github HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: \xe9\r\nContent-Length: 0\r\n\r\n",
        b"GET /api/webhooks/github HTTP/1.1\r\nHost: x\r\n\r\n",
    ]
    for request in odd:
        with socket.create_connection(address) as client:
            client.sendall(request)
            status = int(client.recv(100).split()[1])
            assert 400 <= status < 500
    with socket.create_connection(address) as client:  # hangs up in the middle
        client.sendall(b"POST /api/webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert api.deliver("ping", b"{}").status_code == 202
    assert "Traceback" not in api.said


def test_without_a_secret_nothing_is_taken(tmp_path: Path) -> None:
    with running(tmp_path, GITHUB_WEBHOOK_SECRET="") as server:
        answer = server.deliver("ping", b"{}")
        assert answer.status_code == 503
        assert "GITHUB_WEBHOOK_SECRET" in answer.json()["error"]["message"]


class _Meta(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"hooks": ["192.0.2.0/24", "2001:db8::/32"]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silence."""


def test_only_githubs_networks_may_deliver_where_that_is_set(tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Meta)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    settings = {
        "FETTLE_WEBHOOK_NETWORKS": "github,203.0.113.9",
        "FETTLE_TRUSTED_PROXIES": "127.0.0.0/8",
        "GITHUB_API_URL": f"http://127.0.0.1:{server.server_port}",
    }
    with running(tmp_path, **settings) as api:
        deadline = time.monotonic() + 10
        while api.deliver("ping", b"{}", X_Forwarded_For="192.0.2.7").status_code == 503:
            assert time.monotonic() < deadline
        taken = ["192.0.2.7", "2001:db8::1", "203.0.113.9", "1.2.3.4, 192.0.2.7", "192.0.2.7, 127.0.0.1"]
        refused = ["198.51.100.1", "192.0.2.7, 198.51.100.1", "nonsense", "", None]
        assert {api.deliver("ping", b"{}", X_Forwarded_For=one).status_code for one in taken} == {202}
        assert {api.deliver("ping", b"{}", X_Forwarded_For=one).status_code for one in refused} == {403}
    server.shutdown()
    server.server_close()


def test_a_full_spool_is_said_with_when_to_come_again(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        endpoint = f"http://127.0.0.1:{hanging.getsockname()[1]}/{ACCOUNT}"
        connection = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};"
        settings = {"FETTLE_STORE": "az://fettle", "AZURE_STORAGE_CONNECTION_STRING": connection}
        with running(tmp_path, FETTLE_SPOOL_LIMIT=str(int(1.5 * len(RUN))), **settings) as api:
            began = time.monotonic()
            assert send(api, 1).status_code == 202
            assert time.monotonic() - began < 5
            refused = send(api, 2), send(api, 3)
            assert {answer.status_code for answer in refused} == {503}
            assert int(refused[0].headers["retry-after"]) > 0
            assert "FETTLE_SPOOL_LIMIT" in refused[0].json()["error"]["message"]
            api.process.kill()  # to end in peace it would wait for the store


def outcome(answer: httpx.Response) -> str:
    return answer.headers["x-fettle-delivery"]


def send(api: Api, run_id: int) -> Any:
    return api.deliver("workflow_run", json.dumps(workflow_run("completed", 1, run_id=run_id)).encode())
