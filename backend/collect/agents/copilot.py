"""GitHub Copilot's tasks of a repository, as GitHub lists them: those at hand, and those that were archived."""

from copy import copy
from functools import partial

from backend.collect.github import Params
from backend.collect.ledger import Covered
from backend.collect.sources.listing import Listing
from backend.collect.visit import Visit
from backend.mapping.agent_sessions import COPILOT, copilot_row
from shared.datasets import AGENT_SESSIONS

_CHANGED_LAST_FIRST: Params = {"sort": "updated_at", "direction": "desc"}


class Copilot:
    """The tasks that GitHub's token may see. GitHub Apps' installations may see none."""

    name = COPILOT

    def read(self, visit: Visit) -> Covered:
        """Reads the tasks that changed since the last visit. Raises the errors of `problems`."""
        at_hand = _listed(visit, "copilot", _CHANGED_LAST_FIRST)
        archived = _listed(visit, "copilot_archived", {**_CHANGED_LAST_FIRST, "is_archived": "true"})
        since = max((part.since for part in (at_hand, archived) if part.since), default=None)
        return Covered(archived.until, since, unchanged=at_hand.unchanged and archived.unchanged)


def _listed(visit: Visit, section: str, params: Params) -> Covered:
    """One of the two lists, which has a section of its own among the repository's cursors."""
    part = copy(visit)
    part.dataset, part.cursor = section, visit.section(section)
    listing = Listing(part, f"/agents{visit.repo.path}/tasks", params, key="tasks")
    for raws in listing:
        visit.keep(AGENT_SESSIONS, partial(copilot_row, repo=visit.repo.name, stamp=visit.stamp), raws)
    return listing.covered()
