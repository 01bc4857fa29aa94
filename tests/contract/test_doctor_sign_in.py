"""Doctor on sign-in: users, OpenID Connect by a real provider on loopback, GitHub, and whom the lists let in."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import pytest

from backend.__main__ import main
from backend.doctor import examine
from shared.access.user_changes import set_disabled
from shared.settings import load_settings
from tests.contract.signing_in import users_in
from tests.standins.azurite import free_port
from tests.standins.github import GitHubStandin
from tests.standins.oidc import OidcProvider, oidc_provider

SECRET = "verysecret-0123456789"

OIDC = {"FETTLE_OIDC_CLIENT_ID": "fettle", "FETTLE_OIDC_CLIENT_SECRET": SECRET, "FETTLE_SIGN_IN_VIEWERS": "*"}
GITHUB = {
    "FETTLE_GITHUB_CLIENT_ID": "Iv23liAbCdEfGhIjKlMn",
    "FETTLE_GITHUB_CLIENT_SECRET": SECRET,
    "FETTLE_SIGN_IN_ADMINS": "github:ann",
}
NO_ADDRESS_KEY = (
    "sessions need no secret; without FETTLE_ADDRESS_KEY the audit log's addresses cannot be compared from one start "
    "to the next"
)
WELL_KNOWN = "/.well-known/openid-configuration"


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with oidc_provider({}) as found:
        yield found


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> "Said":
    return Said(monkeypatch)


class Said:
    """What doctor says of sign-in with some settings."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, **settings: str) -> list[tuple[bool, str]]:
        for name, value in settings.items():
            self._monkeypatch.setenv(name, value)
        found = [(one.good, one.text) for one in examine(load_settings()) if one.subject == "sign-in"]
        assert SECRET not in str(found)
        return found

    def problems(self, **settings: str) -> list[str]:
        """The problems alone."""
        return [text for good, text in self(**settings) if not good]


@contextmanager
def answering(documents: dict[str, object], status: int = 200) -> Iterator[str]:
    """A server with these documents (path -> JSON, in which ISSUER is its own address), until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = orjson.dumps(documents.get(self.path, {})).replace(b"ISSUER", issuer.encode())
            self.send_response(status if self.path in documents else 404)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_without_sign_in_it_says_who_is_served(said: Said) -> None:
    ((good, text),) = said()
    assert good
    assert text == "none is configured, so the pages serve this machine alone; docs/operate.md tells how people sign in"
    ((good, text),) = said(FETTLE_OPEN_TO_NETWORK="true")
    assert good
    assert "whoever reaches the pages sees and changes everything, so a proxy has to sign people in" in text


def test_people_without_a_provider_are_a_problem(said: Said) -> None:
    assert said.problems(FETTLE_SIGN_IN_OPERATORS="ann@example.com") == [
        "FETTLE_SIGN_IN_OPERATORS names people, but no provider signs them in; set one up (see docs/operate.md)"
    ]


def test_local_users_are_counted_by_role_and_need_nothing_else(said: Said, tmp_path: Path) -> None:
    file = users_in(tmp_path)
    assert said(FETTLE_USERS=str(file))[0] == (True, f"local users of {file}: 1 operator, 1 viewer")
    set_disabled(file, "vic", True)
    found = said()
    assert found[0] == (True, f"local users of {file}: 1 operator; 1 more locked out")
    assert all(good for good, _ in found)
    assert "$2b$" not in str(found)


def test_users_who_cannot_sign_in_are_a_problem(said: Said, tmp_path: Path) -> None:
    file = users_in(tmp_path)
    for name in ("ann", "vic"):
        set_disabled(file, name, True)
    (problem,) = said.problems(FETTLE_USERS=str(file))
    assert problem == (
        f"FETTLE_USERS={str(file)!r} has nobody who may sign in; 2 more locked out; "
        "add somebody with `python -m backend users add NAME --role admin`"
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "cannot be read (No such file or directory); make it with `python -m backend users add NAME`."),
        ("a: [", "is not YAML ("),
        ("users: []", "has nobody who may sign in; add somebody with"),
        ("credentials: {usernames: {ann: {password: verysecret-0123456789}}}", "The password of 'ann' in "),
    ],
)
def test_a_file_of_users_of_no_use_is_a_problem(said: Said, tmp_path: Path, content: str | None, text: str) -> None:
    file = tmp_path / "users.yaml"
    if content is not None:
        file.write_text(content)
    (problem,) = said.problems(FETTLE_USERS=str(file))
    assert text in problem


def test_a_provider_that_answers_is_good_and_says_what_to_register_there(said: Said, provider: OidcProvider) -> None:
    found = said(FETTLE_OIDC_ISSUER=provider.issuer, FETTLE_PUBLIC_URL="https://fettle.example.com", **OIDC)
    assert found == [
        (True, f"OpenID Connect: {provider.issuer} tells where people sign in, and what it signs with"),
        (True, "OpenID Connect: client id and client secret are set"),
        (
            True,
            "OpenID Connect: register https://fettle.example.com/api/auth/oidc/callback there as redirect address",
        ),
        (True, "OpenID Connect: entries of the lists that let people in: 1"),
        (True, NO_ADDRESS_KEY),
    ]


def test_a_provider_at_which_nobody_answers_is_a_problem(said: Said) -> None:
    issuer = f"http://127.0.0.1:{free_port()}"
    (problem,) = said.problems(FETTLE_OIDC_ISSUER=issuer, **OIDC)
    assert problem == (
        f"{issuer}{WELL_KNOWN} does not answer (ConnectionError); correct FETTLE_OIDC_ISSUER, or let this machine "
        "reach it (HTTPS_PROXY, SSL_CERT_FILE)"
    )


@pytest.mark.slow
def test_a_provider_that_accepts_and_never_answers_is_not_waited_for(said: Said) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        issuer = f"http://127.0.0.1:{server.getsockname()[1]}"
        (problem,) = said.problems(FETTLE_OIDC_ISSUER=issuer, **OIDC)
    assert problem.startswith(f"{issuer}{WELL_KNOWN} does not answer (ReadTimeout); ")


WHOLE = {
    "issuer": "ISSUER",
    "authorization_endpoint": "ISSUER/authorize",
    "token_endpoint": "ISSUER/token",
    "jwks_uri": "ISSUER/keys",
}


@pytest.mark.parametrize(
    ("documents", "text"),
    [
        ({}, "{issuer}/.well-known/openid-configuration does not answer (HTTP 404); correct FETTLE_OIDC_ISSUER"),
        ({WELL_KNOWN: ["no", "object"]}, "FETTLE_OIDC_ISSUER='{issuer}': The provider does not answer as one does"),
        ({WELL_KNOWN: WHOLE | {"issuer": "https://evil.example"}}, "The provider calls itself 'https://evil.example'"),
        ({WELL_KNOWN: WHOLE | {"token_endpoint": None}}, "The provider does not tell its token_endpoint;"),
        ({WELL_KNOWN: WHOLE | {"jwks_uri": "http://192.0.2.1/k"}}, "The provider's jwks_uri is not an https address."),
        ({WELL_KNOWN: WHOLE}, "{issuer}/keys does not answer (HTTP 404); "),
        ({WELL_KNOWN: WHOLE, "/keys": {"keys": []}}, "{issuer}/keys has no key of the provider, so nothing that it"),
    ],
)
def test_a_provider_that_nobody_could_sign_in_with_is_a_problem(
    said: Said, documents: dict[str, object], text: str
) -> None:
    with answering(documents) as issuer:
        (problem,) = said.problems(FETTLE_OIDC_ISSUER=issuer, **OIDC)
        assert text.format(issuer=issuer) in problem


def test_a_github_that_is_whole_is_good(said: Said) -> None:
    found = said(FETTLE_PUBLIC_URL="https://fettle.example.com", FETTLE_ADDRESS_KEY=SECRET, **GITHUB)
    assert found == [
        (True, "GitHub: client id and client secret are set"),
        (True, "GitHub: register https://fettle.example.com/api/auth/github/callback there as redirect address"),
        (True, "GitHub: entries of the lists that let people in: 1"),
        (True, "sessions need no secret; FETTLE_ADDRESS_KEY hides the audit log's addresses"),
    ]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"FETTLE_GITHUB_CLIENT_ID": "1234567"}, "FETTLE_GITHUB_CLIENT_ID='1234567' is the app's number; set it to"),
        ({"FETTLE_GITHUB_CLIENT_SECRET": f"{SECRET}\n"}, "FETTLE_GITHUB_CLIENT_SECRET begins or ends with a blank"),
        ({"FETTLE_SIGN_IN_ADMINS": ""}, "GitHub lets nobody in; name people in FETTLE_SIGN_IN_ADMINS, _OPERATORS or"),
        ({"FETTLE_SIGN_IN_ADMINS": "a@b.de"}, "GitHub lets nobody in; name people in FETTLE_SIGN_IN_ADMINS,"),
        ({"FETTLE_SIGN_IN_VIEWERS": "bob"}, "FETTLE_SIGN_IN_VIEWERS has 'bob', which lets nobody in; write ann@exam"),
        ({"FETTLE_SIGN_IN_OPERATORS": "github:*"}, "FETTLE_SIGN_IN_OPERATORS has 'github:*', which lets nobody in;"),
        ({"FETTLE_UI_HOSTS": "f.example.com"}, "nobody beyond this machine can be sent back to the pages; set it, as "),
        ({"FETTLE_ADDRESS_KEY": "short"}, "FETTLE_ADDRESS_KEY has 5 characters, so the audit log's addresses can be"),
        ({"FETTLE_GITHUB_CLIENT_SECRET": ""}, "FETTLE_GITHUB_CLIENT_SECRET is not set; sign-in needs"),
        ({"FETTLE_OIDC_CLIENT_SECRET": SECRET}, "FETTLE_OIDC_ISSUER is not set; sign-in needs FETTLE_OIDC_ISSUER, "),
    ],
)
def test_what_keeps_people_out_is_a_problem(said: Said, settings: dict[str, str], text: str) -> None:
    (problem,) = said.problems(**(GITHUB | settings))
    assert text in problem


def test_without_a_public_address_people_sign_in_on_this_machine(said: Said) -> None:
    found = said(**GITHUB)
    assert all(good for good, _ in found)
    assert found[1][1] == (
        "GitHub: register http://localhost:8501/api/auth/github/callback there as redirect address; "
        "FETTLE_PUBLIC_URL is not set, so people sign in on this machine alone"
    )


def test_a_problem_of_sign_in_ends_the_command_with_1_and_shows_no_secret(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with GitHubStandin() as server:
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        monkeypatch.setenv("GITHUB_TOKEN", server.token)
        assert main(["doctor"]) == 0
        monkeypatch.setenv("FETTLE_GITHUB_CLIENT_SECRET", SECRET)
        assert main(["doctor"]) == 1
    printed = capsys.readouterr()
    assert printed.out.count("PROBLEM") == 1
    assert "PROBLEM  sign-in: FETTLE_GITHUB_CLIENT_ID is not set; sign-in needs " in printed.out
    assert SECRET not in printed.out + printed.err
