"""What the azurerm provider takes: its own schema, as a package that is generated from it ships it."""

import io
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from tests.infra.tools import TOOLS

_INTERFACE = re.compile(r"^export interface (\w+)(?: extends [\w.]+)? \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_ARGUMENT = re.compile(r"#(\w+)\}(?:(?!\*/).)*\*/\s+readonly \w+(\??): ([^;]+);", re.DOTALL)
_GETTER = re.compile(r"^    get (\w+)\(\)", re.MULTILINE)


@dataclass(frozen=True)
class Argument:
    """An argument or nested block: whether it must be there, and what it holds if it is a block."""

    required: bool
    block: "Mapping[str, Argument] | None"


@dataclass(frozen=True)
class Kind:
    """A kind of resource or data source: what it takes, and the names (in camel case) that it can be asked for."""

    arguments: Mapping[str, Argument]
    attributes: frozenset[str]


def camel(name: str) -> str:
    """A name as the package spells it."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


@cache
def provider_version() -> str:
    """The version of the provider that the schema is of."""
    ((_, text),) = _typings(["key-vault"])
    found = re.search(r"hashicorp/azurerm/([\d.]+)/docs", text)
    assert found
    return found[1]


def kinds(names: Iterable[str]) -> dict[str, Kind]:
    """What the provider knows of these (`azurerm_key_vault`, `data.azurerm_client_config`), without what it lacks."""
    folders = {_folder(name): name for name in names}
    return {folders[folder]: _kind(text) for folder, text in _typings(folders)}


def _folder(name: str) -> str:
    plain = name.removeprefix("data.").removeprefix("azurerm_").replace("_", "-")
    return f"data-azurerm-{plain}" if name.startswith("data.") else plain


def _typings(folders: Iterable[str]) -> Iterator[tuple[str, str]]:
    wanted = {f"package/lib/{folder}/index.d.ts": folder for folder in folders}
    (archive,) = TOOLS.glob("lib/python3.*/site-packages/cdktn_provider_azurerm/_jsii/provider-azurerm@*.jsii.tgz")
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.name in wanted and (file := tar.extractfile(member)):
                yield wanted[member.name], io.TextIOWrapper(file, "utf-8").read()


def _kind(text: str) -> Kind:
    interfaces = dict(_INTERFACE.findall(text))
    main = next(name for name in interfaces if name.endswith("Config"))
    return Kind(_arguments(main, interfaces), frozenset(_GETTER.findall(text)))


def _arguments(interface: str, interfaces: Mapping[str, str]) -> dict[str, Argument]:
    found = {}
    for name, optional, type_ in _ARGUMENT.findall(interfaces[interface]):
        nested = re.match(r"(\w+)", type_)
        block = _arguments(nested[1], interfaces) if nested and nested[1] in interfaces else None
        found[name] = Argument(not optional, block)
    return found
