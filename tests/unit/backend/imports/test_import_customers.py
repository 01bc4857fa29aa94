"""Customers and their events are imported from tables of any columns, once, and what is wrong is set aside."""

import csv
import json
from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.demo.customers import activity_events, customers
from backend.demo.months import span_of
from backend.demo.size import DemoSize
from backend.imports.files import UnreadableFile
from backend.imports.imported import ImportRefused
from backend.imports.importing import import_files
from frontend.columns import as_csv
from shared.lake.merge import Changes
from shared.lake.quarantine import quarantine_counts
from shared.lake.tables import Lake
from tests.conftest import NOW
from tests.unit.backend.imports.examples import Write, stored

PEOPLE = "customer_id,name,segment,owner,created_at\nacme,Acme,large,sam,2025-01-31\nglobex,Globex,,,\n"
HEADER = "customer_id,event_type,timestamp,feature_name,endpoint,amount,due_date,status,closed_at\n"


@pytest.fixture
def acme(lake: Lake, write: Write) -> Lake:
    import_files(lake, "customers", [write("people.csv", PEOPLE)], None)
    return lake


def test_customers_of_a_table(acme: Lake) -> None:
    rows = stored(acme, "customers")
    assert [(row["customer_id"], row["name"], row["segment"], row["owner"]) for row in rows] == [
        ("acme", "Acme", "large", "sam"),
        ("globex", "Globex", None, None),
    ]
    assert rows[0]["created_at"] == datetime(2025, 1, 31, tzinfo=UTC)
    assert {row["source"] for row in rows} == {"import:people.csv"}


def test_columns_of_other_names_are_mapped(acme: Lake, write: Write) -> None:
    content = "Kunde;Was;Wann;Bemerkung\nacme;LOGIN;20.11.2026;x\nacme;Login;2026-11-20 10:00:00 +0100;y\n"
    pairs = ["Kunde=customer_id", "Was=event_type", "Wann=timestamp"]
    done = import_files(acme, "events", [write("e.csv", content)], None, columns=pairs)
    assert (done.rows, done.rejected) == (1, 1)
    assert stored(acme, "activity_events")[0]["at"] == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert quarantine_counts(acme.store) == {("activity_events", "timestamp is not a time"): 1}
    assert done.warnings[0] == "e.csv: not used: Bemerkung"


def test_one_column_of_times_serves_all_types_and_bad_rows_are_set_aside(acme: Lake, write: Write) -> None:
    rows = [
        "acme,login,2026-11-01,,,,,,",
        "acme,feature,2026-11-01,export,,,,,",
        "acme,ticket,2026-11-01,,,,,,2026-11-02",
        "acme,invoice,2026-11-01,,,99.5,2026-12-01,unpaid,",
        "acme,api,2026-11-01,,/v1,,,,",
        "nobody,login,2026-11-01,,,,,,",
        "acme,feature,2026-11-01,,,,,,",
        "acme,invoice,2026-11-01,,,-1,2026-10-01,,",
        "acme,party,2026-11-01,,,,,,",
        "acme,login",
    ]
    done = import_files(acme, "events", [write("e.csv", HEADER + "\n".join(rows))], None)
    assert (done.rows, done.rejected) == (5, 5)
    assert {row["type"]: row["at"] for row in stored(acme, "activity_events")} == dict.fromkeys(
        ("login", "feature", "ticket", "invoice", "api"), datetime(2026, 11, 1, tzinfo=UTC)
    )
    assert quarantine_counts(acme.store) == {
        ("activity_events", reason): 1
        for reason in (
            "customer_id is of no customer that is known; import customers first",
            "feature_name is missing",
            "due_date is before issued_at; amount is not above 0",
            "event_type is not known",
            "2 cells where the header has 9",
        )
    }


def test_importing_again_changes_nothing_and_a_longer_export_adds_only_what_is_new(acme: Lake, write: Write) -> None:
    twice = "acme,login,2026-11-01,,,,,,\n" * 2
    path = write("e.csv", HEADER + twice + "acme,ticket,2026-11-01,,,,,open,\nacme,oops,,,,,,,\n")
    assert import_files(acme, "events", [path], None).changes == Changes(inserted=3)
    version, quarantine = acme.snapshot().version, quarantine_counts(acme.store)
    assert import_files(acme, "events", [path], None).changes == Changes(unchanged=3)
    assert (acme.snapshot().version, quarantine_counts(acme.store)) == (version, quarantine)
    longer = write("e.csv", HEADER + twice * 2 + "acme,ticket,2026-11-01,,,,,,2026-11-05\n")
    assert import_files(acme, "events", [longer], None).changes == Changes(inserted=2, updated=1, unchanged=2)
    assert [row["ticket_status"] for row in stored(acme, "activity_events") if row["type"] == "ticket"] == ["closed"]


def test_json_is_taken_too(acme: Lake, write: Write) -> None:
    told = {"customerId": "acme", "type": "api", "endpoint": "/v1", "timestamp": "2026-11-01T00:00:00Z", "id": "e1"}
    import_files(acme, "events", [write("e.json", json.dumps({"events": [told, {**told, "id": "e2"}, 7]}))], None)
    assert [row["event_id"] for row in stored(acme, "activity_events")] == ["e1", "e2"]


def test_what_no_file_can_hold_is_set_aside(acme: Lake, write: Write) -> None:
    odd = (
        '[{"customer_id": "a", "name": "\\ud800"}, {"customer_id": "b", "name": "B", "n": %d}, {"customer_id": 1e999}]'
    )
    done = import_files(acme, "customers", [write("c.json", odd % 10**30)], None)
    assert (done.rows, done.rejected) == (1, 2)
    assert quarantine_counts(acme.store) == {
        ("customers", "name holds what is no character"): 1,
        ("customers", "customer_id is not a text; name is not a text"): 1,
    }


def test_what_pages_download_can_be_imported_but_not_the_sample(lake: Lake, write: Write) -> None:
    span = span_of(60, int(NOW.timestamp()))
    people, events = (make(DemoSize(repos=1, days=60), span).to_pandas() for make in (customers, activity_events))
    for source in ("demo", "api"):
        files = [write(f"{n}.csv", as_csv(frame.assign(source=source))) for n, frame in enumerate((people, events))]
        if source == "demo":
            with pytest.raises(UnreadableFile, match="a demo row"):
                import_files(lake, "customers", files[:1], None)
    import_files(lake, "customers", files[:1], None)
    done = import_files(lake, "events", files[1:], None)
    assert (done.rows, done.rejected) == (len(events), 0)
    kept = pd.DataFrame(stored(lake, "activity_events")).sort_values("event_id", ignore_index=True)
    events = events.sort_values("event_id", ignore_index=True)
    for name in (
        "customer_id",
        "type",
        "at",
        "feature_name",
        "ticket_status",
        "closed_at",
        "due_date",
        "invoice_status",
    ):
        same = (kept[name] == events[name]) | (kept[name].isna() & events[name].isna())
        assert same.all(), name


@pytest.mark.parametrize(
    ("kind", "content", "options", "said"),
    [
        ("events", HEADER, {}, "holds no events that can be imported at all"),
        ("events", "who,what\na,b\n", {}, 'has no column for customer_id.*who, what.*add --map "THEIRS=customer_id"'),
        ("customers", "name\nAcme\n", {}, "has no column for customer_id"),
        ("events", HEADER + "acme,login,,,,,,,\n", {"columns": ["Who=customer_id"]}, "has no column 'Who'"),
        ("events", HEADER + "acme,login,,,,,,,\n", {}, "timestamp is missing"),
    ],
)
def test_files_of_which_nothing_can_be_used(
    lake: Lake, write: Write, kind: str, content: str, options: dict[str, list[str]], said: str
) -> None:
    with pytest.raises(UnreadableFile, match=said):
        import_files(lake, kind, [write("f.csv", content)], None, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "repo", "columns", "said"),
    [
        ("events", None, ["customer_id"], "theirs=ours"),
        ("events", None, ["a=b"], "names 'b'; events have event_id, customer_id"),
        ("runs", None, ["a=b"], "--map names the columns of customers and events"),
        ("customers", "acme/api", [], "belong to no repository"),
    ],
)
def test_what_makes_no_sense_is_refused(
    lake: Lake, write: Write, kind: str, repo: str | None, columns: list[str], said: str
) -> None:
    with pytest.raises(ImportRefused, match=said):
        import_files(lake, kind, [write("f.csv", PEOPLE)], repo, columns=columns)


@settings(max_examples=5)
@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=4, unique=True))
def test_names_come_back_as_they_were_or_are_set_aside(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    from shared.lake.local import LocalStore

    folder = tmp_path_factory.mktemp("names")
    frame = pd.DataFrame({"customer_id": [f"c{n}" for n in range(len(names))], "name": names})
    path = folder / "people.csv"
    text = frame.to_csv(index=False, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    path.write_bytes(text.encode("utf-8", "replace"))
    lake = Lake(LocalStore(folder / "store"), folder / "cache", lambda: NOW)
    try:
        done = import_files(lake, "customers", [path], None)
        kept = {row["customer_id"]: row["name"] for row in stored(lake, "customers")}
    except UnreadableFile:
        return
    finally:
        lake.close()
    assert done.rows + done.rejected == len(names)
    for number, name in enumerate(names):
        if f"c{number}" in kept and name.strip() and not name.strip().startswith(("null", "N", "<", "\\")):
            assert kept[f"c{number}"].split() == name.encode("utf-8", "replace").decode().split()
