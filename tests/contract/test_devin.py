"""Devin's sessions come into the lake from both versions of its API, whatever goes wrong on the way."""

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from backend.collect.agents.devin import Devin, open_devin
from backend.collect.agents.devin_client import DevinClient
from backend.collect.connection.obstacles import BUNDLES
from backend.collect.github import GitHub
from backend.collect.limits import Time
from backend.collect.problems import Forbidden, GitHubError, Interrupted, NotFound, Unavailable
from backend.collect.visit import whole
from shared.errors import SettingsError
from shared.lake.quarantine import quarantine_counts
from shared.settings import Settings
from tests.contract.agents import Visitor
from tests.contract.collecting import NOW, Hours, open_lake
from tests.standins.authority import server_context
from tests.standins.devin import ORG, V1_KEY, V3_KEY, DevinStandin
from tests.standins.devin.faults import data, first_page, moved, refused
from tests.standins.github import faults
from tests.standins.github.faults import Effect

KEYS = (V1_KEY, V3_KEY)
both = pytest.mark.parametrize("key", KEYS, ids=["v1", "v3"])


@pytest.fixture
def devin() -> Iterator[DevinStandin]:
    with DevinStandin() as standin:
        yield standin


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    lake = open_lake(tmp_path)
    # Nothing listens there: whoever asks GitHub for sessions of Devin fails.
    yield Visitor(lake, GitHub("ghp_none", "http://127.0.0.1:9"), whole("devin"))
    lake.close()


def opened(standin: DevinStandin, key: str, hours: Hours | None = None, **changes: Any) -> Devin:
    settings = Settings(
        **{
            "DEVIN_API_KEY": SecretStr(key),
            "DEVIN_API_URL": standin.url,
            "DEVIN_ORG_ID": ORG,
            **changes,
        }
    )
    found = open_devin(settings, clock=(hours or Hours()).time)
    assert found is not None
    return found


def fill(standin: DevinStandin, number: int) -> list[str]:
    """So many sessions, an hour apart, the newest last."""
    begin = NOW - timedelta(days=30)
    return [standin.state.new_session(at=begin + timedelta(hours=hour)).id for hour in range(number)]


@both
@pytest.mark.parametrize(
    "number", [0, 100, 101, 201, *(pytest.param(number, marks=pytest.mark.slow) for number in (1, 99, 199, 200, 450))]
)
def test_every_session_is_read_once(devin: DevinStandin, visitor: Visitor, key: str, number: int) -> None:
    ids = fill(devin, number)
    covered = visitor.read(opened(devin, key))
    assert sorted(visitor.rows) == sorted(ids)
    assert (covered.since, covered.gap) == (None, None)
    assert covered.until is not None
    assert abs(covered.until - datetime.now(UTC)) < timedelta(minutes=1)
    assert visitor.tally is not None
    assert visitor.tally.requests == len(devin.log) <= number // 99 + 1
    assert {entry.login for entry in devin.log} == {key}


@both
def test_a_session_is_the_same_row_from_both_versions(devin: DevinStandin, visitor: Visitor, key: str) -> None:
    url = "https://github.com/acme/shop/pull/7"
    made = devin.state.new_session(
        at=NOW - timedelta(hours=2),
        title="Fix CQLF-1",
        tags=("security",),
        pull_requests=(url,),
        structured_output={"ok": True},
    )
    devin.state.update(made.id, at=NOW - timedelta(hours=1), status_detail="finished", status_enum="finished")
    visitor.read(opened(devin, key))
    row = visitor.rows[made.id]
    assert (row["status"], row["repo"], row["pull_request_urls"]) == ("finished", "acme/shop", [url])
    assert (row["alert_refs"], row["tags"], row["structured_output"]) == (["CQLF-1"], ["security"], '{"ok": true}')
    assert (row["created_at"], row["ended_at"]) == (NOW - timedelta(hours=2), NOW - timedelta(hours=1))
    assert (row["acus"], row["source"]) == (1.5 if key == V3_KEY else None, "devin")


def test_a_second_visit_asks_for_what_was_updated_since(devin: DevinStandin, visitor: Visitor) -> None:
    ids = fill(devin, 450)
    visitor.read(opened(devin, V3_KEY))
    devin.log.clear()
    devin.state.update(ids[0], at=NOW, status="exit", status_detail=None)
    covered = visitor.read(opened(devin, V3_KEY))
    (asked,) = devin.log
    assert int(asked.query["updated_after"]) == int((NOW - timedelta(days=31) + timedelta(hours=449)).timestamp())
    assert covered.unchanged is False
    assert visitor.rows[ids[0]]["status"] == "finished"
    before = visitor.lake.snapshot()
    visitor.read(opened(devin, V3_KEY))
    assert visitor.lake.snapshot() == before


def test_nothing_new_is_said_to_be_nothing_new(devin: DevinStandin, visitor: Visitor) -> None:
    made = devin.state.new_session(at=NOW - timedelta(days=3))
    visitor.read(opened(devin, V3_KEY))
    devin.state.delete(made.id)
    covered = visitor.read(opened(devin, V3_KEY))
    assert (covered.unchanged, covered.since, len(visitor.rows)) == (True, None, 1)


def test_version_1_reads_everything_and_changes_nothing_twice(devin: DevinStandin, visitor: Visitor) -> None:
    fill(devin, 120)
    visitor.read(opened(devin, V1_KEY))
    before = visitor.lake.snapshot()
    covered = visitor.read(opened(devin, V1_KEY))
    assert visitor.lake.snapshot() == before
    assert (covered.unchanged, len(devin.log)) == (False, 4)


def test_since_and_full(devin: DevinStandin, visitor: Visitor) -> None:
    old, new = (devin.state.new_session(at=NOW - timedelta(days=days)).id for days in (30, 3))
    since = NOW - timedelta(days=10)
    assert visitor.read(opened(devin, V3_KEY), since=since).since == since
    assert set(visitor.rows) == {new}
    assert visitor.read(opened(devin, V3_KEY)).since == since
    assert visitor.read(opened(devin, V3_KEY), full=True).since is None
    assert set(visitor.rows) == {old, new}


def test_since_after_the_watermark_leaves_no_gap(devin: DevinStandin, visitor: Visitor) -> None:
    devin.state.new_session(at=NOW - timedelta(days=9))
    visitor.read(opened(devin, V3_KEY))
    made, newer = (devin.state.new_session(at=NOW - timedelta(days=days)) for days in (5, 1))
    visitor.read(opened(devin, V3_KEY), since=NOW - timedelta(days=2))
    assert (made.id in visitor.rows, newer.id in visitor.rows) == (False, True)
    visitor.read(opened(devin, V3_KEY))
    assert made.id in visitor.rows


def test_what_was_read_with_another_key_says_nothing_of_this_one(devin: DevinStandin, visitor: Visitor) -> None:
    fill(devin, 3)
    visitor.read(opened(devin, V1_KEY))
    visitor.read(opened(devin, V3_KEY))
    assert "updated_after" not in devin.log[-1].query


def test_a_session_that_is_updated_while_others_are_read_is_not_lost(devin: DevinStandin, visitor: Visitor) -> None:
    devin.state.order = "updated_at"
    ids = fill(devin, 250)
    first = faults.hook(lambda _: devin.state.update(ids[0], at=NOW, status_enum="finished"))
    devin.faults.add(first, path="offset=99")
    covered = visitor.read(opened(devin, V1_KEY))
    assert (sorted(visitor.rows), covered.gap) == (sorted(ids), None)
    assert visitor.rows[ids[0]]["status"] == "finished"


def test_a_session_that_is_deleted_while_others_are_read_hides_none(devin: DevinStandin, visitor: Visitor) -> None:
    ids = fill(devin, 250)
    devin.faults.add(faults.hook(lambda _: devin.state.delete(ids[-1])), path="offset=99")
    visitor.read(opened(devin, V1_KEY))
    assert sorted(visitor.rows) == sorted(ids)


def test_a_list_that_never_rests_is_read_as_far_as_it_goes_and_said_to_have_a_gap(
    devin: DevinStandin, visitor: Visitor
) -> None:
    fill(devin, 150)
    devin.faults.add(faults.hook(lambda _: devin.state.new_session(at=NOW)), path="offset=99", times=None)
    covered = visitor.read(opened(devin, V1_KEY))
    assert "moved in each of 3 readings" in str(covered.gap)
    assert len(visitor.rows) >= 152
    assert len(devin.log) == 6


def test_sessions_may_move_between_the_pages_of_a_cursor(devin: DevinStandin, visitor: Visitor) -> None:
    devin.state.order = "updated_at"
    ids = fill(devin, 450)
    devin.faults.add(faults.hook(lambda _: devin.state.update(ids[0], at=NOW)), path="after=")
    visitor.read(opened(devin, V3_KEY))
    visitor.read(opened(devin, V3_KEY))
    assert sorted(visitor.rows) == sorted(ids)


def test_what_was_updated_while_the_list_was_read_is_read_again(devin: DevinStandin, visitor: Visitor) -> None:
    """The watermark is the time at which the reading began, however new the newest session is."""
    ids = fill(devin, 250)
    now = NOW.timestamp()
    devin.state.clock = lambda: now
    devin.faults.add(
        faults.hook(lambda _: devin.state.update(ids[0], at=NOW + timedelta(days=3))), path="after=", times=1
    )
    visitor.read(opened(devin, V3_KEY))
    visitor.read(opened(devin, V3_KEY))
    assert int(devin.log[-1].query["updated_after"]) == int((NOW - timedelta(days=1)).timestamp())


@both
def test_a_page_that_comes_twice_is_asked_for_again(devin: DevinStandin, visitor: Visitor, key: str) -> None:
    ids = fill(devin, 450)
    devin.faults.add(first_page(), path="after=|offset=99")
    visitor.read(opened(devin, key))
    assert sorted(visitor.rows) == sorted(ids)


@both
def test_a_server_that_ignores_where_a_page_begins_is_told(devin: DevinStandin, visitor: Visitor, key: str) -> None:
    fill(devin, 450)
    devin.faults.add(first_page(), times=None)
    with pytest.raises(Unavailable, match="same page"):
        visitor.read(opened(devin, key))
    assert len(devin.log) == 4
    assert len(visitor.rows) == (100 if key == V1_KEY else 200)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"items": [{"session_id": "a"}], "has_next_page": True, "end_cursor": None}, "not where"),
        ({"sessions": []}, "something else than a list"),
        ([], "something else than a list"),
    ],
)
def test_answers_of_another_form_are_told(devin: DevinStandin, visitor: Visitor, answer: object, words: str) -> None:
    devin.faults.add(data(answer), times=None)
    with pytest.raises(Unavailable, match=words):
        visitor.read(opened(devin, V3_KEY))


def test_pages_that_go_in_a_circle_end(devin: DevinStandin, visitor: Visitor) -> None:
    for nth, name in ((1, "a"), (2, "b"), (3, "a")):
        page = {"items": [{"session_id": name}], "has_next_page": True, "end_cursor": f"cursor-{name}"}
        devin.faults.add(data(page), nth=nth)
    with pytest.raises(Unavailable, match="circle"):
        visitor.read(opened(devin, V3_KEY))


@both
def test_unknown_words_and_broken_sessions_stop_nothing(devin: DevinStandin, visitor: Visitor, key: str) -> None:
    odd = devin.state.new_session(at=NOW, status="hibernating", status_enum="hibernating", more={"tags": "x", "new": 1})
    devin.state.new_session(at=NOW, more={"session_id": None})
    good = devin.state.new_session(at=NOW)
    visitor.read(opened(devin, key))
    assert set(visitor.rows) == {odd.id, good.id}
    row = visitor.rows[odd.id]
    assert (row["status"], row["tags"]) == ("unknown", None)
    assert str(row["provider_status"]).startswith("hibernating")
    assert sum(quarantine_counts(visitor.lake.store).values()) == 1


@both
@pytest.mark.parametrize("effect", [faults.status(502), faults.reset(), faults.truncated()], ids=lambda e: e.name)
def test_what_passes_is_asked_again(devin: DevinStandin, visitor: Visitor, key: str, effect: Effect) -> None:
    ids, hours = fill(devin, 250), Hours()
    devin.faults.add(effect, nth=2, times=3)
    visitor.read(opened(devin, key, hours))
    assert sorted(visitor.rows) == sorted(ids)
    first, second, third = hours.naps
    assert first < second < third


@both
@pytest.mark.parametrize("effect", [faults.status(502), faults.reset(), faults.truncated()], ids=lambda e: e.name)
def test_what_does_not_pass_keeps_what_was_read(
    devin: DevinStandin, visitor: Visitor, key: str, effect: Effect
) -> None:
    ids, hours = fill(devin, 250), Hours()
    fault = devin.faults.add(effect, nth=2, times=None)
    with pytest.raises(Unavailable, match=r"Devin at 127\.0\.0\.1 did not answer .* in 5 attempts .*DEVIN_API_URL"):
        visitor.read(opened(devin, key, hours))
    assert len(visitor.rows) == (100 if key == V1_KEY else 200)
    devin.faults.remove(fault)
    visitor.read(opened(devin, key, hours))
    assert sorted(visitor.rows) == sorted(ids)


def test_nobody_listening_is_told(visitor: Visitor) -> None:
    standin = DevinStandin()
    standin.close()
    with pytest.raises(Unavailable, match=r"ConnectionError.*check the network"):
        visitor.read(opened(standin, V3_KEY))


def test_a_silent_server_is_given_up(devin: DevinStandin, visitor: Visitor) -> None:
    devin.faults.add(faults.hang(), times=None)
    client = DevinClient(V3_KEY, devin.url, timeout_s=0.05, clock=Hours().time)
    with pytest.raises(Unavailable, match="ReadTimeout"):
        visitor.read(Devin(client, ORG))


@pytest.mark.parametrize(("retry_after", "waits"), [(7, [7.0]), (0, [1.0]), (None, [60.0])])
def test_limits_are_obeyed(devin: DevinStandin, visitor: Visitor, retry_after: int | None, waits: list[float]) -> None:
    ids, hours = fill(devin, 1), Hours()
    said: list[str] = []
    devin.faults.add(faults.too_many(retry_after))
    provider = opened(devin, V3_KEY, hours)
    provider.tell(said.append)
    visitor.read(provider)
    assert (list(visitor.rows), hours.naps) == (ids, waits)
    assert said == [f"Devin limits the rate of requests (429): waiting {waits[0]:.0f} s"]


@pytest.mark.parametrize(("retry_after", "asked"), [(601, 1), (5, 6), (None, 5)])
def test_a_limit_that_lasts_is_devins_problem_alone(
    devin: DevinStandin, visitor: Visitor, retry_after: int | None, asked: int
) -> None:
    devin.faults.add(faults.too_many(retry_after), times=None)
    with pytest.raises(Unavailable, match="Devin limits the rate"):
        visitor.read(opened(devin, V1_KEY))
    assert len(devin.log) == asked


@both
@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, Unavailable, "DEVIN_API_URL"),
        (401, Forbidden, "make a new key and set DEVIN_API_KEY"),
        (403, Forbidden, "ViewOrgSessions"),
        (404, NotFound, "DEVIN_ORG_ID"),
        (422, Unavailable, "DEVIN_ORG_ID"),
    ],
)
def test_refusals_say_what_to_do_and_never_show_the_key(
    devin: DevinStandin,
    visitor: Visitor,
    key: str,
    status: int,
    kind: type[GitHubError],
    words: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    devin.faults.add(refused(status, f"No good: {key} is bad."), times=None)
    with pytest.raises(kind) as caught:
        visitor.read(opened(devin, key))
    assert words in str(caught.value)
    assert f"({status} 'No good: (hidden) is bad')" in str(caught.value)
    assert key not in f"{caught.value!r} {caplog.text}"
    assert len(devin.log) == 1


def test_wrong_key_missing_permission_and_unknown_organisation(devin: DevinStandin, visitor: Visitor) -> None:
    with pytest.raises(Forbidden, match="Invalid API key"):
        visitor.read(opened(devin, "cog_wrong"))
    with pytest.raises(NotFound, match="Organization not found"):
        visitor.read(opened(devin, V3_KEY, DEVIN_ORG_ID="org-other/../.."))
    devin.state.forbidden.add(V3_KEY)
    with pytest.raises(Forbidden, match="Missing permission"):
        visitor.read(opened(devin, V3_KEY))


def test_the_key_goes_to_no_other_host(devin: DevinStandin, visitor: Visitor) -> None:
    with DevinStandin() as other:
        devin.faults.add(moved(f"{other.url}/v1/sessions"))
        with pytest.raises(Unavailable, match=rf"DEVIN_API_URL={devin.url} redirects to 127\.0\.0\.1"):
            visitor.read(opened(devin, V1_KEY))
        assert len(other.log) == 0


def test_a_redirect_on_the_same_host_is_followed(visitor: Visitor) -> None:
    with DevinStandin(base_path="/gateway") as devin:
        made = devin.state.new_session(at=NOW)
        devin.faults.add(moved("/gateway/v1/sessions?limit=100&offset=0"))
        visitor.read(opened(devin, V1_KEY))
        assert set(visitor.rows) == {made.id}
        devin.faults.add(moved("/gateway/v1/sessions"), times=None)
        with pytest.raises(Unavailable, match="again and again"):
            visitor.read(opened(devin, V1_KEY))
        devin.faults.clear()
        devin.faults.add(moved("http://["))
        with pytest.raises(Unavailable, match="to no address"):
            visitor.read(opened(devin, V1_KEY))


def test_a_password_for_the_host_does_not_replace_the_key(
    devin: DevinStandin, visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    made = devin.state.new_session(at=NOW)
    visitor.read(opened(devin, V3_KEY))
    assert set(visitor.rows) == {made.id}


def test_only_an_authority_that_is_trusted_gets_the_key(
    visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in BUNDLES:
        monkeypatch.delenv(name, raising=False)
    context, authority = server_context(tmp_path)
    with DevinStandin(tls=context) as devin:
        made = devin.state.new_session(at=NOW)
        with pytest.raises(Unavailable, match=r"certificate of 127\.0\.0\.1 is not trusted .* check DEVIN_API_URL"):
            visitor.read(opened(devin, V3_KEY))
        assert len(devin.log) == 0
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        visitor.read(opened(devin, V3_KEY))
        assert set(visitor.rows) == {made.id}


def test_the_proxy_of_the_environment_is_used(
    devin: DevinStandin, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("HTTP_PROXY", "http://user:word@127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://user:word@127.0.0.1:9")
    with pytest.raises(Unavailable, match=r"the proxy http://127\.0\.0\.1:9 of HTTP_PROXY cannot be reached") as caught:
        visitor.read(opened(devin, V3_KEY))
    assert "word" not in str(caught.value)
    assert len(devin.log) == 0


def test_a_stop_ends_a_wait(devin: DevinStandin, visitor: Visitor) -> None:
    devin.faults.add(faults.too_many(500), times=None)
    client = DevinClient(V3_KEY, devin.url, clock=Time())
    provider = Devin(client, ORG)
    provider.tell(lambda _: threading.Timer(0.05, provider.stop).start())
    with pytest.raises(Interrupted):
        visitor.read(provider)
    with pytest.raises(Interrupted):
        visitor.read(provider)
    assert len(devin.log) == 1


def test_without_a_key_there_is_no_devin() -> None:
    assert open_devin(Settings()) is None
    assert open_devin(Settings(DEVIN_API_KEY=SecretStr("  "))) is None


def test_a_key_of_version_3_needs_an_organisation() -> None:
    with pytest.raises(SettingsError, match="DEVIN_ORG_ID is not set"):
        open_devin(Settings(DEVIN_API_KEY=SecretStr("cog_abc")))
    assert open_devin(Settings(DEVIN_API_KEY=SecretStr("apk_abc"))) is not None


@pytest.mark.parametrize("key", ["ghp_abc", "apk_ abc", "cog_a b", "cog_a\nb", "apk_ü"])
def test_what_is_no_key_is_never_sent_or_shown(key: str) -> None:
    with pytest.raises(SettingsError, match="begins with apk_ or cog_") as caught:
        open_devin(Settings(DEVIN_API_KEY=SecretStr(key), DEVIN_ORG_ID=ORG))
    assert key not in str(caught.value)
