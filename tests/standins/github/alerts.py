"""The three kinds of alerts: their words for open and closed, and how one moves between them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.standins.github.accounts import API, WEB
from tests.standins.github.examples import DATA, example_for
from tests.standins.github.tokens import CODE_SCANNING, DEPENDABOT, SECRET_SCANNING

AlertObject = dict[str, Any]
AlertName = Literal["code-scanning", "dependabot", "secret-scanning"]

_HOW_TO_ENABLE = "Please enable code scanning in the repository settings."
CODE_SCANNING_OFF = f"Code scanning is not enabled for this repository. {_HOW_TO_ENABLE}"


@dataclass(frozen=True)
class AlertKind:
    """What differs between the kinds; `off` is the answer when the feature is switched off."""

    name: AlertName
    permission: str
    off: tuple[int, str]
    states: dict[str, tuple[str, ...]]
    closing: dict[str, Any]
    example: tuple[str, int]

    def matches(self, alert: AlertObject, wanted: Iterable[str]) -> bool:
        """Whether the alert is in one of the `wanted` states; `closed` stands for all that are not open."""
        return any(alert["state"] in self.states.get(state, (state,)) for state in wanted)


_CLOSED_BLANK = dict.fromkeys(("dismissed_at", "dismissed_by", "dismissed_reason", "dismissed_comment", "fixed_at"))

KINDS: dict[str, AlertKind] = {
    kind.name: kind
    for kind in (
        AlertKind(
            "code-scanning",
            CODE_SCANNING,
            (403, CODE_SCANNING_OFF),
            {"closed": ("dismissed", "fixed")},
            _CLOSED_BLANK,
            ("code_scanning_org", 0),
        ),
        AlertKind(
            "dependabot",
            DEPENDABOT,
            (403, "Dependabot alerts are disabled for this repository."),
            {},
            {**_CLOSED_BLANK, "auto_dismissed_at": None},
            ("dependabot_org", 1),
        ),
        AlertKind(
            "secret-scanning",
            SECRET_SCANNING,
            (404, "Secret scanning is disabled on this repository."),
            {},
            dict.fromkeys(("resolution", "resolved_at", "resolved_by", "resolution_comment")),
            ("secret_org", 0),
        ),
    )
}


def alert_object(kind: AlertKind, full_name: str, number: int, created_at: str, data: Path = DATA) -> AlertObject:
    """An open alert with every field, from GitHub's own example, without its repository."""
    name, index = kind.example
    alert: AlertObject = example_for(full_name, name, data)[index]
    alert.pop("repository")
    address = f"repos/{full_name}/{kind.name}/alerts/{number}"
    alert |= {
        "number": number,
        "created_at": created_at,
        "updated_at": created_at,
        "url": f"{API}/{address}",
        "html_url": f"{WEB}/{full_name}/security/{kind.name}/{number}",
    }
    places = "locations" if kind.name == "secret-scanning" else "instances"
    if kind.name != "dependabot":
        alert[f"{places}_url"] = f"{API}/{address}/{places}"
    if kind.name != "secret-scanning":
        alert["assignees"] = []
    return reopened(kind, alert, created_at)


def fixed(kind: AlertKind, alert: AlertObject, at: str) -> AlertObject:
    """The alert after its cause has gone; for a secret: revoked."""
    if kind.name == "secret-scanning":
        closing = {"state": "resolved", "resolution": "revoked", "resolved_at": at}
    else:
        closing = {"state": "fixed", "fixed_at": at}
    return _moved(kind, alert, at, closing)


def dismissed(
    kind: AlertKind,
    alert: AlertObject,
    at: str,
    *,
    by: dict[str, Any],
    reason: str,
    comment: str | None = None,
) -> AlertObject:
    """The alert after a person has closed it without a fix."""
    if kind.name == "secret-scanning":
        words = ("resolution", "resolved_at", "resolved_by", "resolution_comment")
        closing = {"state": "resolved", **dict(zip(words, (reason, at, by, comment), strict=True))}
    else:
        words = ("dismissed_reason", "dismissed_at", "dismissed_by", "dismissed_comment")
        closing = {"state": "dismissed", **dict(zip(words, (reason, at, by, comment), strict=True))}
    return _moved(kind, alert, at, closing)


def reopened(kind: AlertKind, alert: AlertObject, at: str) -> AlertObject:
    """The alert open again, with no trace of how it was closed."""
    return _moved(kind, alert, at, {"state": "open"})


def _moved(kind: AlertKind, alert: AlertObject, at: str, closing: dict[str, Any]) -> AlertObject:
    # A copy, because a page that was cached or logged must not change afterwards.
    moved: AlertObject = json.loads(json.dumps(alert)) | kind.closing | {"updated_at": at} | closing
    if kind.name == "code-scanning":
        moved["most_recent_instance"] |= {"state": moved["state"]}
    return moved
