"""Logs: one object a line, with the request's id, and without secrets and addresses."""

import json
import logging
import os
import subprocess
import sys

import pytest

from shared.observing.logs import REQUEST_ID, Format, Formatter, request_id, secrets_of
from shared.observing.redaction import without_addresses
from shared.settings import Settings
from tests.conftest import ROOT


def record(message: str, *details: object, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("fettle.test", logging.WARNING, __file__, 1, message, details, None)
    made.__dict__.update(fields)
    return made


def test_a_record_is_one_object_with_its_fields() -> None:
    told = json.loads(Formatter("json", "api").format(record("Took %d\nlines", 3, route="/api/me", status=200)))
    assert told.pop("at").startswith("20")
    assert told == {
        "level": "WARNING", "logger": "fettle.test", "message": "Took 3\nlines", "service": "api",
        "route": "/api/me", "status": 200,
    }  # fmt: skip


@pytest.mark.parametrize("style", ["json", "text"])
def test_lines_of_a_request_have_its_id_and_others_none(style: Format) -> None:
    formatter = Formatter(style, "api")
    assert "request" not in formatter.format(record("before"))
    token = REQUEST_ID.set("r-1")
    try:
        assert "r-1" in formatter.format(record("during"))
    finally:
        REQUEST_ID.reset(token)


@pytest.mark.parametrize("style", ["json", "text"])
def test_neither_secrets_nor_addresses_are_shown_wherever_they_are(style: Format) -> None:
    settings = Settings.model_validate(
        {
            "FETTLE_API_KEYS": "ops:admin:verysecretkey-1,two:viewer:verysecretkey-2",
            "GITHUB_WEBHOOK_SECRET": "verysecret-of-the-hook",
            "AZURE_STORAGE_CONNECTION_STRING": "AccountName=a;AccountKey=verysecret+/==;EndpointSuffix=x",
        }
    )
    formatter = Formatter(style, "api", secrets_of(settings))
    try:
        raise ValueError("verysecretkey-1 from 203.0.113.9")
    except ValueError:
        failed = record("It failed for %s", "2001:db8::17")
        failed.exc_info = sys.exc_info()
    lines = [
        formatter.format(failed),
        formatter.format(record("hook verysecret-of-the-hook", key="verysecretkey-2")),
        formatter.format(record("AccountKey=verysecret+/==; https://me:verysecret@host/?sv=1&sig=verysecret%3D")),
        formatter.format(record("fettle_0123456789ab_verysecret and ghp_verysecretverysecret")),
    ]
    assert not [line for line in lines if "verysecret" in line]
    assert not [line for line in lines if "203.0.113" in line or "2001:db8" in line]
    assert "ValueError" in lines[0]


@pytest.mark.parametrize(
    "text", ["at 12:30:45", "127.0.0.1:8502", "::1", "version 1.2.3", "2026-11-22T10:00:00", "[::]:80", "1:2"]
)
def test_times_and_this_machine_s_own_addresses_stay(text: str) -> None:
    assert without_addresses(text) == text


@pytest.mark.parametrize("said", ["abc-1.2_X", "a" * 64])
def test_a_plain_id_of_the_sender_is_kept(said: str) -> None:
    assert request_id(said) == said


@pytest.mark.parametrize("said", [None, "", "a" * 65, "a b", "a\nb", '{"x":1}', "ü", "../../x"])
def test_any_other_id_is_replaced(said: str | None) -> None:
    made = request_id(said)
    assert made != said
    assert len(made) == 32


@pytest.mark.parametrize(("level", "shown"), [("", ["fettle.said"]), ("info", ["fettle.requests", "fettle.said"])])
def test_requests_are_told_only_where_the_level_says_so(level: str, shown: list[str]) -> None:
    """In a process of its own, as pytest has set up logs in this one."""
    told = """
import logging
from shared.observing.logs import RESULTS, set_up_logs
set_up_logs("ui")
for name in ("fettle.requests", RESULTS):
    logging.getLogger(name).info("hello")
"""
    given = {**os.environ, **({"FETTLE_LOG_LEVEL": level} if level else {})}
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, env=given, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == [f"INFO {name}: hello" for name in shown]


def test_a_server_told_to_keep_no_access_log_puts_no_line_together() -> None:
    """Uvicorn does for each request, as soon as somebody might hear it; its other lines are heard here."""
    told = """
import logging, uvicorn
from shared.observing.logs import set_up_logs
uvicorn.Config("app:app", access_log=False)
set_up_logs("api")
print(logging.getLogger("uvicorn.access").hasHandlers(), logging.getLogger("uvicorn.error").hasHandlers())
"""
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
