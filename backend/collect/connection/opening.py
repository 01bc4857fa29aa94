"""The GitHub that the settings name, and what authenticates there."""

from collections.abc import Sequence

from backend.collect.connection.access import Access, Token
from backend.collect.connection.apps import App
from backend.collect.connection.installations import Installations
from backend.collect.connection.line import Line
from backend.collect.connection.server_clock import ServerClock
from backend.collect.github import TIMEOUT_S, GitHub
from backend.collect.limits import Time
from shared.errors import SettingsError
from shared.settings import Settings


def open_github(
    settings: Settings, owners: Sequence[str] = (), *, timeout_s: float = TIMEOUT_S, clock: Time | None = None
) -> GitHub:
    """The GitHub that the settings name. Raises SettingsError if they name neither a token nor a whole app.

    owners: the accounts (or OWNER/NAME) that will be read, of which an app reads each by its own installation.
    """
    access = open_access(settings, owners, timeout_s=timeout_s, clock=clock)
    return GitHub(access, settings.github_api_url, timeout_s=timeout_s, clock=clock)


def open_access(
    settings: Settings, owners: Sequence[str] = (), *, timeout_s: float = TIMEOUT_S, clock: Time | None = None
) -> Access:
    """What the settings say to authenticate with: the GitHub App if there is one, else the token.

    The app wins because nobody sets one by accident, while GITHUB_TOKEN is there in every workflow.
    """
    app_id = (settings.github_app_id or "").strip()
    key = settings.github_app_private_key.get_secret_value().strip() if settings.github_app_private_key else ""
    if bool(app_id) != bool(key):
        there, missing = ("ID", "PRIVATE_KEY") if app_id else ("PRIVATE_KEY", "ID")
        raise SettingsError(f"GITHUB_APP_{there} is set and GITHUB_APP_{missing} is not; set both, or neither.")
    if app_id:
        line, server_clock = (
            Line(settings.github_api_url, timeout_s),
            ServerClock(monotonic=(clock or Time()).monotonic),
        )
        app = App(app_id, key, line, server_clock)
        return Installations(app, settings.github_app_installation_id, owners)
    token = settings.github_token.get_secret_value().strip() if settings.github_token else ""
    if not token:
        raise SettingsError(
            "GITHUB_TOKEN is not set; make a token at https://github.com/settings/tokens (fine-grained: "
            "Metadata, Actions, Code scanning alerts, Dependabot alerts, Secret scanning alerts and Pull "
            "requests, each read; classic: repo, security_events, read:org) and set GITHUB_TOKEN to it, or set "
            "GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY of a GitHub App."
        )
    return Token(token)
