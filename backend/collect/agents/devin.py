"""Devin's sessions, from whichever version of its API the key is for."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from backend.collect.agents.devin_client import DevinClient
from backend.collect.agents.devin_lists import CursoredList, NumberedList, SessionList
from backend.collect.answers import Tally
from backend.collect.cursors import earliest, latest, time_in
from backend.collect.ledger import Covered
from backend.collect.limits import Time
from backend.collect.problems import GitHubError
from backend.collect.visit import Visit
from backend.mapping.agent_sessions import DEVIN, devin_row
from backend.mapping.values import moment, nested
from shared.datasets import AGENT_SESSIONS
from shared.errors import SettingsError
from shared.settings import Settings

OVERLAP = timedelta(days=1)
"""How far behind the newest session of the last visit a visit begins: a list may lag behind its sessions."""

_KEY = re.compile(r"(apk|cog)_[!-~]+")


class Devin:
    """The sessions that one key may see. org: whose sessions to read, with a key of version 3; None: version 1."""

    name = DEVIN

    def __init__(self, client: DevinClient, org: str | None = None) -> None:
        self._client, self._org = client, org

    def tell(self, say: Callable[[str], None]) -> None:
        """From now on `say` is told when and why requests wait."""
        self._client.tell(say)

    def stop(self, why: GitHubError | None = None) -> None:
        """Ends all waits and refuses further requests. why: what the refusals are to say."""
        self._client.stop(why)

    def read(self, visit: Visit) -> Covered:
        """Reads the sessions that changed since the last visit, or all of them where Devin knows no such filter.

        Raises Forbidden, NotFound, Unavailable and Interrupted; what was read before stays.
        """
        visit.tally = self._client.tally = Tally()
        sessions = CursoredList(self._client, self._org) if self._org else NumberedList(self._client)
        return _Reading(visit, self._client, sessions).run()


class _Reading:
    """One visit. The watermark moves at its end alone, since the lists are in no order that Devin promises."""

    def __init__(self, visit: Visit, client: DevinClient, sessions: SessionList) -> None:
        self._visit, self._client, self._sessions = visit, client, sessions
        # What was read of another organisation, or of another version of the API, says nothing of this list.
        cursor = visit.cursor if visit.cursor.get("path") == sessions.path else {}
        self._watermark, self._covered_since = time_in(cursor, "watermark"), time_in(cursor, "covered_since")

    def run(self) -> Covered:
        """Reads the list, and moves the cursor on."""
        visit, newest, rows = self._visit, self._watermark, 0
        started: datetime | None = None
        stamp = replace(visit.stamp, source=DEVIN)
        after = visit.since or (self._watermark - OVERLAP if self._watermark else None)
        for raws in self._sessions.pages(after):
            started = started or self._client.now or visit.now
            visit.keep(AGENT_SESSIONS, partial(devin_row, stamp=stamp), raws)
            newest = latest(newest, *(moment(nested(raw, "updated_at")) for raw in raws))
            rows += len(raws)
        # A session that was updated meanwhile may have moved past us, and was updated after we started.
        self._save(earliest(newest, started))
        unchanged = self._sessions.filters and not rows
        return Covered(started, self._since(), unchanged=unchanged, gap=self._sessions.gap)

    def _save(self, watermark: datetime | None) -> None:
        """Moves the cursor on, unless `--since` has left out a stretch that nobody has read yet."""
        since = self._visit.since
        if self._sessions.filters and since and self._watermark and since > self._watermark:
            return
        self._visit.save({"path": self._sessions.path, "watermark": watermark, "covered_since": self._since()})

    def _since(self) -> datetime | None:
        """The time before which changes may be missing; None if everything has been read."""
        since = self._visit.since if self._sessions.filters else None
        if since is None or (self._watermark is not None and self._covered_since is None):
            return self._covered_since
        return earliest(since, self._covered_since)


def open_devin(settings: Settings, *, clock: Time | None = None) -> Devin | None:
    """The Devin that the settings name; None without a key. Raises SettingsError if they do not suffice."""
    key = settings.devin_api_key.get_secret_value().strip() if settings.devin_api_key else ""
    org = (settings.devin_org_id or "").strip()
    if not key:
        return None
    if not _KEY.fullmatch(key):
        raise SettingsError(
            "DEVIN_API_KEY is no key of Devin's API, which begins with apk_ or cog_; copy it again from its settings."
        )
    if key.startswith("cog_") and not org:
        raise SettingsError(
            "DEVIN_ORG_ID is not set, which a DEVIN_API_KEY that begins with cog_ needs; set it to the organisation's "
            "id, as the page with the key in Devin's settings shows it."
        )
    return Devin(DevinClient(key, settings.devin_api_url, clock=clock), org if key.startswith("cog_") else None)
