"""Repositories: every source of one repository after the other."""

from datetime import timedelta
from functools import partial

from backend.collect.cursors import time_in
from backend.collect.ledger import FAILED, Covered, Entry
from backend.collect.organisations import Organisations
from backend.collect.problems import Disabled
from backend.collect.recorder import Recorder
from backend.collect.sources import SOURCES, Asked, Source
from backend.collect.sources.alerts import Spoken
from backend.collect.visit import Desk, Repo, Switch, Visit
from shared.lake.documents import Document

OFF = "off"
"""The section of a repository's document that knows which features were off, since when and why."""

OFF_FOR = timedelta(days=1)
"""How long we believe that a feature is off before we ask again, as the answer costs a point each time."""

OFF_WEEKLY = timedelta(days=7)
"""The same where the organisation's listing would show it as soon as the feature found something."""

NOTHING = ("unchanged", "disabled")
"""Outcomes that are no news."""


class Repositories:
    """Reads repositories, each by one thread."""

    def __init__(self, desk: Desk, recorder: Recorder, organisations: Organisations) -> None:
        self._desk, self._recorder, self._organisations = desk, recorder, organisations

    def read(self, repo: Repo, document: Document) -> str | None:
        """Reads all sources of a repository; returns what a person wants to know of that, None if nothing."""
        switch = Switch()
        news = []
        for name, source in SOURCES.items():
            if not source.wanted(Asked(self._desk.selection, self._desk.policy, repo)):
                continue
            visit = self._desk.visit(name, repo, document)
            if visit.stretch and name in visit.stretch.over:
                continue
            if name == "code_scanning":
                visit.switch = switch
            entry = self._read(visit, source, document)
            if visit.stretch:
                visit.stretch.over.add(name)
            if name == "scans":
                switch = _told_by(entry)
            if entry.outcome not in NOTHING:
                news.append(f"{name} {entry.rows:,}" if entry.outcome == "ok" else f"{name} {entry.outcome}")
        return ", ".join(news) or None

    def _read(self, visit: Visit, source: Source, document: Document) -> Entry:
        spoken = self._organisations.said(source.told_by, visit.repo) if source.told_by else None
        known_off = self._known_off(visit, document, OFF_FOR if spoken is None else OFF_WEEKLY)
        entry = self._recorder.watch(visit, partial(_read_unless_off, visit, source, spoken, known_off))
        if entry.outcome == "disabled" and known_off is None:
            self._remember(visit, {"at": visit.now.isoformat(), "reason": entry.reason})
        elif known_off is None and visit.dataset in document.get(OFF, {}) and entry.outcome not in FAILED:
            self._remember(visit, None)
        return entry

    def _known_off(self, visit: Visit, document: Document, believed_for: timedelta) -> str | None:
        """Why a feature is off, if that was said not long ago."""
        said = document.get(OFF, {}).get(visit.dataset)
        at = time_in(said, "at") if said else None
        if visit.full or at is None or visit.now - at >= believed_for:
            return None
        return str(said["reason"])

    def _remember(self, visit: Visit, said: Document | None) -> None:
        def change(document: Document) -> Document:
            off = {name: known for name, known in document.get(OFF, {}).items() if name != visit.dataset}
            return {**document, OFF: {**off, visit.dataset: said} if said else off}

        self._desk.buffer.change(visit.repo.document, change)


def _read_unless_off(visit: Visit, source: Source, spoken: Spoken | None, known_off: str | None) -> Covered:
    if known_off is not None and not (spoken and spoken.rows[visit.repo.id]):
        raise Disabled(known_off)
    return source.read(visit, spoken)


def _told_by(entry: Entry) -> Switch:
    """What reading the analyses says of code scanning."""
    if entry.outcome == "disabled":
        return Switch(off=entry.reason)
    return Switch(on=entry.outcome in ("ok", "unchanged"))
