"""Which sign-in stands before the pages: Entra's, or the pages' own with what Fettle's settings then say."""

from pathlib import Path
from typing import Any

import pytest

from shared.access.people import People
from shared.access.providers import callback, check_providers
from shared.settings import Settings, load_settings
from tests.infra.rehearsal import Applied
from tests.infra.tools import plan_variables, refusals

GITHUB = {"sign_in_github_client_id": "Iv23liAbCdEfGhIjKlMn"}
OIDC = {"sign_in_oidc": '{issuer="https://example.eu.auth0.com/", client_id="fettle"}'}
USERS = {"sign_in_users": '{storage_account="peopleofacme", share="fettle-users"}'}
PEOPLE = {"sign_in_people": '{admins=["ann@example.com"], viewers=["@example.com", "github:*"]}'}

REFERENCE = "@Microsoft.KeyVault("

APPS = [f"azurerm_linux_web_app{kind}[{name}]" for kind in (".app", "_slot.staging") for name in ("ui", "api")]


@pytest.fixture(scope="module")
def own(applied: Applied) -> dict[str, Any]:
    """The pages' own sign-in, by everything that there is."""
    return applied(sign_in="fettle", staging_slots="true", **GITHUB, **OIDC, **USERS, **PEOPLE)


@pytest.fixture(scope="module")
def github(applied: Applied, own: dict[str, Any]) -> dict[str, Any]:
    """The pages' own sign-in by GitHub alone, where an installation had more before, under a name of one's own."""
    return applied(sign_in="fettle", host_names='["fettle.example.com", "old.example.com"]', **GITHUB, **PEOPLE)


@pytest.fixture(scope="module")
def entra(applied: Applied, github: dict[str, Any]) -> dict[str, Any]:
    """The default, where an installation had the pages' own before."""
    return applied(staging_slots="true")


def settings_of(told: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """What Fettle makes of an app's settings, once App Service has put secrets in place of references."""
    for name, value in told.items():
        monkeypatch.setenv(name, f"secret of {name}" if value.startswith(REFERENCE) else value)
    return load_settings()


@pytest.mark.parametrize("app", APPS)
def test_with_fettle_nothing_stands_before_the_pages_and_they_are_not_said_to_be_open(
    own: dict[str, Any], app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert own[app]["auth_settings_v2"] == []
    settings = settings_of(own[app]["app_settings"], monkeypatch)
    assert (settings.signs_in, settings.open_to_network) == (True, False)
    assert "MICROSOFT_PROVIDER_AUTHENTICATION_SECRET" not in own[app]["app_settings"]


@pytest.mark.parametrize("app", APPS)
def test_with_fettle_the_apps_know_every_way_that_is_configured_and_who_may_come_in(
    own: dict[str, Any], app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(own[app]["app_settings"], monkeypatch)
    check_providers(settings)
    assert settings.github_client_id == "Iv23liAbCdEfGhIjKlMn"
    assert (settings.oidc_issuer, settings.oidc_client_id) == ("https://example.eu.auth0.com/", "fettle")
    assert settings.users == Path("/users/users.yaml")
    people = People.of(settings)
    asked = {"ann@example.com": "oidc", "bob@example.com": "oidc", "github:eve": "github", "eve@example.org": "oidc"}
    roles = {name: people.role(provider, name) for name, provider in asked.items()}  # type: ignore[arg-type]
    assert roles == {"ann@example.com": "admin", "bob@example.com": "viewer", "github:eve": "viewer",
                     "eve@example.org": None}  # fmt: skip


@pytest.mark.parametrize("app", APPS)
def test_secrets_of_sign_in_are_references_to_the_vault(own: dict[str, Any], app: str) -> None:
    vault = own["azurerm_key_vault.secrets"]["name"]
    references = {name: value for name, value in own[app]["app_settings"].items() if value.startswith(REFERENCE)}
    wanted = {
        "FETTLE_GITHUB_CLIENT_SECRET": "sign-in-github-secret",
        "FETTLE_OIDC_CLIENT_SECRET": "sign-in-oidc-secret",
        "SIGN_IN_USERS_KEY": "sign-in-users-key",
        "FETTLE_ADDRESS_KEY": "fettle-address-key",
    }
    if app.endswith("[api]"):
        wanted |= {"GITHUB_WEBHOOK_SECRET": "github-webhook-secret", "FETTLE_API_KEYS": "fettle-api-keys"}
    assert references == {
        name: f"@Microsoft.KeyVault(VaultName={vault};SecretName={secret})" for name, secret in wanted.items()
    }


def test_every_secret_that_fettle_knows_of_sign_in_is_a_reference(own: dict[str, Any]) -> None:
    """So that a setting that becomes a secret later is not overlooked here."""
    told = own[APPS[0]]["app_settings"]
    secret = {
        str(field.validation_alias)
        for field in Settings.model_fields.values()
        if "SecretStr" in str(field.annotation) and str(field.validation_alias) in told
    }
    assert {name for name in secret if not told[name].startswith(REFERENCE)} == set()
    assert "FETTLE_OIDC_CLIENT_SECRET" in secret


@pytest.mark.parametrize("app", APPS)
def test_the_share_of_users_is_mounted_by_a_key_that_terraform_does_not_know(own: dict[str, Any], app: str) -> None:
    (share,) = own[app]["storage_account"]
    assert share == {
        "name": "users", "type": "AzureFiles", "account_name": "peopleofacme", "share_name": "fettle-users",
        "mount_path": "/users", "access_key": "@AppSettingRef(SIGN_IN_USERS_KEY)",
    }  # fmt: skip
    assert own[app]["app_settings"]["FETTLE_USERS"] == "/users/users.yaml"


def test_people_are_sent_back_to_where_they_came_from_and_the_addresses_can_be_registered(
    own: dict[str, Any], github: dict[str, Any]
) -> None:
    public = {app: own[app]["app_settings"]["FETTLE_PUBLIC_URL"] for app in APPS if app.endswith("[ui]")}
    host = "https://fettle-e457cc-ui"
    assert list(public.values()) == [f"{host}.azurewebsites.net", f"{host}-staging.azurewebsites.net"]
    assert own["output.sign_in_redirects"] == {
        place: {way: callback(url, way) for way in ("oidc", "github")}
        for place, url in zip(("app", "staging"), public.values(), strict=True)
    }
    assert github[APPS[0]]["app_settings"]["FETTLE_PUBLIC_URL"] == "https://fettle.example.com"


def test_one_way_brings_nothing_of_the_others(github: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    told = github[APPS[0]]["app_settings"]
    settings = settings_of(told, monkeypatch)
    check_providers(settings)
    assert (settings.oidc_issuer, settings.oidc_client_id, settings.users) == (None, None, None)
    assert settings.oidc_client_secret is None
    assert "SIGN_IN_USERS_KEY" not in told
    assert github[APPS[0]]["storage_account"] == github[APPS[0]]["auth_settings_v2"] == []


def test_with_entra_pages_and_their_slot_are_behind_it_and_sign_nobody_in(
    entra: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for app in APPS:
        assert len(entra[app]["auth_settings_v2"]) == app.endswith("[ui]")
        assert entra[app]["storage_account"] == []
    assert entra[APPS[0]]["auth_settings_v2"] == entra[APPS[2]]["auth_settings_v2"]
    told = entra[APPS[0]]["app_settings"]
    assert not [name for name in told if name.startswith(("FETTLE_SIGN_IN", "SIGN_IN", "FETTLE_PUBLIC"))]
    settings = settings_of(told, monkeypatch)
    assert (settings.signs_in, settings.open_to_network) == (False, True)
    assert entra["output.sign_in_redirects"] == {}


@pytest.mark.parametrize("app", [app for app in APPS if app.endswith("[api]")])
def test_with_entra_before_the_pages_the_api_which_it_is_not_before_is_not_said_to_be_open(
    entra: dict[str, Any], app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = entra[app]["app_settings"]
    assert not settings_of(told, monkeypatch).open_to_network
    assert told["FETTLE_API_KEYS"].startswith(REFERENCE), "it has a key from the first start on"


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"sign_in": "fettle"}, "nobody could sign in: set sign_in_github_client_id, sign_in_oidc or sign_in_users."),
        ({"sign_in": "fettle", **PEOPLE}, "nobody could sign in: set sign_in_github_client_id,"),
        ({"sign_in": "fettle", **GITHUB}, "whom no list names: name somebody in sign_in_people."),
        ({"sign_in": "fettle", **OIDC}, "whom no list names: name somebody in sign_in_people."),
        ({**GITHUB}, "With sign_in entra the pages sign nobody in: remove sign_in_github_client_id,"),
        ({**USERS}, "With sign_in entra the pages sign nobody in: remove sign_in_github_client_id,"),
        ({"sign_in_client_id": ""}, "With sign_in entra sign_in_client_id is needed:"),
    ],
)
def test_a_choice_that_lets_nobody_in_is_refused_with_one_sentence(
    tmp_path: Path, variables: dict[str, str], sentence: str
) -> None:
    complaints = refusals(tmp_path, **variables)
    assert sentence in complaints
    assert complaints.count("Error:") == 1


def test_local_users_need_no_list_and_no_app_registration(tmp_path: Path) -> None:
    planned = plan_variables(tmp_path, sign_in="fettle", sign_in_client_id="", **USERS)
    assert planned.returncode == 0, planned.stderr
