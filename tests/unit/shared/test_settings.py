"""Settings: what the environment may say, and how it is told when it says it wrongly."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.errors import SettingsError
from shared.lake.opening import open_store
from shared.settings import Settings, load_settings, split_store

SECRETS = {
    "GITHUB_TOKEN": "ghp_verysecret",
    "GITHUB_APP_PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----verysecret",
    "DEVIN_API_KEY": "apk_user_verysecret",
    "AZURE_STORAGE_CONNECTION_STRING": "AccountKey=verysecret",
}


def test_the_defaults_are_a_local_store_and_public_github() -> None:
    settings = load_settings()
    assert (settings.store, settings.cache) == ("file://.fettle/store", Path(".fettle/cache"))
    assert settings.github_api_url == "https://api.github.com"
    assert settings.github_token is None
    assert settings.rows == "auto"
    assert settings.open_to_network is False


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FETTLE_STORE", "FETTLE_NOW", "GITHUB_TOKEN", "GITHUB_API_URL"):
        monkeypatch.setenv(name, "")
    assert load_settings() == Settings()


def test_a_file_named_env_is_read_and_the_environment_beats_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FETTLE_STORE=file://from-file\nFETTLE_ROWS=demo\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("FETTLE_ROWS", "real")
    settings = load_settings()
    assert (settings.store, settings.rows) == ("file://from-file", "real")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load_settings().rows = "demo"  # type: ignore[misc]


def test_every_problem_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "FETTLE_NOW": "yesterday",
        "FETTLE_ENGINE": "abacus",
        "FETTLE_ROWS": "all",
        "FETTLE_MEMORY_LIMIT": "lots",
        "FETTLE_OPEN_TO_NETWORK": "perhaps",
        "GITHUB_API_URL": "api.github.com",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    text = str(caught.value)
    for name, value in wrong.items():
        assert f"{name}={value!r} is not usable: " in text
    assert "configuration table in the README" in text
    assert "\n" not in text


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    for text in (str(settings), repr(settings), settings.model_dump_json(), f"{settings.github_token}"):
        assert "verysecret" not in text
    assert settings.github_token is not None
    assert settings.github_token.get_secret_value() == "ghp_verysecret"


def test_a_secret_that_is_not_usable_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETTLE_STORE", "az://fettle")
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "AccountKey/verysecret")
    with pytest.raises(Exception, match="AZURE_STORAGE_CONNECTION_STRING is malformed") as caught:
        open_store(load_settings())
    assert "verysecret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01 12:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T12:00:00+09:00", datetime(2026, 3, 1, 3, tzinfo=UTC)),
        ("2026-02-28T20:00:00-04:00", datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_fixed_clock_is_in_utc_whatever_its_zone(
    monkeypatch: pytest.MonkeyPatch, text: str, moment: datetime
) -> None:
    monkeypatch.setenv("FETTLE_NOW", text)
    settings = load_settings()
    assert settings.now() == settings.now() == moment
    assert settings.now().tzinfo is UTC


def test_without_a_fixed_clock_time_passes() -> None:
    settings = load_settings()
    assert abs((settings.now() - datetime.now(UTC)).total_seconds()) < 5
    before = settings.now()
    time.sleep(0.002)
    assert before < settings.now()


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://api.github.com/", "https://api.github.com"),
        ("https://github.example.com/api/v3/", "https://github.example.com/api/v3"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_githubs_address_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch, url: str, kept: str) -> None:
    monkeypatch.setenv("GITHUB_API_URL", url)
    assert load_settings().github_api_url == kept


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("file:///var/lib/fettle", ("file", "/var/lib/fettle", "")),
        ("file://.fettle/store", ("file", ".fettle/store", "")),
        ("file://store", ("file", "store", "")),
        ("file:///with%20space", ("file", "/with space", "")),
        ("file:///caf%C3%A9", ("file", "/café", "")),
        ("az://container", ("az", "container", "")),
        ("az://container/", ("az", "container", "")),
        ("az://container/some/prefix/", ("az", "container", "some/prefix")),
    ],
)
def test_a_stores_address_is_split(url: str, parts: tuple[str, str, str]) -> None:
    assert split_store(url) == parts


@pytest.mark.parametrize("url", ["", "store", "/var/lib/fettle", "s3://bucket", "az://", "az:///prefix", "https://x/y"])
def test_another_address_is_refused_with_the_forms_that_are_understood(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        split_store(url)
    assert str(caught.value) == f"FETTLE_STORE={url!r} is not usable: use file:///path or az://container/prefix."


def test_a_relative_store_is_below_the_working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FETTLE_STORE", "file://here/store")
    assert open_store(load_settings()).url == (tmp_path / "here/store").as_uri()


def test_a_container_without_an_account_says_which_setting_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETTLE_STORE", "az://fettle")
    with pytest.raises(Exception, match="'fettle' but no account; set AZURE_STORAGE_ACCOUNT"):
        open_store(load_settings())


def test_a_reference_to_the_vault_that_was_not_resolved_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = "@Microsoft.KeyVault(VaultName=fettle;SecretName=github-webhook-secret)"
    for name in ("GITHUB_WEBHOOK_SECRET", "FETTLE_ADDRESS_KEY", "FETTLE_POLICY"):
        monkeypatch.setenv(name, reference)
        with pytest.raises(SettingsError, match=rf"{name}=.* is a reference to Azure Key Vault that was not resolved"):
            load_settings()
        monkeypatch.delenv(name)


@pytest.mark.parametrize("hosts", ["https://fettle.example.com", "fettle.example.com:443", "a b", "fettle..com"])
def test_hosts_are_names_alone(monkeypatch: pytest.MonkeyPatch, hosts: str) -> None:
    monkeypatch.setenv("FETTLE_UI_HOSTS", "fettle.example.com, other")
    assert load_settings().ui_hosts == "fettle.example.com, other"
    monkeypatch.setenv("FETTLE_UI_HOSTS", hosts)
    with pytest.raises(SettingsError, match=r"FETTLE_UI_HOSTS=.* must be names such as"):
        load_settings()
