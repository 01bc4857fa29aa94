"""The Terraform files applied by Terraform itself, with Azure played: loops, switches and values come out as meant."""

from typing import Any

import pytest

from shared.settings import load_settings
from tests.infra.rehearsal import Applied


@pytest.fixture(scope="module")
def small(applied: Applied) -> dict[str, Any]:
    return applied()


@pytest.fixture(scope="module")
def medium(applied: Applied, small: dict[str, Any]) -> dict[str, Any]:
    return applied(size="medium", private_network="true", staging_slots="true", staging_image_tag="fedcba9")


@pytest.mark.parametrize("app", ["ui", "api"])
def test_what_an_app_is_told_is_what_fettle_takes(
    small: dict[str, Any], app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = small[f"azurerm_linux_web_app.app[{app}]"]["app_settings"]
    for name, value in told.items():
        if not value.startswith("@Microsoft.KeyVault("):
            monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.store, settings.open_to_network) == ("az://fettle", app == "ui")
    assert settings.azure_account == small["azurerm_storage_account.store"]["name"]
    assert ("fettle-e457cc-ui.azurewebsites.net" in settings.ui_hosts) == (app == "ui")


def test_pages_are_behind_a_sign_in_and_the_api_asks_for_keys_of_its_own(small: dict[str, Any]) -> None:
    (sign_in,) = small["azurerm_linux_web_app.app[ui]"]["auth_settings_v2"]
    assert sign_in["active_directory_v2"]["client_id"] == "00000000-0000-0000-0000-000000000000"
    assert (sign_in["require_authentication"], sign_in["excluded_paths"]) == (True, ["/_stcore/health"])
    assert (
        sign_in["active_directory_v2"]["client_secret_setting_name"]
        in small["azurerm_linux_web_app.app[ui]"]["app_settings"]
    )
    assert small["azurerm_linux_web_app.app[api]"]["auth_settings_v2"] == []
    commands = {
        name: small[f"azurerm_linux_web_app.app[{name}]"]["site_config"]["app_command_line"] for name in ("ui", "api")
    }
    assert commands == {"ui": "serve ui --host 0.0.0.0", "api": "serve api --host 0.0.0.0"}
    affinity = {name: small[f"azurerm_linux_web_app.app[{name}]"]["client_affinity_enabled"] for name in ("ui", "api")}
    assert affinity == {"ui": True, "api": False}


def test_secrets_are_references_and_nothing_else_is(small: dict[str, Any]) -> None:
    told = small["azurerm_linux_web_app.app[api]"]["app_settings"]
    vault = small["azurerm_key_vault.secrets"]["name"]
    assert {name: value for name, value in told.items() if value.startswith("@")} == {
        "FETTLE_ADDRESS_KEY": f"@Microsoft.KeyVault(VaultName={vault};SecretName=fettle-address-key)",
        "FETTLE_API_KEYS": f"@Microsoft.KeyVault(VaultName={vault};SecretName=fettle-api-keys)",
        "GITHUB_WEBHOOK_SECRET": f"@Microsoft.KeyVault(VaultName={vault};SecretName=github-webhook-secret)",
    }


def test_names_are_ones_that_azure_takes(small: dict[str, Any]) -> None:
    assert small["azurerm_storage_account.store"]["name"].isalnum()
    assert len(small["azurerm_storage_account.store"]["name"]) <= 24
    assert len(small["azurerm_key_vault.secrets"]["name"]) <= 24
    assert small["azurerm_container_registry.images"]["name"].isalnum()
    assert len(small["azurerm_monitor_action_group.operators"]["short_name"]) <= 12


def test_only_the_environment_where_somebody_approves_may_deploy(small: dict[str, Any]) -> None:
    of = "azurerm_federated_identity_credential.workflow"
    subjects = {name: small[f"{of}[{name}]"]["subject"] for name in ("collect", "image", "plan", "deploy")}
    assert subjects.pop("deploy") == "repo:your-org/fettle:environment:production"
    assert set(subjects.values()) == {"repo:your-org/fettle:ref:refs/heads/main"}
    roles = {
        name: one["role_definition_name"]
        for name, one in small.items()
        if name.startswith("azurerm_role_assignment.workflow")
    }
    assert [name for name, role in roles.items() if role in ("Owner", "Contributor")] == [
        "azurerm_role_assignment.workflow[deploy: all there]"
    ]


def test_everything_is_watched_and_somebody_is_told(small: dict[str, Any]) -> None:
    watched = {name for name in small if name.startswith("azurerm_monitor_diagnostic_setting")}
    assert len(watched) == 5
    assert len([name for name in small if name.startswith("azurerm_monitor_metric_alert")]) == 7
    (person,) = small["azurerm_monitor_action_group.operators"]["email_receiver"]
    assert person["email_address"] == "platform@example.com"
    budget = small["azurerm_consumption_budget_resource_group.monthly"]
    assert budget["time_period"]["start_date"] == "2026-12-01T00:00:00Z"
    assert [one["threshold"] for one in budget["notification"]] == [50, 90, 100]


def test_a_small_installation_has_neither_network_nor_slots(small: dict[str, Any]) -> None:
    assert [name for name in small if "network" in name or "subnet" in name or "slot" in name] == []
    assert small["azurerm_linux_web_app.app[ui]"]["virtual_network_subnet_id"] is None
    assert small["azurerm_service_plan.fettle"]["worker_count"] == 1


def test_switches_bring_network_slots_and_size(medium: dict[str, Any]) -> None:
    endpoints = {name for name in medium if name.startswith("azurerm_private_endpoint")}
    assert endpoints == {"azurerm_private_endpoint.fettle[blob]", "azurerm_private_endpoint.fettle[vault]"}
    for closed in ("azurerm_storage_account.store", "azurerm_key_vault.secrets"):
        assert medium[closed]["public_network_access_enabled"] is False
    assert medium["azurerm_storage_account.store"]["network_rules"]["default_action"] == "Deny"
    assert medium["azurerm_linux_web_app.app[ui]"]["virtual_network_subnet_id"] == "id-of-apps"
    prefixes = [medium[f"azurerm_subnet.{name}[this]"]["address_prefixes"] for name in ("apps", "endpoints")]
    assert prefixes == [["10.83.0.0/26"], ["10.83.0.64/26"]]
    plan = medium["azurerm_service_plan.fettle"]
    assert (plan["sku_name"], plan["worker_count"], plan["zone_balancing_enabled"]) == ("P1v3", 2, True)
    images = {
        name: medium[name]["site_config"]["application_stack"]["docker_image_name"]
        for name in ("azurerm_linux_web_app.app[ui]", "azurerm_linux_web_app_slot.staging[ui]")
    }
    assert list(images.values()) == ["fettle:0123abc", "fettle:fedcba9"]
