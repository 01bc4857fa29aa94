"""Request logs are imported from tables of any columns, once, and what is wrong is set aside, field by field."""

import json

import pytest

from backend.imports.imported import ImportRefused
from backend.imports.importing import import_files
from shared.lake.quarantine import quarantine_counts
from shared.lake.tables import Lake
from tests.unit.backend.imports.examples import Write, stored

LOG = (
    "Id,timestamp,path,status_code,latency,model_name,input_tokens,output_tokens,country_code,Who\n"
    "a,2026-11-01T10:00:00Z,/v1/chat,200,12.5,large,10,5,id,ada\n"
    "b,2026-11-01T11:00:00Z,/v1/chat,503,,,,,T1,\n"
)


def test_a_log_with_other_names_is_taken_once(lake: Lake, write: Write) -> None:
    path = write("log.csv", LOG)
    done = import_files(lake, "requests", [path], None, columns=["Who=user"])
    assert (done.rows, done.rejected) == (2, 0)
    first, second = sorted(stored(lake, "requests"), key=lambda row: row["request_id"])
    assert (first["status"], first["latency_ms"], first["model"], first["user"]) == (200, 12.5, "large", "ada")
    assert (first["total_tokens"], first["country"], first["source"]) == (15, "ID", "import:log.csv")
    assert (second["status"], second["latency_ms"], second["total_tokens"], second["country"]) == (
        503,
        None,
        None,
        None,
    )
    assert import_files(lake, "requests", [path], None, columns=["Who=user"]).files[0].changes.written == 0


def test_what_is_wrong_is_told_by_field(lake: Lake, write: Write) -> None:
    rows = [
        {"request_id": "a", "at": "2026-11-01T10:00:00Z"},
        {"request_id": "b", "at": "2999-11-01T10:00:00Z"},
        {"request_id": "c", "at": "2026-11-01T10:00:00Z", "status": 99},
        {"request_id": "d", "at": "2026-11-01T10:00:00Z", "latency_ms": -1},
        {"request_id": "e", "at": "2026-11-01T10:00:00Z", "total_tokens": 1.5},
        {"at": "2026-11-01T10:00:00Z"},
    ]
    done = import_files(lake, "requests", [write("log.json", json.dumps(rows))], None)
    assert (done.rows, done.rejected) == (1, 5)
    reasons = "\n".join(reason for _, reason in quarantine_counts(lake.store))
    for field in ("at", "status", "latency_ms", "total_tokens", "request_id"):
        assert field in reasons


def test_a_field_that_there_is_not_is_refused(lake: Lake, write: Write) -> None:
    with pytest.raises(ImportRefused, match="'address'; requests have request_id"):
        import_files(lake, "requests", [write("log.csv", LOG)], None, columns=["Who=address"])
