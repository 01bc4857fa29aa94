"""Devin's key goes to Devin alone and is never shown; what is wrong with it is told."""

import logging
from pathlib import Path

import pytest
from pydantic import SecretStr

from backend.collect.agents.devin import open_devin
from backend.collect.connection.obstacles import BUNDLES
from backend.collect.problems import Forbidden, GitHubError, NotFound, Unavailable
from shared.errors import SettingsError
from shared.settings import Settings
from tests.contract.agents import Visitor
from tests.contract.collecting import NOW
from tests.contract.devin.opening import both, opened
from tests.standins.authority import server_context
from tests.standins.devin import ORG, V1_KEY, V3_KEY, DevinStandin
from tests.standins.devin.faults import moved, refused


@both
@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, Unavailable, "DEVIN_API_URL"),
        (401, Forbidden, "make a new key and set DEVIN_API_KEY"),
        (403, Forbidden, "ViewOrgSessions"),
        (404, NotFound, "DEVIN_ORG_ID"),
        (422, Unavailable, "DEVIN_ORG_ID"),
    ],
)
def test_refusals_say_what_to_do_and_never_show_the_key(
    devin: DevinStandin,
    visitor: Visitor,
    key: str,
    status: int,
    kind: type[GitHubError],
    words: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    devin.faults.add(refused(status, f"No good: {key} is bad."), times=None)
    with pytest.raises(kind) as caught:
        visitor.read(opened(devin, key))
    assert words in str(caught.value)
    assert f"({status} 'No good: (hidden) is bad')" in str(caught.value)
    assert key not in f"{caught.value!r} {caplog.text}"
    assert len(devin.log) == 1


def test_wrong_key_missing_permission_and_unknown_organisation(devin: DevinStandin, visitor: Visitor) -> None:
    with pytest.raises(Forbidden, match="Invalid API key"):
        visitor.read(opened(devin, "cog_wrong"))
    with pytest.raises(NotFound, match="Organization not found"):
        visitor.read(opened(devin, V3_KEY, DEVIN_ORG_ID="org-other/../.."))
    devin.state.forbidden.add(V3_KEY)
    with pytest.raises(Forbidden, match="Missing permission"):
        visitor.read(opened(devin, V3_KEY))


def test_the_key_goes_to_no_other_host(devin: DevinStandin, visitor: Visitor) -> None:
    with DevinStandin() as other:
        devin.faults.add(moved(f"{other.url}/v1/sessions"))
        with pytest.raises(Unavailable, match=rf"DEVIN_API_URL={devin.url} redirects to 127\.0\.0\.1"):
            visitor.read(opened(devin, V1_KEY))
        assert len(other.log) == 0


def test_a_redirect_on_the_same_host_is_followed(visitor: Visitor) -> None:
    with DevinStandin(base_path="/gateway") as devin:
        made = devin.state.new_session(at=NOW)
        devin.faults.add(moved("/gateway/v1/sessions?limit=100&offset=0"))
        visitor.read(opened(devin, V1_KEY))
        assert set(visitor.rows) == {made.id}
        devin.faults.add(moved("/gateway/v1/sessions"), times=None)
        with pytest.raises(Unavailable, match="again and again"):
            visitor.read(opened(devin, V1_KEY))
        devin.faults.clear()
        devin.faults.add(moved("http://["))
        with pytest.raises(Unavailable, match="to no address"):
            visitor.read(opened(devin, V1_KEY))


def test_a_password_for_the_host_does_not_replace_the_key(
    devin: DevinStandin, visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    made = devin.state.new_session(at=NOW)
    visitor.read(opened(devin, V3_KEY))
    assert set(visitor.rows) == {made.id}


def test_only_an_authority_that_is_trusted_gets_the_key(
    visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in BUNDLES:
        monkeypatch.delenv(name, raising=False)
    context, authority = server_context(tmp_path)
    with DevinStandin(tls=context) as devin:
        made = devin.state.new_session(at=NOW)
        with pytest.raises(Unavailable, match=r"certificate of 127\.0\.0\.1 is not trusted .* check DEVIN_API_URL"):
            visitor.read(opened(devin, V3_KEY))
        assert len(devin.log) == 0
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        visitor.read(opened(devin, V3_KEY))
        assert set(visitor.rows) == {made.id}


def test_the_proxy_of_the_environment_is_used(
    devin: DevinStandin, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("HTTP_PROXY", "http://user:word@127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://user:word@127.0.0.1:9")
    with pytest.raises(Unavailable, match=r"the proxy http://127\.0\.0\.1:9 of HTTP_PROXY cannot be reached") as caught:
        visitor.read(opened(devin, V3_KEY))
    assert "word" not in str(caught.value)
    assert len(devin.log) == 0


def test_without_a_key_there_is_no_devin() -> None:
    assert open_devin(Settings()) is None
    assert open_devin(Settings(DEVIN_API_KEY=SecretStr("  "))) is None


def test_a_key_of_version_3_needs_an_organisation() -> None:
    with pytest.raises(SettingsError, match="DEVIN_ORG_ID is not set"):
        open_devin(Settings(DEVIN_API_KEY=SecretStr("cog_abc")))
    assert open_devin(Settings(DEVIN_API_KEY=SecretStr("apk_abc"))) is not None


@pytest.mark.parametrize("key", ["ghp_abc", "apk_ abc", "cog_a b", "cog_a\nb", "apk_ü"])
def test_what_is_no_key_is_never_sent_or_shown(key: str) -> None:
    with pytest.raises(SettingsError, match="begins with apk_ or cog_") as caught:
        open_devin(Settings(DEVIN_API_KEY=SecretStr(key), DEVIN_ORG_ID=ORG))
    assert key not in str(caught.value)
