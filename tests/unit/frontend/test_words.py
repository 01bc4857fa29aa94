"""Words: numbers, durations and times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from frontend import words

NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 min"),
        (90, "1.5 min"),
        (3_599, "60.0 min"),
        (7_200, "2.0 h"),
        (3 * 86_400, "3.0 days"),
        (1_234 * 86_400, "1,234 days"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


def test_change_of_a_duration_is_in_the_unit_of_the_duration() -> None:
    assert words.duration_change(-43_200, of=3 * 86_400) == "-0.5 days"
    assert words.duration_change(43_200, of=7_200) == "+12.0 h"


@pytest.mark.parametrize(("n", "text"), [(0, "0 alerts"), (1, "1 alert"), (1_204, "1,204 alerts")])
def test_count(n: int, text: str) -> None:
    assert words.count(n, "alert") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "just now"), (30, "just now"), (60, "1 minute ago"), (7_300, "2 hours ago"), (3 * 86_400, "3 days ago")],
)
def test_ago(seconds: float, text: str) -> None:
    assert words.ago(NOW - timedelta(seconds=seconds), NOW) == text


def test_ago_in_years() -> None:
    assert words.ago(NOW - timedelta(days=800), NOW) == "2 years ago"


@pytest.mark.parametrize(
    ("code", "text"), [("code_scanning", "Code scanning"), (None, "—"), (float("nan"), "—"), ("", "—")]
)
def test_readable(code: object, text: str) -> None:
    assert words.readable(code) == text


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("repository_overview", "Repositories month by month"),
        ("organisation_overview", "Organisations month by month"),
        ("workflow_daily", "Workflow days"),
        ("findings", "Findings of scans"),
        ("dependabot", "Dependabot alerts"),
        ("of_a_later_version", "Of a later version"),
    ],
)
def test_datasets_and_sources_have_the_titles_of_the_documentation(name: str, title: str) -> None:
    assert words.dataset(name) == title


@pytest.mark.parametrize(("size", "text"), [(12, "12 B"), (1_500, "1.5 kB"), (2.3e6, "2.3 MB"), (5e12, "5.0 TB")])
def test_size(size: float, text: str) -> None:
    assert words.size(size) == text


def test_text_from_outside_cannot_leave_its_code() -> None:
    assert words.as_code("a`b\n[x](y)") == "`a b [x](y)`"
    assert len(words.as_code("x" * 500)) < 70


def test_marks_in_text_from_outside_are_escaped() -> None:
    assert words.as_text("[a](b) :red[x]\n$y$") == r"\[a\]\(b\) \:red\[x\] \$y\$"


@pytest.mark.parametrize(
    ("code", "text"), [("path-traversal", "Path traversal"), ("xss", "XSS"), ("our_own", "Our own"), (None, "—")]
)
def test_a_family_of_weaknesses_reads_as_people_say_it(code: object, text: str) -> None:
    assert words.family(code) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Acme", "Acme"),
        ("two\nlines \t and more", "two lines and more"),
        ("\u202eevil\u202c", "evil"),
        ("שלום", "שלום"),
        ("x" * 10_000, "x" * 59 + "…"),
        ("  ", words.UNKNOWN),
        (None, words.UNKNOWN),
        (float("nan"), words.UNKNOWN),
    ],
)
def test_text_from_outside_stands_in_one_line(text: object, shown: str) -> None:
    assert words.one_line(text) == shown


@pytest.mark.parametrize(
    ("titles", "text"),
    [
        (["Requests"], "Requests"),
        (["Workflows", "Workflow runs"], "Workflows and workflow runs"),
        (["Repositories", "Security alerts", "Workflow runs"], "Repositories, security alerts and workflow runs"),
    ],
)
def test_titles_in_a_row_read_as_one_sentence(titles: list[str], text: str) -> None:
    assert words.together(titles) == text
