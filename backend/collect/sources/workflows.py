"""Workflows: the workflow files of a repository."""

from backend.collect.ledger import Covered
from backend.collect.visit import Visit, items
from backend.mapping.workflows import workflow_row
from shared.datasets import WORKFLOWS


def read(visit: Visit) -> Covered:
    """Reads all workflows; a list that fits on one page is asked for conditionally."""
    answers = list(visit.github.pages(f"{visit.repo.path}/actions/workflows", {}, visit.cursor.get("etag")))
    if answers[0].status == 304:
        return Covered(visit.now, unchanged=True)
    for answer in answers:
        visit.keep(WORKFLOWS, lambda raw: workflow_row(raw, visit.repo.name, visit.stamp), items(answer, "workflows"))
    # The first page of a longer list may stay the same while a later one changes.
    visit.save({"etag": answers[0].etag if len(answers) == 1 else None})
    return Covered(visit.now)
