"""GraphQL asked by those who mean no good: each is told at once what is wrong, and nothing of our insides."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import get_introspection_query
from hypothesis import given
from hypothesis import strategies as st

from backend.api.graphql import limits
from shared.datasets import ALERTS
from shared.lake.store import StoreError
from shared.lake.tables import Lake
from tests.builders import alert
from tests.conftest import NOW
from tests.contract.asking_graphql import Asker, answering
from tests.lakes import lake_in
from tests.properties import few

QUICK_S = 1.0
"""An answer to what is refused takes hundredths of a second; this leaves room for a busy machine."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = lake_in(tmp_path_factory.mktemp("hostile"), lambda: NOW)
    lake.upsert(ALERTS, ALERTS.table([alert()]))
    yield lake
    lake.close()


@pytest.fixture(scope="module")
def ask(lake: Lake) -> Iterator[Asker]:
    with answering(lake) as asker:
        yield asker


def bomb(levels: int, spreads: int) -> str:
    """Fragments that each spread the next several times: what is asked grows with a power of their number."""
    parts = [f"fragment F{n} on Query {{{f'...F{n + 1} ' * spreads}}}" for n in range(levels)]
    return " ".join(("{...F0}", *parts, f"fragment F{levels} on Query {{getAlerts {{nextToken}}}}"))


def aliased_bomb(levels: int) -> str:
    parts = [f"fragment F{n} on __Type {{a: ofType {{...F{n + 1}}} b: ofType {{...F{n + 1}}}}}" for n in range(levels)]
    return " ".join(('{__type(name: "Alert") {...F0}}', *parts, f"fragment F{levels} on __Type {{name}}"))


def nested(field: str, levels: int) -> str:
    return f"{{{field} " * levels + "{name}" + "}" * levels


HOSTILE = {
    "deep fields": nested("data", 100),
    "very deep fields": nested("data", 300),
    "deep lists": f'{{getAlerts(filter: {{organisations: {"[" * 400}"a"{"]" * 400}}}) {{nextToken}}}}',
    "deep objects": f"{{getAlerts(filter: {'{kinds: ' * 200}1{'}' * 200}) {{nextToken}}}}",
    "deep inline fragments": "{" + "... {" * 300 + "getAlerts {nextToken}" + "}" * 300 + "}",
    "aliases": "{" + " ".join(f"a{n}: getAlerts {{nextToken}}" for n in range(1_000)) + "}",
    "some aliases": "{" + " ".join(f"a{n}: getAlert {{id}}" for n in range(40)) + "}",
    "aliases in a page": "{getAlerts {data {" + " ".join(f"a{n}: id" for n in range(200)) + "}}}",
    "same field": "{getAlerts {data {" + "id " * 950 + "}}}",
    "same page": "{" + "getAlerts {nextToken} " * 180 + "}",
    "many operations": " ".join(f"query Q{n} {{getAlerts {{nextToken}}}}" for n in range(300)),
    "big pages": "{"
    + " ".join(f"a{n}: getAlerts(limit: 200) {{data {{id state kind path tool}}}}" for n in range(9))
    + "}",
    "fragment of itself": "{...A} fragment A on Query {...A}",
    "circle of fragments": "{...A} fragment A on Query {...B} fragment B on Query {getAlerts {nextToken} ...A}",
    "unused circle": "{getAlert {id}} fragment A on Query {...B} fragment B on Query {...A}",
    "fragment bomb": bomb(20, 8),
    "long chain of fragments": bomb(150, 1),
    "fragments with aliases": aliased_bomb(20),
    "deep introspection": "{__schema {types " + nested("fields {type", 5)[:-5] + "}" * 10,
    "circular introspection": "{__schema {types {fields {type {fields {type {fields {type {name}}}}}}}}}",
    "introspection of all of all": "{__schema {types {possibleTypes {interfaces {possibleTypes {fields {name}}}}}}}",
    "many schemas": "{" + " ".join(f"a{n}: __schema {{types {{fields {{args {{name}}}}}}}}" for n in range(30)) + "}",
    "nonsense": "}{",
    "only a comment": "# nothing",
    "null character": '{getAlerts(nextToken: "\\u0000") {nextToken}} \x00',
    "lone surrogate": '{getAlert(id: "\\ud800") {id}}',
    "unknown field": "{" + "x" * 15_000 + "}",
    "directives": "{getAlert " + "@include(if: true) " * 150 + "{id}}",
    "mutation": "mutation {drop}",
    "subscription": "subscription {getAlerts {nextToken}}",
    "huge limit": "{getAlerts(limit: 99999999999999999999999999) {nextToken}}",
    "huge literal": "{getAlerts(limit: " + "9" * 10_000 + ") {nextToken}}",
    "no limit": "{getAlerts(limit: 0) {nextToken}}",
    "wrong month": '{repositoryOverviewbyMonthlyPeriod(monthlyPeriod: "2026-Brumaire") {nextToken}}',
    "wrong range": '{sla(range: "9999-99-99..0000-00-00") {nextToken}}',
    "no such day": '{sla(range: "0000-01-01..9999-12-31") {nextToken}}',
    "wrong id": '{getAlert(id: "acme/api/../../1") {id}}',
    "huge number": f'{{getAlert(id: "acme/api/{"9" * 40}") {{id}}}}',
    "long id": f'{{getAlert(id: "{"a" * 5_000}") {{id}}}}',
    "many names": f"{{getAlerts(filter: {{organisations: {json.dumps([str(n) for n in range(300)])}}}) {{nextToken}}}}",
}

INSIDES = ("Traceback", 'File "', ".py", "duckdb", "ibis", "SELECT", "strawberry", "recursion", "Error(")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_question_is_refused_at_once(ask: Asker, name: str) -> None:
    began = time.perf_counter()
    response = ask.post(query=HOSTILE[name])
    took_s = time.perf_counter() - began
    assert response.status_code in (200, 400)
    answer = response.json()
    assert answer.get("errors") or answer.get("error"), answer
    assert not answer.get("data") or not any(answer["data"].values())
    assert limits_of(response.text) == []
    assert took_s < QUICK_S
    assert len(response.content) < 100_000


def limits_of(text: str) -> list[str]:
    """Which of our insides a text tells of."""
    return [inside for inside in INSIDES if inside in text]


def test_what_is_within_the_limits_is_answered(ask: Asker) -> None:
    pages = "{" + " ".join(f"a{n}: getAlerts(limit: 1) {{data {{id}} nextToken}}" for n in range(15)) + "}"
    assert len(ask(pages)) == 15
    assert ask("query($n: Int) {getAlerts(limit: $n) {data {id alertID alertURL state kind}}}", n=200)
    assert ask(bomb(3, 2)) == {"getAlerts": {"nextToken": None}}


def test_question_of_tools_about_the_schema_is_answered(ask: Asker) -> None:
    everything = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )
    began = time.perf_counter()
    found = ask(everything)
    assert time.perf_counter() - began < QUICK_S
    assert {one["name"] for one in found["__schema"]["types"]} >= {"Alert", "Query", "Sort"}


def test_variables_do_not_hide_the_size_of_a_page(ask: Asker) -> None:
    fields = "{data {id state kind path tool package severity ruleId alertURL alertID}}"
    text = f"query($n: Int) {{{' '.join(f'a{k}: getAlerts(limit: ${{}}) {fields}' for k in range(6))}}}"
    assert ask(text.replace("${}", "$n"), n=1)
    assert ask.errors(text.replace("${}", "$n"), n=200) == [
        "The question has more than 10,000 points of complexity; ask for less at a time."
    ]
    assert len(ask.errors(text.replace("${}", "$n"), n="200")) == 1
    assert len(ask.errors(text.replace("${}", "$n"), n=True)) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"query": "{getAlerts {' + b"nextToken " * 10_000 + b'}}"}', 413),
        (b'{"query": "{getAlert {id}}", "variables": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", 400),
        (b'{"query": "{getAlert {id}}", "variables": {"f": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}}", 200),
        (b'[{"query": "{getAlert {id}}"}, {"query": "{getAlert {id}}"}]', 400),
        (b"[" + b'{"query": "{getAlert {id}}"},' * 500 + b"1]", 400),
        (b"[]", 400),
        (b"", 400),
        (b"null", 400),
        (b'"text"', 400),
        (b"{}", 400),
        (b'{"query": null}', 400),
        (b'{"query": ["{getAlert {id}}"]}', 400),
        (b'{"query": {"a": 1}}', 400),
        (b'{"query": 1}', 400),
        (b'{"query": "{getAlert {id}}", "variables": []}', 400),
        (b'{"query": "{getAlert {id}}", "variables": "no"}', 400),
        (b'{"query": "{getAlert {id}}", "operationName": "Other"}', 400),
        (b'{"query": "{getAlert {id}}", "operationName": {"a": 1}}', 400),
        (b'{"query": "{getAlert {id}}", "operationName": 7}', 400),
        (b'{"query": "{getAlert {id}}", "extensions": {"persistedQuery": {"version": 1}}}', 200),
        (b'{"query": "{getAlert {id}}", "extensions": [1]}', 400),
        (b'\xff\xfe{"query"', 400),
    ],
)
def test_body_that_is_no_question_is_refused(ask: Asker, body: bytes, status: int) -> None:
    response = ask.send(body)
    assert response.status_code == status, response.text
    assert limits_of(response.text) == []
    if status != 200:
        assert response.json()["error"]["message"]


def test_other_ways_to_send_are_refused(ask: Asker) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "\x7f;;"):
        response = ask.send(b'{"query": "{getAlert {id}}"}', **{"content-type": kind})
        assert response.status_code in (400, 415)
        assert "error" in response.json()
    response = ask.send(b'{"query": "subscription {x}"}', accept="text/event-stream")
    assert response.status_code in (200, 400, 406)
    assert limits_of(response.text) == []


def test_nobody_is_told_nothing(ask: Asker) -> None:
    response = ask.send(b'{"query": "{__typename}"}', **{"x-api-key": "a key that nobody has"})
    assert (response.status_code, response.json()["error"]["code"]) == (401, "unauthorized")


def test_names_are_told_as_they_are_and_asked_for_as_values(lake: Lake) -> None:
    names = [
        f"acme/{name}" for name in ('"quoted"', "two\nlines", "\u202eevil\u202c", "x" * 10_000, "=1+1", "a\0b", "é/{}")
    ]
    lake.upsert(ALERTS, ALERTS.table([alert(number=90, repo=name, rule_id=name) for name in names]))
    with answering(lake) as ask:
        question = "query($f: Filter) {getAlerts(filter: $f, limit: 50) {data {repositoryName ruleId}}}"
        told = [(one["repositoryName"], one["ruleId"]) for one in ask(question)["getAlerts"]["data"]]
        assert {(name, name) for name in names} <= set(told)
        for name in names:
            asked = {"repositories": [name]}
            if len(name) > 200:
                assert ask.errors(question, f=asked) == ["repositories is longer than 200 characters."]
            else:
                assert ask(question, f=asked)["getAlerts"]["data"] == [{"repositoryName": name, "ruleId": name}]


def a_token(digest: bytes, offset: int) -> str:
    return base64.urlsafe_b64encode(digest + offset.to_bytes(4, "big")).decode()


@few(25)
@given(
    st.one_of(st.text(max_size=60), st.builds(a_token, st.binary(min_size=8, max_size=8), st.integers(0, 2**32 - 1)))
)
def test_token_that_is_none_is_refused(ask: Asker, token: str) -> None:
    text = "query($t: String) {getAlerts(nextToken: $t) {nextToken}}"
    (message,) = ask.errors(text, t=token)
    assert message.startswith("nextToken is not of this question")


def test_token_of_another_question_is_refused(lake: Lake) -> None:
    lake.upsert(ALERTS, ALERTS.table([alert(number=2)]))
    with answering(lake) as ask:
        token = ask("{getAlerts(limit: 1) {nextToken}}")["getAlerts"]["nextToken"]
        assert token
        filtered = "query($t: String) {getAlerts(nextToken: $t, filter: {kinds: [dependabot]}) {nextToken}}"
        assert len(ask.errors(filtered, t=token)) == 1
        assert len(ask.errors("query($t: String) {repositoryHealth(nextToken: $t) {nextToken}}", t=token)) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (StoreError("The store does not answer."), "The store does not answer."),
        (RuntimeError("secret at /var/lib"), "Something went wrong here; the server's log has what."),
        (TimeoutError(), "It took too long; ask for less, or again later."),
    ],
)
def test_what_fails_here_is_told_without_insides(
    ask: Asker, error: Exception, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_asked: Any) -> None:
        raise error

    monkeypatch.setattr(ask.readers, "read", failing)
    answer = ask.post(query="{getAlerts {nextToken}}")
    assert answer.status_code == 200
    assert [one["message"] for one in answer.json()["errors"]] == [told]
    assert "/var/lib" not in answer.text


def test_limits_are_those_of_the_guide() -> None:
    assert (limits.MOST_TOKENS, limits.MOST_FIELDS, limits.MOST_ALIASES, limits.MOST_COST) == (1_000, 300, 30, 10_000)
