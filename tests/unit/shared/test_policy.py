from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from shared.errors import SettingsError
from shared.policy import Policy, load_policy, matches


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def problem(file: Path) -> str:
    with pytest.raises(SettingsError) as error:
        load_policy(file)
    return str(error.value)


def test_defaults_collect_nothing_that_costs_extra() -> None:
    assert load_policy(None) == Policy()
    assert (Policy().collect.jobs, Policy().collect.copilot, Policy().collect.jobs_days) == ((), (), 30)


def test_file_overrides_one_by_one(file: Path) -> None:
    file.write_text('[collect]\njobs = ["acme/*"]\n')
    assert load_policy(file) == Policy.model_validate({"collect": {"jobs": ("acme/*",)}})
    assert load_policy(file).collect.jobs_days == 30


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[collect]\n"])
def test_file_that_decides_nothing_leaves_the_defaults(file: Path, text: str) -> None:
    file.write_text(text)
    assert load_policy(file) == Policy()


def test_file_from_an_editor_that_marks_its_encoding_is_read(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf[collect]\njobs_days = 7\n")
    assert load_policy(file).collect.jobs_days == 7


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[colect]\njobs = []\n", "colect = {'jobs': []} (line 1): is not a known key"),
        ('[collect]\njob = ["acme/*"]\n', "collect.job = ['acme/*'] (line 2): is not a known key"),
        ("[collect]\njobs_days = 0\n", "collect.jobs_days = 0 (line 2): Input should be greater than or equal to 1"),
        ("[collect]\njobs_days = 401\n", "collect.jobs_days = 401"),
        ('[collect]\njobs_days = "soon"\n', "collect.jobs_days = 'soon'"),
        ('[collect]\njobs = "acme/*"\n', "collect.jobs = 'acme/*'"),
        ("[collect]\njobs = [7]\n", "collect.jobs.0 = 7"),
    ],
)
def test_what_is_not_usable_is_named_with_its_file_key_value_and_line(file: Path, text: str, named: str) -> None:
    file.write_text(text)
    said = problem(file)
    assert said.startswith(f"FETTLE_POLICY={file} is not usable: {named}")
    assert said.endswith("See docs/policy.md.")
    assert "\n" not in said


@pytest.mark.parametrize("data", [b"jobs: []\n", b"[collect", b"\xff\xfe\x00"])
def test_file_that_is_not_toml_is_named(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    said = problem(file)
    assert said.startswith(f"FETTLE_POLICY={file} is not TOML: ")
    assert "\n" not in said


def test_file_that_is_missing_is_named(file: Path) -> None:
    assert problem(file) == f"FETTLE_POLICY={file} cannot be read: No such file or directory; correct the path."
    assert "cannot be read" in problem(file.parent)


@pytest.mark.parametrize(
    ("repo", "pattern", "matched"),
    [
        ("acme/shop", "acme/shop", True),
        ("Acme/Shop", "acme/sHOP", True),
        ("acme/shop", "acme/*", True),
        ("acme/shop", "*", True),
        ("acme/shop", "*/shop", True),
        ("acme/shop", "acme", False),
        ("acme/shop-two", "acme/shop", False),
        ("other/acme", "acme/*", False),
    ],
)
def test_pattern_names_whole_repositories_in_any_case(repo: str, pattern: str, matched: bool) -> None:
    assert matches(repo, (pattern,)) is matched
    assert matches(repo, ("x/y", pattern)) is matched
    assert not matches(repo, ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[sla]\n# soon\n\ncritical = "2 weeks"\n', "sla.critical = '2 weeks' (line 4): unit 'weeks' is not known"),
        ("[sla]\nhigh = 96\n", "sla.high = 96 (line 2): a duration needs a number and a unit"),
        ('[sla]\nhigh = "0h"\n', "sla.high = '0h' (line 2): must be longer than nothing"),
        ("[sla]\nlow = true\n", "sla.low = True (line 2): use false to switch a level off"),
        ('[sla]\npreset = "iso"\n', "sla.preset = 'iso' (line 2): Input should be 'fettle', 'defectdojo' or 'fedramp'"),
        ('[cost.per_minute]\n"ubuntu-*" = -1\n', "cost.per_minute.ubuntu-* = -1 (line 2): "),
        ('[delivery]\ndeployments = [\n  "acme/shop:deploy",\n  "acme",\n]\n', "(line 2): 'acme' does not name"),
        ("[health]\nat_risk = 80\n", "health = {'at_risk': 80} (line 1): at_risk 80, watch 70 and good 90 must rise"),
        ("[health.repository]\nsecurity = nan\n", "health.repository.security = nan (line 2): "),
        ('[cwe.families]\nhouse = ["CVE-1"]\n', "'CVE-1' in family house is no weakness; write it as CWE-79"),
        ('[cwe]\nfamilies = { "My Own" = ["CWE-1"] }\n', "(line 2): String should match pattern"),
    ],
)
def test_every_section_names_key_value_and_line(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    assert said in problem(file)


def test_all_problems_are_named_at_once(file: Path) -> None:
    file.write_text('[sla]\nlow = "x"\nhigh = 7\n')
    assert "(line 2)" in problem(file)
    assert "(line 3)" in problem(file)


def test_level_that_is_not_named_has_the_presets_limit(file: Path) -> None:
    file.write_text('[sla]\npreset = "fedramp"\ncritical = "36h"\nlow = false\n')
    limits = load_policy(file).sla.limits
    assert limits == {
        "critical": timedelta(hours=36),
        "high": timedelta(days=30),
        "medium": timedelta(days=90),
        "low": None,
    }


def test_families_of_ones_own_go_first_and_replace_those_of_the_same_name(file: Path) -> None:
    file.write_text('[cwe.families]\nhouse = ["cwe-089"]\nxss = [ "79" , "CWE-80"]\n'.replace('"79"', '"CWE-79"'))
    table = load_policy(file).cwe.table
    assert list(table)[:3] == ["house", "xss", "injection"]
    assert (table["house"], table["xss"]) == (("CWE-89",), ("CWE-79", "CWE-80"))


def test_deployments_are_named_by_repository_and_name_or_file() -> None:
    delivery = Policy.model_validate({"delivery": {"deployments": ["acme/*:deploy*"]}}).delivery
    assert delivery.deploys("Acme/shop", "build", ".github/workflows/x.yml", "Deploy to production")
    assert not delivery.deploys("acme/shop", "build")
    assert not delivery.deploys("other/shop", "deploy")


def test_every_key_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "policy.md").read_text()

    def keys(section: type[BaseModel]) -> Iterator[str]:
        for name, field in section.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                yield from keys(field.annotation)
            else:
                yield name

    assert [key for key in keys(Policy) if f"{key}`" not in page] == []
