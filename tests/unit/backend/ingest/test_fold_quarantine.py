"""Fold: what cannot be folded goes to quarantine with the reason, and stops nothing."""

from collections.abc import Iterable
from typing import Any

import orjson
import pytest

from backend.ingest import webhooks
from backend.ingest.delivery import Delivery
from backend.ingest.fold import Folded, fold
from backend.ingest.fold_deliveries import fold_deliveries
from shared.lake.inbox import INBOX
from shared.lake.quarantine import quarantine_counts, quarantined
from shared.lake.tables import Lake
from tests.builders import NOW
from tests.unit.backend.ingest.payloads import delivered, dependabot, put_in_inbox, workflow_job, workflow_run
from tests.unit.backend.ingest.stored import stored


def test_bad_lines_go_to_quarantine_with_the_reason_and_stop_nothing(lake: Lake) -> None:
    threat = {"threat_id": "t1", "at": NOW.isoformat(), "collected_at": NOW.isoformat(), "source": "api"}
    good = delivered("workflow_run", workflow_run("completed", 1))
    lake.store.write(f"{INBOX}threats/1.ndjson", b"\n".join([b"{half", b"[1]", _json(threat), b"", _json({"a": 1})]))
    lake.store.write(
        f"{INBOX}webhooks/1.ndjson",
        b"\n".join(
            [
                _json({"event": "workflow_run"}),
                Delivery("workflow_run", "d", NOW, b"not json").line(),
                Delivery("workflow_run", "d", NOW, b"\xff\xfe").line(),
                Delivery("workflow_run", "d", NOW, b"{}").line(),
                good.line(),
            ]
        ),
    )
    lake.store.write(f"{INBOX}nonsense/1.ndjson", b"{}")
    result = fold(lake)
    assert (result.blobs, result.changed, result.rejected) == (3, 2, 8)
    assert [row["threat_id"] for row in stored(lake, "threats")] == ["t1"]
    assert len(stored(lake, "workflow_runs")) == 1
    reasons = {entry["reason"].partition(":")[0] for entry in quarantined(lake.store)}
    assert {"not JSON", "no event, delivery_id or received_at", "the body is not JSON", "no workflow_run"} <= reasons
    assert fold(lake) == Folded()


def test_what_no_code_expects_goes_to_quarantine_alone(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(lake: Lake, given: Iterable[list[dict[str, Any]]]) -> Any:
        parts = list(given)
        if any(line["delivery_id"] == "poison" for part in parts for line in part):
            raise KeyError("poison")
        return fold_deliveries(lake, parts)

    monkeypatch.setattr("backend.ingest.fold.fold_deliveries", fails)
    put_in_inbox(lake.store, delivered("workflow_run", workflow_run("completed", 1)), name="1")
    put_in_inbox(lake.store, delivered("workflow_run", workflow_run("queued", 1), delivery_id="poison"), name="2")
    assert fold(lake).blobs == 2
    assert len(stored(lake, "workflow_runs")) == 1
    assert quarantine_counts(lake.store) == {("webhooks", "could not be folded; see the log"): 1}


@pytest.mark.parametrize("action", [["fixed"], {"fixed": 1}, None, 7])
def test_an_action_that_is_no_text_stops_nothing(lake: Lake, action: Any) -> None:
    odd = delivered("dependabot_alert", {**dependabot("fixed", "fixed", 1, updated_at=None), "action": action})
    put_in_inbox(lake.store, odd, delivered("workflow_run", workflow_run("completed", 1)))
    fold(lake)
    assert len(stored(lake, "workflow_runs")) == 1
    assert "could not be folded; see the log" not in {reason for _, reason in quarantine_counts(lake.store)}


def test_a_delivery_that_a_flaw_of_ours_stops_waits_alone(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others of the same blob were acknowledged too."""

    def flawed(payload: Any, *_more: Any) -> Any:
        raise TypeError("unhashable type: 'list'")

    monkeypatch.setitem(webhooks._TOLD, "workflow_job", flawed)
    job, run = delivered("workflow_job", workflow_job("completed")), workflow_run("completed", 1)
    put_in_inbox(lake.store, job, delivered("workflow_run", run))
    assert (fold(lake).rejected, len(stored(lake, "workflow_runs"))) == (1, 1)
    assert quarantine_counts(lake.store) == {
        ("webhooks", "it cannot be mapped (TypeError: unhashable type: 'list')"): 1
    }


def _json(value: Any) -> bytes:
    return orjson.dumps(value)
