"""Dependabot alerts: GitHub's object to a row of `alerts`."""

from backend.mapping.closing import finish_alert, reason_word
from backend.mapping.repositories import repository_of
from backend.mapping.severity import severity_level
from backend.mapping.stamp import Raw, Row, Stamp
from backend.mapping.values import integer, moment, nested, number, text
from shared.cwe import cwe_id

TOOL = "Dependabot"


def dependabot_row(raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    """A row of `alerts`. Raises Unusable without a number or a repository.

    The rule is the advisory: its GHSA id and its summary. dismissed_at may be that of an automatic dismissal.
    """
    advisory, dependency = raw.get("security_advisory"), raw.get("dependency")
    vulnerability = raw.get("security_vulnerability")
    return finish_alert(
        {
            "repo": repository_of(raw, repo),
            "kind": "dependabot",
            "number": integer(raw.get("number")),
            "state": text(raw.get("state")),
            "severity": severity_level(nested(advisory, "severity"), nested(vulnerability, "severity")),
            "security_severity": _score(advisory),
            "rule_id": text(nested(advisory, "ghsa_id")),
            "rule_name": text(nested(advisory, "summary")),
            "cwes": _cwes(advisory),
            "tool": TOOL,
            "package": _package(dependency, vulnerability, "name"),
            "ecosystem": _package(dependency, vulnerability, "ecosystem"),
            "ghsa_id": text(nested(advisory, "ghsa_id")),
            "cve_id": text(nested(advisory, "cve_id")),
            "path": text(nested(dependency, "manifest_path")),
            "fingerprint": text(raw.get("fingerprint")),
            "created_at": moment(raw.get("created_at")),
            "updated_at": moment(raw.get("updated_at")),
            "fixed_at": moment(raw.get("fixed_at")),
            "dismissed_at": moment(raw.get("dismissed_at")) or moment(raw.get("auto_dismissed_at")),
            "close_reason": reason_word(raw.get("dismissed_reason")),
            "dismissed_by": text(nested(raw, "dismissed_by", "login")),
            "html_url": text(raw.get("html_url")),
            **stamp.columns,
        }
    )


def _score(advisory: object) -> float | None:
    """The CVSS score; GitHub writes 0.0 where there is none."""
    places = (("cvss",), ("cvss_severities", "cvss_v3"), ("cvss_severities", "cvss_v4"))
    return next((score for path in places if (score := number(nested(advisory, *path, "score")))), None)


def _package(dependency: object, vulnerability: object, key: str) -> str | None:
    return text(nested(dependency, "package", key)) or text(nested(vulnerability, "package", key))


def _cwes(advisory: object) -> list[str] | None:
    listed = nested(advisory, "cwes")
    if not isinstance(listed, list):
        return None
    return [found for entry in listed if (found := cwe_id(text(nested(entry, "cwe_id")) or ""))]
