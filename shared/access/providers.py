"""Providers of sign-in: whether their settings are whole, and where they send people back to."""

from shared.errors import SettingsError
from shared.settings import Settings

PREFIX = "/api/auth"
"""Below which the pages sign people in."""

_WHOLE = (
    ("oidc_issuer", "oidc_client_id", "oidc_client_secret"),
    ("github_client_id", "github_client_secret"),
)


def check_providers(settings: Settings) -> None:
    """Raises SettingsError where some of a provider's settings are there and others are not."""
    for names in _WHOLE:
        missing = [name for name in names if getattr(settings, name) is None]
        if missing and len(missing) < len(names):
            variables = [str(type(settings).model_fields[name].validation_alias) for name in (missing[0], *names)]
            raise SettingsError(f"{variables[0]} is not set; sign-in needs {', '.join(variables[1:])} together.")


def callback(base: str, provider: str) -> str:
    """Where a provider sends people back to, who reach the pages at this address: what is registered there."""
    return f"{base}{PREFIX}/{provider}/callback"
