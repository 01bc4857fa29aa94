"""What is pushed at random, for seconds or for FETTLE_FUZZ_SECONDS: no answer is an error of ours, and nothing hangs.

Ten minutes: `FETTLE_FUZZ_SECONDS=600 python -m pytest -m slow -s tests/contract/test_push_fuzz.py`.
"""

import os
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from shared.lake.inbox import INBOX
from shared.lake.local import LocalStore
from shared.lake.quarantine import quarantine_counts
from tests.contract.delivering import running
from tests.contract.pushed_at_random import Pushed

KEY = "admin-key-with-enough-characters"
SEED = int(os.environ.get("FETTLE_FUZZ_SEED", "1"))
SECONDS = float(os.environ.get("FETTLE_FUZZ_SECONDS", "20"))


def fuzz(folder: Path, seconds: float, most: int | None = None) -> Counter[tuple[str, int]]:
    """Pushes to both routes in turn, and looks at every answer; then waits until all that was taken is folded."""
    pushed, answered = Pushed(SEED), Counter[tuple[str, int]]()
    with running(folder, FETTLE_API_KEYS=f"a:admin:{KEY}", FETTLE_RATE_LIMIT="100000000/minute") as api:
        base = f"http://127.0.0.1:{api.port}/api"
        with httpx.Client(timeout=30, trust_env=False, headers={"X-API-Key": KEY}) as client:
            made = client.post(f"{base}/customers", json={"customer_id": "acme", "name": "Acme"})
            assert made.status_code < 300, made.text
            until = time.monotonic() + seconds
            while time.monotonic() < until and answered.total() != most:
                for path, (body, headers) in (("webhooks/github", pushed.delivery()), ("events", pushed.event())):
                    answer = client.post(f"{base}/{path}", content=body, headers=headers)
                    answered[path, answer.status_code] += 1
                    assert answer.status_code < 500, (path, headers, body[:2_000], answer.text)
                    assert "Traceback" not in answer.text
                    assert answer.status_code < 400 or answer.json()["error"]["message"]
            wait_until_folded(LocalStore(folder / "store"), 30 + seconds)
            assert client.get(f"{base}/health").status_code == 200
        assert "Traceback" not in api.said, api.said
    print(f"\n{answered.total():,} requests: {dict(sorted(answered.items()))}")
    print(f"in quarantine: {quarantine_counts(LocalStore(folder / 'store'))}")
    return answered


def wait_until_folded(store: LocalStore, limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while any(True for _ in store.list(INBOX)):
        assert time.monotonic() < deadline, "What was taken is not folded."
        time.sleep(0.2)


def test_nothing_of_what_is_pushed_at_random_is_an_error_of_ours(tmp_path: Path) -> None:
    answered = fuzz(tmp_path, 120, most=100)
    assert {202, 401} <= {status for path, status in answered if path == "webhooks/github"}
    assert {422} <= {status for path, status in answered if path == "events"}


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_nothing_of_much_that_is_pushed_at_random_is_an_error_of_ours(tmp_path: Path) -> None:
    assert fuzz(tmp_path, SECONDS).total() > 20 * SECONDS
