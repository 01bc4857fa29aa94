"""Redaction: what is taken out of a text, and what stays."""

import pytest

from backend.collect.problems import quoted
from shared.observing.redaction import redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token ghp_abc123.", "token (hidden)."),
        ("ghs_7_" + "aB3-_." * 90 + "x is long", "(hidden) is long"),
        ("'github_pat_11AB_cd'", "'(hidden)'"),
        ("gho_a ghu_b ghr_c", "(hidden) (hidden) (hidden)"),
        ("Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI3In0.c2ln-_x", "Bearer (hidden)"),
        ("x -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- y", "x (hidden) y"),
        ("-----BEGIN PRIVATE KEY-----\nMII", "(hidden)"),
        ("via http://mona:pass@proxy:3128/", "via http://(hidden)@proxy:3128/"),
    ],
)
def test_secrets_are_hidden(text: str, shown: str) -> None:
    assert redacted(text) == shown


@pytest.mark.parametrize("text", ["", "Not Found", "https://api.github.com/repos/o/r?x=a@b", "night_ghost", "a@b.c"])
def test_everything_else_stays(text: str) -> None:
    assert redacted(text) == text


def test_github_s_words_are_hidden_before_they_are_cut() -> None:
    said = "x" * 190 + " ghs_" + "a" * 500
    assert "ghs_" not in quoted(said)
    assert quoted(" Bad \n credentials. ") == " 'Bad credentials'"
    assert quoted("") == ""
