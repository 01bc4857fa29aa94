"""Workflows: the workflow files of a repository."""

from functools import partial

from backend.collect.ledger import Covered
from backend.collect.sources.whole_list import WholeList
from backend.collect.visit import Visit
from backend.mapping.workflows import workflow_row
from shared.datasets import WORKFLOWS


def read(visit: Visit) -> Covered:
    """Reads all workflows."""
    listed = WholeList(visit, f"{visit.repo.path}/actions/workflows", {}, "workflows")
    for raws in listed:
        visit.keep(WORKFLOWS, partial(workflow_row, repo=visit.repo.name, stamp=visit.stamp), raws)
    return Covered(visit.now, unchanged=listed.unchanged)
