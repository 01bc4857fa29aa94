"""Alerts of whole organisations: one listing for each kind, where the token may read it."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from backend.collect.choosing import Account
from backend.collect.crew import Task
from backend.collect.cursors import time_in
from backend.collect.ledger import Covered, outcome_after
from backend.collect.problems import Disabled, Forbidden, NotFound, Unavailable, Unprocessable
from backend.collect.recorder import ENDING, Recorder
from backend.collect.sources.alerts import ALERT_KINDS, AlertKind, Spoken, read_organisation
from backend.collect.visit import Desk, Repo, whole

REFUSED_FOR = timedelta(days=1)
"""How long we believe that the token may not read an organisation's listing; the repositories are asked meanwhile."""


class Organisations:
    """What the listings of organisations said, by kind of alert and by repository."""

    def __init__(self, desk: Desk, recorder: Recorder) -> None:
        self._desk, self._recorder = desk, recorder
        self._spoken: dict[tuple[str, int], Spoken] = {}

    def tasks(self, accounts: list[Account]) -> Iterator[tuple[str, Task]]:
        """What is to be read, with labels. Every shard reads the listings: once they are known, that is free."""
        for account in accounts:
            for kind in ALERT_KINDS if account.is_org else ():
                if self._desk.selection.wants(kind.name) and account.repos:
                    yield f"{account.login} {kind.name}", partial(self._read, account, kind)

    def said(self, kind: str, repo: Repo) -> Spoken | None:
        """What a repository's organisation said; None if the repository must be asked itself."""
        return self._spoken.get((kind, repo.id))

    def _read(self, account: Account, kind: AlertKind) -> None:
        visit = self._desk.visit(kind.name, whole(account.login))
        refused = time_in(visit.cursor, "refused_at")
        if refused is not None and visit.now - refused < REFUSED_FOR:
            return
        try:
            spoken = read_organisation(kind, visit)
        except (Forbidden, NotFound, Disabled):
            visit.save({"refused_at": visit.now})
            return
        except (Unavailable, Unprocessable) as error:
            self._recorder.record(visit, outcome_after(error, visit.rows), str(error), None)
            spoken = Spoken(Covered(None), error=error)
        except ENDING as error:
            self._recorder.record(visit, "partial", str(error), None)
            raise
        else:
            self._recorder.record(visit, "unchanged" if spoken.covered.unchanged else "ok", None, spoken.covered)
        self._spoken.update({(kind.name, repo.id): spoken for repo in account.repos})
