"""Tables: the units and words on screen, and what is downloaded."""

import io

import pandas as pd
import pytest

from frontend.columns import Column, as_csv, as_parquet, shown


def test_seconds_and_shares_are_shown_in_the_units_of_their_headers() -> None:
    frame = pd.DataFrame({"p50_s": [90.0, None], "age_s": [86_400.0, 0.0], "rate": [0.5, 1.0]})
    columns = (
        Column("p50_s", "p50 (min)", "minutes"),
        Column("age_s", "Age (days)", "days"),
        Column("rate", "%", "share"),
    )
    found = shown(frame, columns)
    assert found.p50_s[0] == 1.5
    assert pd.isna(found.p50_s[1])
    assert (found.age_s[0], found.rate[0]) == (1.0, 50.0)
    assert frame.p50_s[0] == 90.0


def test_codes_are_shown_as_words_with_a_sign() -> None:
    frame = pd.DataFrame({"outcome": ["forbidden", "ok"], "dataset": ["workflow_runs", "alerts"]})
    found = shown(frame, (Column("outcome", "Outcome", "outcome"), Column("dataset", "Dataset", "source")))
    assert found.outcome.tolist() == ["✕ Forbidden", "✓ Ok"]
    assert found.dataset.tolist() == ["Workflow runs", "Security alerts"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])  # noqa: RUF001
def test_formula_cells_are_harmless_in_csv(start: str) -> None:
    frame = pd.DataFrame({"name": [f"{start}cmd()", "plain"], "number": [-5, 3]})
    found = pd.read_csv(io.BytesIO(as_csv(frame)), quotechar='"')
    assert found.name[0].startswith(f"'{start}")
    assert found.name[1] == "plain"
    assert found.number.tolist() == [-5, 3]


def test_formula_in_a_header_is_harmless_too() -> None:
    assert as_csv(pd.DataFrame({"=a": [1]})).startswith(b"'=a")


def test_missing_cells_stay_empty_in_csv() -> None:
    assert as_csv(pd.DataFrame({"a": ["x", None], "b": [1, 2]})) == b"a,b\r\nx,1\r\n,2\r\n"


def test_parquet_is_the_frame_itself() -> None:
    frame = pd.DataFrame({"name": ["=a"], "at": pd.to_datetime(["2026-06-01"], utc=True)})
    found = pd.read_parquet(io.BytesIO(as_parquet(frame)))
    assert found.name.tolist() == ["=a"]
    assert found["at"][0] == frame["at"][0]
