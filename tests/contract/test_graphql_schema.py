"""GraphQL keeps to its own schema, whatever is asked of it: no answer is an error of ours."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from graphql import get_introspection_query
from hypothesis import HealthCheck, given, settings

from shared.datasets import ALERTS, WORKFLOW_RUNS
from tests.builders import alert, run
from tests.conftest import NOW
from tests.contract.asking_graphql import Asker, answering
from tests.lakes import lake_in

OURS = "Something went wrong here"
"""What is told of what we did not foresee."""


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    folder: Path = tmp_path_factory.mktemp("graphql")
    lake = lake_in(folder, lambda: NOW)
    lake.upsert(ALERTS, ALERTS.table([alert(number=n) for n in range(1, 5)]))
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table([run(run_id=n) for n in range(1, 5)]))
    with answering(lake) as asker:
        yield asker
    lake.close()


def try_every_question(ask: Asker, examples: int) -> int:
    """Each question with values that the schema allows; gives how many there are."""
    schema = schemathesis.graphql.from_dict(ask(get_introspection_query()))
    tried = 0
    for found in schema.get_all_operations():
        operation: Any = cast("Any", found).ok()

        @given(operation.as_strategy())
        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        def check(case: Any) -> None:
            answer = ask.post(query=case.body)
            assert answer.status_code in (200, 400, 413), (case.body, answer.text)
            assert "Traceback" not in answer.text
            if answer.status_code == 200:
                told = [error["message"] for error in answer.json().get("errors", ())]
                assert not [text for text in told if OURS in text], (case.body, told)

        check()
        tried += 1
    return tried


def test_no_question_is_an_error_of_ours(ask: Asker) -> None:
    assert try_every_question(ask, 2) > 10


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_no_question_of_many_is_an_error_of_ours(ask: Asker) -> None:
    assert try_every_question(ask, 150) > 10
