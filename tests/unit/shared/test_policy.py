from pathlib import Path

import pytest

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
        ("[colect]\njobs = []\n", "colect = "),
        ('[collect]\njob = ["acme/*"]\n', "collect.job = "),
        ("[collect]\njobs_days = 0\n", "collect.jobs_days = 0: Input should be greater than or equal to 1"),
        ("[collect]\njobs_days = 401\n", "collect.jobs_days = 401"),
        ('[collect]\njobs_days = "soon"\n', "collect.jobs_days = 'soon'"),
        ('[collect]\njobs = "acme/*"\n', "collect.jobs = 'acme/*'"),
        ("[collect]\njobs = [7]\n", "collect.jobs.0 = 7"),
    ],
)
def test_what_is_not_usable_is_named_with_its_file_and_key(file: Path, text: str, named: str) -> None:
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
