"""Patterns of the policy as conditions on columns, against the policy's own matching in plain Python."""

from fnmatch import fnmatchcase

import ibis
import pyarrow as pa
import pytest

from shared.metrics.delivery.patterns import any_fits, fits
from tests.unit.shared.metrics.asking import Ask

TEXTS = (
    *(
        "deploy",
        "Deploy",
        "deploy to prod",
        "pre-deploy",
        "acme/api",
        "acme/api-2",
        "acme",
        "a.b+c",
        "axb+c",
        "deploy.yml",
    ),
    "",
)
PATTERNS = (
    *(
        "deploy",
        "DEPLOY",
        "deploy*",
        "*deploy",
        "*deploy*",
        "d*y",
        "d*o*d",
        "*e*o*",
        "acme/*",
        "*/api*",
        "a.b+c",
        "*",
        "**",
    ),
    *("a*+*", "*.yml", "deploy*deploy", "a*a"),
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_fits_what_it_fits_in_the_policy(ask: Ask, pattern: str) -> None:
    rows = ibis.memtable(pa.table({"text": pa.array(TEXTS)}))
    found = ask.rows(rows.mutate(whole=fits(rows.text, pattern), one=any_fits(ibis.array([rows.text]), pattern)))
    expected = [fnmatchcase(text.lower(), pattern.lower()) for text in TEXTS]
    assert [row["whole"] for row in found] == expected
    assert [row["one"] for row in found] == expected


def test_one_of_several_labels_is_enough_but_none_goes_over_two(ask: Ask) -> None:
    labels = [["self-hosted", "linux"], ["linux", "x64"], [], None]
    rows = ibis.memtable(pa.table({"labels": pa.array(labels, pa.list_(pa.string()))}))
    patterns = {"own": "Self-Hosted", "over": "self*x", "lin": "*linux*", "any": "*"}
    found = ask.rows(rows.select(**{name: any_fits(rows.labels, pattern) for name, pattern in patterns.items()}))
    assert [row["own"] for row in found] == [True, False, False, None]
    assert [row["over"] for row in found] == [False, False, False, None]
    assert [row["lin"] for row in found] == [True, True, False, None]
    assert [row["any"] for row in found] == [True] * 4
