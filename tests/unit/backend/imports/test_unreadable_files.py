"""A file that cannot be imported gets one clear sentence, and changes nothing."""

import gzip
import json
from pathlib import Path

import pytest

from backend.imports.files import UnreadableFile
from backend.imports.imported import ImportRefused
from backend.imports.importing import import_files
from shared.lake.quarantine import quarantine_counts
from shared.lake.tables import Lake
from tests.unit.backend.imports.examples import HEADER, RUN, TABLE, Write, stored


@pytest.mark.parametrize(
    ("name", "content", "kind", "says"),
    [
        ("empty.csv", "", "runs", ["empty.csv is empty"]),
        ("cut.json", '[{"id": 1}, {"id"', "runs", ["cut.json is cut off or not JSON"]),
        ("deep.json", "[" * 100_000, "runs", ["deep.json"]),
        (
            "latin.csv",
            HEADER.encode() + "1,1,caf\xe9,2026-03-01,,".encode("latin-1"),
            "runs",
            ["not UTF-8 text"],
        ),
        ("book.csv", b"PK\x03\x04rest", "runs", ["Excel", "save the sheet as CSV"]),
        ("cut.gz", gzip.compress(TABLE.encode())[:-20], "runs", ["cut.gz is gzip but cut off"]),
        ("page.csv", "<html>log in</html>", "runs", ["a web page"]),
        ("no-repo.csv", TABLE, "runs", ["no-repo.csv does not say which repository", "--repo owner/name"]),
        (
            "notes.csv",
            "colour,taste\nred,sweet\n",
            "runs",
            ["no table of workflow runs", "colour, taste", "needs run_id or"],
        ),
        ("runs.csv", TABLE, "jobs", ["no table of workflow jobs", 'try "import runs"']),
        ("jobs.csv", "job_id,run_id,conclusion,repo\n1,2,success,a/b\n", "runs", ['try "import jobs"']),
        ("runs.json", json.dumps([RUN]), "alerts", ["holds no alerts", 'try "import runs"']),
        ("runs.json", json.dumps([RUN]), "jobs", ["holds no workflow jobs", 'try "import runs"']),
        ("none.json", '{"total_count": 0, "workflow_runs": []}', "runs", ["holds no workflow runs at all"]),
        (
            "denied.json",
            '{"message": "Bad credentials"}',
            "runs",
            ["holds no workflow runs that can be imported"],
        ),
        ("quote.csv", HEADER + '1,1,"' + "x" * 200_000, "alerts", ["no table of alerts"]),
    ],
)
def test_an_unusable_file_gets_one_clear_sentence(
    lake: Lake, write: Write, name: str, content: str | bytes, kind: str, says: list[str]
) -> None:
    with pytest.raises(UnreadableFile) as error:
        import_files(lake, kind, [write(name, content)], None)
    assert "\n" not in str(error.value)
    assert name in str(error.value)
    assert [part for part in says if part not in str(error.value)] == []
    assert error.value.exit_code == 1
    assert lake.snapshot().blobs == ()
    assert quarantine_counts(lake.store) == {}


def test_a_quote_that_is_never_closed_is_named(lake: Lake, write: Write) -> None:
    with pytest.raises(UnreadableFile, match="a quote that is never closed"):
        import_files(lake, "runs", [write("quote.csv", HEADER + '1,1,"' + "x" * 200_000)], "a/b")


def test_a_missing_file_is_named(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"nowhere\.csv cannot be read"):
        import_files(lake, "runs", [tmp_path / "nowhere.csv"], None)


def test_files_before_an_unusable_one_stay_imported(lake: Lake, write: Write, tmp_path: Path) -> None:
    good = write("good.json", json.dumps([RUN]))
    with pytest.raises(UnreadableFile, match="1 before it is imported") as error:
        import_files(lake, "runs", [good, tmp_path / "nowhere.csv"], None)
    assert error.value.exit_code == 2
    assert len(stored(lake)) == 1


def test_an_unknown_kind_names_those_there_are(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="runs, jobs, alerts"):
        import_files(lake, "invoices", [], None)


def test_a_malformed_repository_is_refused(lake: Lake) -> None:
    with pytest.raises(ImportRefused, match="owner/name"):
        import_files(lake, "runs", [], "just-a-name")
