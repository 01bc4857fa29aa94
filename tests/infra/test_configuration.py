"""What the Terraform files promise: documented variables that refuse nonsense, and settings that Fettle knows."""

import re
from pathlib import Path
from typing import Any

from shared.settings import Settings
from tests.infra.test_schema import texts
from tests.infra.tools import INFRA, configuration, named, plan_variables, refusals, resources, terraform

KNOWN = {str(field.validation_alias) for field in Settings.model_fields.values()}

OF_OTHERS = {
    "AZURE_CLIENT_ID",  # azure-identity: which of the identities
    "MICROSOFT_PROVIDER_AUTHENTICATION_SECRET",  # App Service's sign-in
    "SIGN_IN_USERS_KEY",  # App Service's own: it mounts the share of users with it
    "WEBSITES_CONTAINER_START_TIME_LIMIT",
    "WEBSITES_ENABLE_APP_SERVICE_STORAGE",
    "WEBSITES_PORT",
}


def block(type_: str, name: str) -> dict[str, Any]:
    return resources()[type_, name]


def test_every_setting_that_the_apps_are_given_is_one_that_fettle_has() -> None:
    configuration()
    given = set()
    for path in INFRA.glob("*.tf*"):
        given |= set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", path.read_text(encoding="utf-8")))
    given = {name for name in given if not name.startswith(("CKV", "TLS"))}
    assert {"FETTLE_STORE", "FETTLE_CACHE", "AZURE_STORAGE_ACCOUNT"} <= given
    assert given - KNOWN - OF_OTHERS - {"FETTLE_REGISTRY"} == set()


def test_every_variable_and_output_says_what_it_is_and_every_variable_has_a_type() -> None:
    assert [name for name, one in named("variable").items() if len(one["description"][0]) < 10 or not one["type"]] == []
    assert [name for name, one in named("output").items() if len(one["description"][0]) < 10] == []


def test_every_variable_and_output_is_in_the_readme() -> None:
    readme = (INFRA / "README.md").read_text(encoding="utf-8")
    assert [name for name in [*named("variable"), *named("output")] if f"`{name}`" not in readme] == []


def test_the_example_is_accepted_and_nonsense_is_refused_with_a_sentence_each(tmp_path: Path) -> None:
    planned = plan_variables(tmp_path)
    assert planned.returncode == 0, planned.stderr
    assert '"P0v3 x 1"' in planned.stdout

    nonsense = {
        "subscription_id": "mine", "tenant_id": "mine", "name": "Fettle-1", "location": "West Europe", "size": "huge",
        "instances": "1.5", "image_tag": "latest", "address_space": "10.0.0.0/30", "sign_in_github_client_id": "7",
        "sign_in_oidc": '{issuer="http://a.example.com", client_id="x"}',
        "sign_in_users": '{storage_account="a.example.com", share="users"}',
        "host_names": '["https://a.example.com"]', "settings": '{FETTLE_API_KEYS="x"}', "secrets": '{A="a b"}',
        "github_subject": "your-org/fettle", "keep_versions_days": "1", "alert_emails": "[]", "monthly_budget": "0",
        "budget_from": "soon",
    }  # fmt: skip
    validated = {name for name, one in named("variable").items() if "validation" in one}
    after = {"sign_in": "both", "sign_in_client_id": "x", "sign_in_people": '{viewers=["a, b"]}'}
    assert nonsense.keys() | after.keys() == validated
    # Which sign-in it is says what else is wanted, so Terraform looks at those once all the others are good.
    for together in (nonsense, *({name: value} for name, value in after.items())):
        complaints = refusals(tmp_path, **together)
        for name in together:
            assert named("variable")[name]["validation"][0]["error_message"][0] in complaints, name


def test_the_store_is_closed_to_strangers_and_forgives() -> None:
    account = block("azurerm_storage_account", "store")
    assert account["allow_nested_items_to_be_public"] == account["shared_access_key_enabled"] == [False]
    assert account["min_tls_version"] == ["TLS1_2"]
    (blobs,) = account["blob_properties"]
    assert blobs["versioning_enabled"] == blobs["change_feed_enabled"] == [True]
    assert {"delete_retention_policy", "container_delete_retention_policy", "restore_policy"} <= blobs.keys()
    assert block("azurerm_storage_container", "store")["container_access_type"] == ["private"]
    (rule,) = block("azurerm_storage_management_policy", "store")["rule"]
    assert "base_blob" not in rule["actions"][0], "a current blob would be deleted"


def test_apps_have_an_identity_in_place_of_passwords_and_are_watched() -> None:
    for type_, name in (("azurerm_linux_web_app", "app"), ("azurerm_linux_web_app_slot", "staging")):
        app = block(type_, name)
        (site,) = app["site_config"]
        assert app["https_only"] == site["always_on"] == site["container_registry_use_managed_identity"] == [True]
        assert site["health_check_path"] == ["${each.value.health}"]
        assert not [text for text in texts(app) if "password" in text.lower()]


def test_a_staging_slot_differs_from_its_app_in_place_and_image_alone() -> None:
    app = dict(block("azurerm_linux_web_app", "app"))
    slot = dict(block("azurerm_linux_web_app_slot", "staging"))
    place = {"name", "app_service_id", "for_each", "resource_group_name", "location", "service_plan_id", "logs"}
    for one, public in ((app, "local.public.app"), (slot, "local.public.staging")):
        (settings,) = one["app_settings"]
        assert public in settings
        one["app_settings"] = [settings.replace(public, "where people come back to")]
    of_parser = {"depends_on", "__start_line__", "__end_line__"}
    for one in (app, slot):
        site = one["site_config"] = [dict(one["site_config"][0])]
        stack = site[0]["application_stack"] = [dict(site[0]["application_stack"][0])]
        stack[0].pop("docker_image_name")
        for name in place | of_parser:
            one.pop(name, None)
    assert slot == app


def test_files_are_as_terraform_writes_them() -> None:
    checked = terraform("fmt", "-check", "-diff", "-recursive", str(INFRA))
    assert checked.returncode == 0, checked.stdout


def test_no_check_is_skipped_without_a_reason() -> None:
    skips = [line for path in INFRA.glob("*.tf") for line in path.read_text().splitlines() if "checkov:skip" in line]
    assert skips
    assert [line for line in skips if not re.fullmatch(r" *#checkov:skip=CKV2?_AZURE_\d+:[A-Za-z].{20,}", line)] == []
