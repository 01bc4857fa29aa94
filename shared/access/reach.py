"""Reach: what somebody may do who may see some repositories alone."""

from collections.abc import Collection

from shared.access.roles import Caller
from shared.errors import FettleError


class OutOfReach(FettleError):
    """It is of repositories that the caller may not see, or of none; the message says so."""


def check_reach(caller: Caller, repos: Collection[str] = ()) -> None:
    """Raises OutOfReach where a caller may not see all these repositories.

    None named means what is of no single one, which nobody may see who is limited.
    """
    if caller.repos is None:
        return
    outside = next((repo for repo in repos if repo not in caller.repos), None)
    if outside is not None:
        raise OutOfReach(f"{caller.name} may not see {outside[:200]!r}; ask an administrator for it.")
    if not repos:
        which = f"the rows of {len(caller.repos):,} repositories alone"
        raise OutOfReach(f"{caller.name} may see {which}, and this is of no single one; ask an administrator.")
