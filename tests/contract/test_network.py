"""The way to GitHub: through a proxy, and past certificates that a private authority signed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.collect.connection.obstacles import BUNDLES
from backend.collect.github import GitHub
from backend.collect.problems import Unavailable
from shared.errors import SettingsError
from tests.contract.collecting import Hours
from tests.standins.authority import server_context
from tests.standins.azurite import free_port
from tests.standins.github import GitHubStandin
from tests.standins.proxy import Proxy

NAME = "github.example"
PASSWORD = "verysecret"


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the proxies and authorities of the machine it runs on."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in BUNDLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def plain(shared_data: Path) -> Iterator[GitHubStandin]:
    with GitHubStandin() as gh:
        yield gh


@pytest.fixture(scope="module")
def private(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GitHubStandin, Path]]:
    """A GitHub that speaks https under NAME and 127.0.0.1, and the authority that vouches for it."""
    context, authority = server_context(tmp_path_factory.mktemp("tls"), NAME)
    with GitHubStandin(tls=context) as gh:
        yield gh, authority


def ask(gh: GitHubStandin, url: str, hours: Hours | None = None) -> int:
    return GitHub(gh.token, url, timeout_s=5.0, clock=(hours or Hours()).time).get("/rate_limit").status


def problem_of(gh: GitHubStandin, url: str) -> tuple[str, int]:
    """What is said of a GitHub that cannot be reached, and how often it was asked again."""
    hours = Hours()
    with pytest.raises(Unavailable) as caught:
        ask(gh, url, hours)
    assert PASSWORD not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value), len(hours.naps)


@pytest.mark.parametrize("variable", BUNDLES)
def test_a_private_authority_is_trusted_if_the_environment_says_so(
    private: tuple[GitHubStandin, Path], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    gh, authority = private
    monkeypatch.setenv(variable, str(authority))
    assert ask(gh, gh.url) == 200


def test_an_unknown_authority_is_told_at_once_with_the_variable_to_set(private: tuple[GitHubStandin, Path]) -> None:
    gh, _ = private
    text, naps = problem_of(gh, gh.url)
    assert text == (
        "The certificate of 127.0.0.1 is not trusted (unable to get local issuer certificate); set SSL_CERT_FILE "
        "to a PEM file with the authority that signed it, or check GITHUB_API_URL."
    )
    assert naps == 0


def test_a_certificate_of_another_host_is_told_at_once(
    private: tuple[GitHubStandin, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    gh, authority = private
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    text, naps = problem_of(gh, gh.url.replace("127.0.0.1", "localhost"))
    assert text.startswith("The certificate of localhost is not trusted (Hostname mismatch")
    assert "set REQUESTS_CA_BUNDLE to a PEM file" in text
    assert naps == 0


@pytest.mark.parametrize("variable", BUNDLES)
def test_authorities_that_are_not_there_are_told_before_anything_is_asked(
    private: tuple[GitHubStandin, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    gh, _ = private
    (tmp_path / "empty.pem").write_text("no certificate")
    for name, why in (("none.pem", "does not exist"), ("empty.pem", "holds no certificate that can be read")):
        monkeypatch.setenv(variable, str(tmp_path / name))
        with pytest.raises(SettingsError, match=re.escape(f"{variable}={tmp_path / name} {why}; set it to a PEM file")):
            ask(gh, gh.url)


def test_authorities_do_not_matter_without_tls(plain: GitHubStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/none.pem")
    assert ask(plain, plain.url) == 200


@pytest.mark.parametrize("credentials", [None, f"mona:{PASSWORD}"])
def test_a_proxy_leads_to_https_through_one_tunnel(
    private: tuple[GitHubStandin, Path], monkeypatch: pytest.MonkeyPatch, credentials: str | None
) -> None:
    gh, authority = private
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with Proxy(gh.port, credentials).running() as proxy:
        at = f"{credentials}@" if credentials else ""
        monkeypatch.setenv("HTTPS_PROXY", f"http://{at}{proxy.address}")
        github = GitHub(gh.token, f"https://{NAME}", timeout_s=5.0)
        assert [github.get("/rate_limit").status for _ in range(3)] == [200] * 3
        assert proxy.seen == [f"CONNECT {NAME}:443"]
        del github  # hangs up


def test_a_proxy_leads_to_http_by_whole_addresses(plain: GitHubStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy(plain.port).running() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
        assert ask(plain, f"http://{NAME}") == 200
        assert proxy.seen == [f"GET http://{NAME}:80/rate_limit"]


def test_no_proxy_leads_past_it(plain: GitHubStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    assert ask(plain, plain.url) == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_another_password_is_told_at_once(
    plain: GitHubStandin, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with Proxy(plain.port, "mona:another").running() as proxy:
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://mona:{PASSWORD}@{proxy.address}")
        text, naps = problem_of(plain, f"{scheme}://{NAME}")
        assert text == (
            f"The proxy http://{proxy.address} wants a user and password, or refuses those it has (407); "
            f"set them in {scheme.upper()}_PROXY (http://USER:PASSWORD@HOST:PORT)."
        )
        assert (naps, len(proxy.seen)) == (0, 1)


def test_a_proxy_that_forbids_the_host_is_told_at_once(plain: GitHubStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy(plain.port, refusal=403).running() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        text, naps = problem_of(plain, f"https://{NAME}")
        assert text.startswith(f"The proxy http://{proxy.address} refuses to connect to {NAME} (403); ")
        assert naps == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_away_is_tried_again_and_named_without_its_password(
    plain: GitHubStandin, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    away = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://mona:{PASSWORD}@{away}")
    text, naps = problem_of(plain, f"{scheme}://{NAME}")
    assert f"the proxy http://{away} of {scheme.upper()}_PROXY cannot be reached" in text
    assert naps > 0


@pytest.mark.parametrize("proxy", [f"http://mona:{PASSWORD}@127.0.0.1:port", f"gopher://mona:{PASSWORD}@127.0.0.1:70"])
def test_a_proxy_that_is_none_is_told(plain: GitHubStandin, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    text, naps = problem_of(plain, f"https://{NAME}")
    assert text == "The proxy in HTTPS_PROXY is not usable; set it to http://HOST:PORT, or unset it."
    assert naps == 0
