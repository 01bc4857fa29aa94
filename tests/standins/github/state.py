"""The stand-in's whole state, with every move that a test can make."""

import json
from collections.abc import Callable
from typing import Any

from tests.standins.github import alerts as alerting
from tests.standins.github.alerts import KINDS, AlertName, AlertObject
from tests.standins.github.code import analysis_object, pull_object
from tests.standins.github.moments import Moment, iso
from tests.standins.github.run_moves import RunMoves
from tests.standins.github.task_moves import TaskMoves

DISMISSALS: dict[AlertName, str] = {
    "code-scanning": "false positive",
    "dependabot": "tolerable_risk",
    "secret-scanning": "false_positive",
}


class State(RunMoves, TaskMoves):
    """Accounts, repositories, runs, alerts and tasks; every method may be called from any thread at any time.

    Repositories are named `owner/name`; times are datetimes, ISO text or epoch seconds, and default to now.
    """

    def new_alert(
        self,
        full_name: str,
        kind: AlertName,
        *,
        at: Moment | None = None,
        number: int | None = None,
        **fields: Any,
    ) -> AlertObject:
        """An open alert, numbered on from the last one; `fields` override the object."""
        repo = self.repo(full_name)
        with self.change(repo):
            shelf = repo.alerts.setdefault(kind, {})
            number = number or 1 + max(shelf, default=0)
            made = alerting.alert_object(KINDS[kind], repo.full_name, number, iso(self._now(at)), self.data)
            shelf[number] = made | fields
            return shelf[number]

    def add_alert(self, full_name: str, kind: AlertName, alert: AlertObject) -> None:
        """Adds an alert object as it is, or replaces the one with its number."""
        repo = self.repo(full_name)
        with self.change(repo):
            own = {key: value for key, value in alert.items() if key != "repository"}
            repo.alerts.setdefault(kind, {})[alert["number"]] = json.loads(json.dumps(own))

    def fix_alert(self, full_name: str, kind: AlertName, number: int, at: Moment | None = None) -> AlertObject:
        """The cause has gone; for a secret: it was revoked."""
        when = iso(self._now(at))
        return self._move(full_name, kind, number, lambda alert: alerting.fixed(KINDS[kind], alert, when))

    def dismiss_alert(
        self,
        full_name: str,
        kind: AlertName,
        number: int,
        at: Moment | None = None,
        *,
        by: str = "octocat",
        reason: str | None = None,
        comment: str | None = None,
    ) -> AlertObject:
        """A person closes the alert; the reason defaults to one of the kind's words for it."""
        person, when, why = self.create_user(by).simple(), iso(self._now(at)), reason or DISMISSALS[kind]

        def dismiss(alert: AlertObject) -> AlertObject:
            return alerting.dismissed(KINDS[kind], alert, when, by=person, reason=why, comment=comment)

        return self._move(full_name, kind, number, dismiss)

    def reopen_alert(self, full_name: str, kind: AlertName, number: int, at: Moment | None = None) -> AlertObject:
        """The alert is open again."""
        when = iso(self._now(at))
        return self._move(full_name, kind, number, lambda alert: alerting.reopened(KINDS[kind], alert, when))

    def new_pull(self, full_name: str, *, at: Moment | None = None, **fields: Any) -> dict[str, Any]:
        """A pull request, numbered on from the last one; `fields` override the object."""
        repo = self.repo(full_name)
        with self.change(repo):
            number = fields.pop("number", 1 + max(repo.pulls, default=0))
            fields = {"created_at": iso(self._now(at))} | fields
            repo.pulls[number] = pull_object(repo.full_name, number, repo.listed(), fields, self.data)
            return repo.pulls[number]

    def new_analysis(self, full_name: str, *, at: Moment | None = None, **fields: Any) -> dict[str, Any]:
        """A code-scanning analysis; `fields` override the object."""
        repo = self.repo(full_name)
        with self.change(repo):
            fields = {"created_at": iso(self._now(at))} | fields
            made = analysis_object(repo.full_name, self.next_id(), fields, self.data)
            repo.analyses[made["id"]] = made
            return made

    def _move(
        self, full_name: str, kind: AlertName, number: int, change: Callable[[AlertObject], AlertObject]
    ) -> AlertObject:
        repo = self.repo(full_name)
        with self.change(repo):
            repo.alerts[kind][number] = change(repo.alerts[kind][number])
            return repo.alerts[kind][number]
