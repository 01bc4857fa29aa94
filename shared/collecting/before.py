"""Before: what was collected by its name so far, which a collection reads again that names nothing."""

from shared.collecting.asked import Asked
from shared.collecting.choices import REPO, REPOSITORIES, WHOLE_ORG
from shared.datasets import COLLECTIONS
from shared.errors import FettleError
from shared.lake.tables import Lake

MOST_KNOWN = 5_000
"""Repositories that were collected by their names before, if none is named now."""


class NothingBefore(FettleError):
    """Nothing is named, and nothing was collected before."""


def filled(asked: Asked, lake: Lake) -> Asked:
    """With all that was collected before, if nothing is named. Raises NothingBefore or StoreError."""
    if asked.orgs or asked.repos:
        return asked
    orgs, repos = collected_before(lake)
    if not orgs and not repos:
        raise NothingBefore("Nothing was collected before; name organisations or repositories.")
    return asked.model_copy(update={"orgs": orgs, "repos": repos})


def collected_before(lake: Lake) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Organisations that were read as a whole, and repositories of others. Raises StoreError."""
    ledger = lake.tables("real", only=[COLLECTIONS])[COLLECTIONS.name]
    listed = ledger.filter(ledger.dataset == REPOSITORIES).select("repo").distinct().order_by("repo")
    names = [str(name) for name in listed.limit(MOST_KNOWN).to_pyarrow()["repo"].to_pylist() if name]
    orgs = tuple(name.removesuffix(f"/{WHOLE_ORG}") for name in names if name.endswith(f"/{WHOLE_ORG}"))
    repos = tuple(name for name in names if REPO.fullmatch(name) and name.partition("/")[0] not in orgs)
    return orgs, repos
