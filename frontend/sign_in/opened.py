"""The desk of this process, opened if people sign in; else nothing is imported that only they need."""

from functools import lru_cache
from typing import TYPE_CHECKING

from shared.access.opening import open_sessions
from shared.access.providers import PREFIX
from shared.lake.opening import open_store
from shared.settings import load_settings

if TYPE_CHECKING:
    from frontend.sign_in.desk import Desk

SIGN_IN = f"{PREFIX}/sign-in"


@lru_cache(maxsize=1)  # not by Streamlit: it would look for its settings before there is an app to find them by
def desk() -> "Desk | None":
    """The desk; None where nobody signs in. Raises SettingsError or StoreError, and is then asked again."""
    settings = load_settings()
    if not settings.signs_in:
        return None
    from frontend.sign_in.desk import Desk

    sessions = open_sessions(settings, open_store(settings))
    return Desk(settings, sessions) if sessions else None
