"""Documentation as tests: a setting, metric, dataset, command or target without words fails the build."""

import re
from pathlib import Path

import pytest

from shared.settings import Settings
from tests.docs.reference import PAGES, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MARKDOWN = [path for path in ROOT.glob("**/*.md") if not {"node_modules", ".venv"} & set(path.parts)]


@pytest.mark.parametrize("name", PAGES)
def test_reference_pages_say_what_the_code_says(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_every_setting_is_in_the_readmes_table_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \|", README, flags=re.MULTILINE))
    aliases = {str(field.validation_alias): field for field in Settings.model_fields.values()}
    assert set(rows) == set(aliases)
    for name, field in aliases.items():
        if field.default not in (None, False, ""):
            assert f"`{field.default}`" in rows[name], f"{name}: the README says {rows[name]!r}"


def test_every_target_of_the_makefile_explains_itself_and_is_in_contributing_or_readme() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (\S+)", makefile, flags=re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*## .+", makefile, flags=re.MULTILINE))
    assert phony == explained
    text = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert {target for target in phony if f"make {target}" not in text} == set()


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_decision_is_listed_and_dated() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert decisions
    for decision in decisions:
        text = decision.read_text(encoding="utf-8")
        assert re.match(r"# \d{4} .+\n\nStatus: (accepted|superseded by \d{4}) · \d{4}-\d{2}-\d{2}\n", text), (
            decision.name
        )
        assert decision.name in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
