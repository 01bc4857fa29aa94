"""Every argument of every resource is one that the azurerm provider has, by the provider's own schema."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.infra.provider import Argument, Kind, camel, kinds, provider_version
from tests.infra.tools import INFRA, configuration, named, resources

OF_TERRAFORM = {"for_each", "count", "lifecycle", "depends_on", "provider", "__start_line__", "__end_line__"}
"""What Terraform itself takes in every resource, and where the parser found it."""


@pytest.fixture(scope="module")
def schema() -> dict[str, Kind]:
    configuration()  # skips where the tools are not installed
    return kinds({type_ for type_, _ in resources()})


def problems(block: Mapping[str, Any], known: Mapping[str, Argument], where: str) -> Iterator[str]:
    """What the provider would not take of a block: arguments that it does not have, and lacking ones that it wants."""
    given: dict[str, list[Any]] = {}
    for name, values in block.items():
        if name == "dynamic":
            for dynamic in values:
                for made, body in dynamic.items():
                    given.setdefault(made, []).extend(body["content"])
        elif name not in OF_TERRAFORM:
            given[name] = values
    yield from (f"{where}: there is no {name}" for name in given.keys() - known.keys())
    yield from (f"{where}: {name} is missing" for name, one in known.items() if one.required and name not in given)
    for name, values in given.items():
        nested = known[name].block if name in known else None
        for value in values if nested is not None else ():
            yield from problems(value, nested or {}, f"{where}.{name}")


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def test_every_kind_of_resource_is_the_providers(schema: dict[str, Kind]) -> None:
    assert {type_ for type_, _ in resources()} == set(schema)
    assert len(schema) > 20


def test_arguments_and_blocks_are_those_that_the_provider_takes_and_wants(schema: dict[str, Kind]) -> None:
    assert [
        problem
        for (type_, name), block in resources().items()
        for problem in problems(block, schema[type_].arguments, f"{type_}.{name}")
    ] == []


def test_the_provider_is_told_what_it_takes() -> None:
    ((provider),) = configuration()["provider"]
    (known,) = kinds(["azurerm_provider"]).values()
    assert list(problems(provider["azurerm"], known.arguments, "provider")) == []


def test_the_comparison_finds_what_is_wrong(schema: dict[str, Kind]) -> None:
    known = schema["azurerm_storage_account"].arguments
    wrong = {"nmae": ["x"], "blob_properties": [{"versioning": [True], "restore_policy": [{}]}]}
    found = set(problems(wrong, known, "x"))
    assert {"x: there is no nmae", "x: name is missing", "x: location is missing"} <= found
    assert {"x.blob_properties: there is no versioning", "x.blob_properties.restore_policy: days is missing"} <= found
    dynamic = {"dynamic": [{"network_rules": {"for_each": ["${x}"], "content": [{"bypas": [[]]}]}}]}
    assert "x.network_rules: there is no bypas" in set(problems(dynamic, known, "x"))


def test_what_is_referred_to_is_there(schema: dict[str, Kind]) -> None:
    everything = " ".join(texts(configuration()))
    locals_ = {name for block in configuration()["locals"] for name in block} - OF_TERRAFORM
    used = {kind: set(re.findall(rf"\b{kind}\.(\w+)", everything)) for kind in ("var", "local")}
    assert used == {"var": set(named("variable")), "local": locals_}

    referred = re.findall(r"\b(azurerm_\w+)\.(\w+)(?:\[[^\]]*\])?(?:\)\[\*\])?(?:\.(\w+))?", everything)
    assert len(referred) > 50
    assert {(type_, name) for type_, name, _ in referred} <= set(resources())
    unknown = {
        f"{type_}.{attribute}"
        for type_, _, attribute in referred
        if attribute and camel(attribute) not in schema[type_].attributes
    }
    assert unknown == set()


def test_the_schema_is_of_the_version_that_is_asked_for() -> None:
    (terraform,) = configuration()["terraform"]
    wanted = terraform["required_providers"][0]["azurerm"][0]["version"]
    assert wanted == "~> " + ".".join(provider_version().split(".")[:2])


def test_no_file_is_a_drawer() -> None:
    for path in INFRA.glob("*.tf"):
        assert path.stem != "main"
        assert len(path.read_text(encoding="utf-8").splitlines()) < 250, path.name


def test_nothing_in_the_files_is_a_secret() -> None:
    assert not re.search(r"azurerm_key_vault_secret|primary_access_key|admin_password", json.dumps(configuration()))
