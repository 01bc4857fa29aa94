"""Scans: the code-scanning analyses of a repository."""

from functools import partial

from backend.collect.ledger import Covered
from backend.collect.sources.listing import Listing
from backend.collect.visit import Visit
from backend.mapping.scans import scan_row
from shared.datasets import SCANS


def read(visit: Visit) -> Covered:
    """Reads the analyses that were made since the last visit; they never change."""
    params = {"sort": "created", "direction": "desc"}
    listing = Listing(visit, f"{visit.repo.path}/code-scanning/analyses", params, changed_at=("created_at",))
    for raws in listing:
        visit.keep(SCANS, partial(scan_row, repo=visit.repo.name, stamp=visit.stamp), raws)
    return listing.covered()
