"""Agent sessions started, against a plain count."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.policy import Policy
from tests.builders import NOW, Row, agent_session
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, scope

AGES = st.one_of(st.none(), st.integers(-5, 40))


@few(10)
@given(ages=st.lists(st.tuples(AGES, AGES, st.sampled_from(["acme/api", "acme/web"])), max_size=12))
def test_sessions_are_those_begun_in_the_range_and_the_parts_add_up(
    ask: Ask, ages: list[tuple[int | None, int | None, str]]
) -> None:
    def at(age: int | None) -> object:
        return None if age is None else NOW - timedelta(days=age)

    rows: list[Row] = [
        agent_session(session_id=str(n), repo=repo, created_at=at(begun), ended_at=at(ended), updated_at=NOW)
        for n, (begun, ended, repo) in enumerate(ages)
    ]
    began = [(repo, ended) for begun, ended, repo in ages if begun is not None and 0 < begun <= 30]
    (found,) = ask("sessions_started", scope(30), agent_sessions=rows)
    assert found == {"n": len(began), "ended": sum(ended is not None and ended > 0 for _, ended in began)}
    parts = ask("sessions_started", scope(30), "repo", agent_sessions=rows)
    assert {part["repo"]: part["n"] for part in parts} == {
        name: sum(repo == name for repo, _ in began) for name in {repo for repo, _ in began}
    }


def test_rows_say_why_a_session_does_not_count(ask: Ask) -> None:
    sessions = [
        agent_session(session_id="1"),
        agent_session(session_id="2", created_at=NOW - timedelta(days=50)),
        agent_session(session_id="3", created_at=None, updated_at=NOW),
        agent_session(session_id="4", created_at=NOW + timedelta(days=1)),
    ]
    rows = ask.behind(Policy(), "sessions_started", scope(30), {"agent_sessions": sessions})
    reasons = {row["session_id"]: row["excluded_because"] for row in rows}
    assert reasons == {"1": None, "2": "begun before", "3": "begun at an unknown time"}
