"""Pull requests of a repository, open, closed and merged."""

from functools import partial

from backend.collect.ledger import Covered
from backend.collect.sources.listing import Listing
from backend.collect.visit import Visit
from backend.mapping.pull_requests import pull_request_row
from shared.datasets import PULL_REQUESTS


def read(visit: Visit) -> Covered:
    """Reads the pull requests that changed since the last visit."""
    listing = Listing(visit, f"{visit.repo.path}/pulls", {"state": "all", "sort": "updated", "direction": "desc"})
    for raws in listing:
        visit.keep(PULL_REQUESTS, partial(pull_request_row, repo=visit.repo.name, stamp=visit.stamp), raws)
    return listing.covered()
