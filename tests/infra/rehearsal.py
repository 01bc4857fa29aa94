"""The Terraform files with every resource of Azure played by Terraform's own `terraform_data`.

So Terraform itself evaluates each expression, switch and loop, and applies the lot, without Azure or its provider.
What the provider would check is what tests/infra/test_schema.py compares.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

COMPUTED = ("id", "client_id", "principal_id", "default_hostname", "login_server", "role_definition_resource_id")
"""What Azure would answer; here each is its own name and that of the resource."""

Applied = Callable[..., dict[str, Any]]
"""Applies the files with some variables, and returns resources by `type.name[key]`, and outputs by `output.name`."""


def rehearse(source: Path, target: Path) -> None:
    """Writes the files of `source` to `target`, as they can be applied anywhere."""
    for path in sorted(source.glob("*.tf")):
        text = re.sub(r"^ *#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        if path.name != "versions.tf":
            (target / path.name).write_text(_refer(_play(text)), encoding="utf-8")


def _play(text: str) -> str:
    """Resources as terraform_data: what they take as its input, their loop and nothing else beside it."""
    played, at = "", 0
    for found in re.finditer(r'^resource "(\w+)" "(\w+)" \{$', text, flags=re.MULTILINE):
        body, end = _braced(text, found.end() - 1)
        loop, body = _cut(body, "for_each")
        _, body = _cut(body, "depends_on")
        body = re.sub(r"\n  lifecycle \{.*?\n  \}", "", body, flags=re.DOTALL)
        computed = "".join(f'    {one} = "{one}-of-{found[2]}"\n' for one in COMPUTED)
        played += text[at : found.start()] + f'resource "terraform_data" "{found[1]}__{found[2]}" {{\n'
        played += f"{loop}  input = {{\n{computed}{_blocks(body)}\n  }}\n}}"
        at = end
    return played + text[at:]


def _blocks(body: str) -> str:
    """Nested blocks as objects, and dynamic ones as lists of what they would be made of."""
    while found := re.search(r'dynamic "(\w+)" \{$', body, flags=re.MULTILINE):
        inner, end = _braced(body, found.end() - 1)
        each, content = inner.split("content {", 1)
        content, _ = _braced("{" + content, 0)
        loop = each.split("for_each =", 1)[1].strip()
        made = f"{found[1]} = [for {found[1]} in [for k, v in {loop} : {{ key = k, value = v }}] : {{{content}}}]"
        body = body[: found.start()] + made + body[end:]
    return re.sub(r"^( +\w+) \{$", r"\1 = {", body, flags=re.MULTILINE)


def _refer(text: str) -> str:
    """References to what is played."""
    text = re.sub(r"\b(azurerm_\w+)\.(\w+)(\[[^\]]+\])?\.(\w+)", r"terraform_data.\1__\2\3.output.\4", text)
    return re.sub(
        r"(?<!terraform_data\.)\b(azurerm_\w+)\.(\w+)\b", r"{ for k, v in terraform_data.\1__\2 : k => v.output }", text
    )


def _braced(text: str, opening: int) -> tuple[str, int]:
    """What is inside the braces that open there, and where they have closed."""
    depth = 0
    for at in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[opening + 1 : at], at + 1
    raise ValueError(f"no closing brace: {text[opening:][:60]!r}")


def _cut(body: str, name: str) -> tuple[str, str]:
    """An argument of the resource itself, which may go on for several lines, and the rest."""
    found = re.search(rf"^  {name} *= .*?(?=^  [\w}}]|^$|\Z)", body, flags=re.MULTILINE | re.DOTALL)
    if found is None:
        return "", body
    end = found.end()
    if found[0].rstrip().endswith(("{", "[")) or found[0].count("{") > found[0].count("}"):
        _, end = _braced(body, body.index("{", found.start()))
        end = body.index("\n", end) + 1
    return body[found.start() : end], body[: found.start()] + body[end:]
