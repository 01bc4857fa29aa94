"""Rules of a SARIF run: which one a result is of, and what it says of severity, weaknesses and messages."""

from collections.abc import Iterator
from typing import Any

from backend.mapping.severity import severity_level, severity_of_score
from backend.mapping.stamp import Raw
from backend.mapping.values import nested, number, text
from shared.cwe import cwe_family, cwe_id

_DEFAULT_LEVEL = "warning"
"""What SARIF 2.1.0 (3.27.10) says of a result whose rule says nothing."""


def objects(value: object) -> list[Raw]:
    """The objects in a list; none of what is no list. Places stay: what is no object is an empty one."""
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []


class Rules:
    """The rules of one run's driver and extensions, by their place and their id."""

    def __init__(self, tool: object) -> None:
        driver, extensions = nested(tool, "driver"), objects(nested(tool, "extensions"))
        self._driver = objects(nested(driver, "rules"))
        self._extensions = [objects(extension.get("rules")) for extension in extensions]
        self._names = {
            text(extension.get(key)): n for n, extension in enumerate(extensions) for key in ("name", "guid")
        }
        every = [*self._driver, *(rule for rules in self._extensions for rule in rules)]
        self._by_id = {text(rule.get("id")): rule for rule in reversed(every)}
        self.count = len(every)

    def of(self, result: Raw) -> tuple[str | None, Raw]:
        """The id of a result's rule, and the rule itself; an empty one where the run does not describe it."""
        rule_id = text(result.get("ruleId")) or text(nested(result, "rule", "id"))
        index = result.get("ruleIndex", nested(result, "rule", "index"))
        found = _at(self._component(nested(result, "rule", "toolComponent")), index)
        if found is None or (rule_id and not _names(found, rule_id)):
            # CA2101/1 is a case of the rule CA2101.
            found = self._by_id.get(rule_id) or self._by_id.get((rule_id or "").rpartition("/")[0] or None) or {}
        return rule_id or text(found.get("id")), found

    def _component(self, reference: object) -> list[Raw]:
        """The rules of the part of the tool that a result refers to; those of the driver where it names none."""
        index = nested(reference, "index")
        named = self._names.get(text(nested(reference, "name")) or text(nested(reference, "guid")) or "")
        place = index if isinstance(index, int) and index >= 0 else named
        if place is None:
            return self._driver
        return self._extensions[place] if place < len(self._extensions) else []


def severity_of(result: Raw, rule: Raw) -> str:
    """By `security-severity`, the rule's before the result's, else by level: error high, warning medium, note low."""
    told = (number(nested(said, "properties", "security-severity")) for said in (rule, result))
    score = next((score for score in told if score), None)
    level = text(result.get("level")) or text(nested(rule, "defaultConfiguration", "level")) or _DEFAULT_LEVEL
    return severity_of_score(score) or severity_level(level)


def family_of(result: Raw, rule: Raw) -> str | None:
    """The CWE family by the tags, properties and relations of rule and result."""
    return cwe_family(found for said in (rule, result) for word in _words(said) if (found := cwe_id(word)))


def message_of(result: Raw, rule: Raw) -> str | None:
    """A result's message; one by its id is looked up in the rule, with its arguments filled in."""
    said = result.get("message")
    pattern = text(nested(said, "text")) or text(nested(said, "markdown"))
    identity = text(nested(said, "id"))
    if pattern is None and identity:
        pattern = text(nested(rule, "messageStrings", identity, "text"))
    for place, argument in enumerate(_list(nested(said, "arguments"))):
        pattern = pattern.replace(f"{{{place}}}", str(argument)) if pattern else pattern
    return pattern


def _words(said: Raw) -> Iterator[str]:
    properties = said.get("properties")
    for key in ("tags", "cwe", "cwes"):
        value = nested(properties, key)
        yield from (str(word) for word in (value if isinstance(value, list) else [value]) if word)
    for relation in (*objects(said.get("relationships")), *objects(said.get("taxa"))):
        target = relation.get("target", relation)
        name = text(nested(target, "toolComponent", "name")) or ""
        identity = text(nested(target, "id")) or ""
        yield f"{name}-{identity}" if identity.isdigit() else identity


def _names(rule: Raw, rule_id: str) -> bool:
    own = text(rule.get("id"))
    return own is None or own == rule_id or rule_id.startswith(f"{own}/")


def _at(rules: list[Raw], index: object) -> Raw | None:
    place = index if isinstance(index, int) and not isinstance(index, bool) else -1
    return rules[place] if 0 <= place < len(rules) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
