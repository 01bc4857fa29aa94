"""Weaknesses have one spelling and one family."""

import pytest

from shared.cwe import CWE_FAMILIES, cwe_family, cwe_id


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        *(
            ("CWE-79", "CWE-79"),
            ("CWE-079", "CWE-79"),
            ("cwe79", "CWE-79"),
            ("external/cwe/cwe-022", "CWE-22"),
        ),
        *(("CWE-1321: Prototype Pollution", "CWE-1321"), ("security", None), ("CWE-0", None), ("", None)),
    ],
)
def test_ids_are_normalised(written: str, expected: str | None) -> None:
    assert cwe_id(written) == expected


@pytest.mark.parametrize(
    ("cwes", "family"),
    [
        *(
            (["CWE-89"], "injection"),
            (["CWE-79", "CWE-116"], "xss"),
            (["CWE-22", "CWE-99"], "path-traversal"),
        ),
        *(
            (["CWE-502"], "deserialization"),
            (["CWE-918"], "ssrf"),
            (["CWE-787"], "memory"),
            (["CWE-798"], "secrets"),
        ),
        *((["CWE-327"], "crypto"), (["CWE-287"], "auth"), (["CWE-20"], "other"), ([], None), (None, None)),
        (["CWE-400", "CWE-89"], "injection"),
    ],
)
def test_the_first_family_in_the_table_wins(cwes: list[str] | None, family: str | None) -> None:
    assert cwe_family(cwes) == family


def test_no_weakness_is_in_two_families() -> None:
    members = [number for family in CWE_FAMILIES.values() for number in family]
    assert len(members) == len(set(members))
