"""Opening what tells who asks: the sessions of the people whom the settings let in."""

from typing import TYPE_CHECKING

from shared.access.providers import check_providers
from shared.lake.store import Store
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.access.sessions import Sessions


def open_sessions(settings: Settings, store: Store) -> "Sessions | None":
    """The sessions in a store; None where nobody signs in. Raises SettingsError for half a provider."""
    check_providers(settings)
    if not settings.signs_in:
        return None
    # Only now: what encrypts and what asks GitHub take a second to import.
    from shared.access.github_repos import GitHubRepos
    from shared.access.people import People
    from shared.access.sessions import Sessions

    renew = GitHubRepos(settings.github_api_url).renew
    life_s, idle_s = settings.session_hours * 3600, settings.session_idle_minutes * 60
    return Sessions(store, People.of(settings), life_s, idle_s, renew)
