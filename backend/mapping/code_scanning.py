"""Code scanning alerts: GitHub's object to a row of `alerts`."""

from backend.mapping.closing import finish_alert, reason_word
from backend.mapping.repositories import repository_of
from backend.mapping.severity import severity_level, severity_of_score
from backend.mapping.stamp import Raw, Row, Stamp
from backend.mapping.values import integer, moment, nested, number, strings, text
from shared.cwe import cwe_id


def code_scanning_row(raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    """A row of `alerts`. Raises Unusable without a number or a repository.

    severity is the rule's security severity, by level or by score, else the rule's own: error is high,
    warning medium, note low. path, start_line and branch are those of the most recent instance.
    """
    rule, instance = raw.get("rule"), _instance(raw)
    state = text(raw.get("state")) or text(nested(instance, "state"))
    score = number(nested(rule, "security_severity")) or number(nested(rule, "properties", "security-severity"))
    return finish_alert(
        {
            "repo": repository_of(raw, repo),
            "kind": "code_scanning",
            "number": integer(raw.get("number")),
            "state": state,
            "severity": severity_level(
                nested(rule, "security_severity_level"), severity_of_score(score), nested(rule, "severity")
            ),
            "security_severity": score,
            "rule_id": text(nested(rule, "id")),
            "rule_name": _rule_name(rule),
            "cwes": _cwes(rule),
            "tool": text(nested(raw, "tool", "name")),
            **_place(instance),
            "fingerprint": text(raw.get("fingerprint")),
            "created_at": moment(raw.get("created_at")),
            "updated_at": moment(raw.get("updated_at")),
            "fixed_at": moment(raw.get("fixed_at")),
            "dismissed_at": moment(raw.get("dismissed_at")),
            "close_reason": reason_word(raw.get("dismissed_reason")),
            "dismissed_by": text(nested(raw, "dismissed_by", "login")),
            "html_url": text(raw.get("html_url")),
            **stamp.columns,
        }
    )


def branch_name(ref: object) -> str | None:
    """A ref without `refs/heads/`; the ref of a pull request stays as it is."""
    return (text(ref) or "").removeprefix("refs/heads/") or None


def _instance(raw: Raw) -> object:
    """Where the alert was last seen; older deliveries list all instances, the latest first."""
    if raw.get("most_recent_instance"):
        return raw["most_recent_instance"]
    instances = raw.get("instances")
    return instances[0] if isinstance(instances, list) and instances else None


def _place(instance: object) -> Row:
    return {
        "path": text(nested(instance, "location", "path")),
        "start_line": integer(nested(instance, "location", "start_line"), bits=32),
        "branch": branch_name(nested(instance, "ref")),
    }


def _rule_name(rule: object) -> str | None:
    """The title a person knows the rule by: its name, unless that only repeats the id."""
    name, title = text(nested(rule, "name")), text(nested(rule, "description"))
    return name if name and name != nested(rule, "id") else title or name


def _cwes(rule: object) -> list[str] | None:
    """The weaknesses among a rule's tags; None if GitHub sent no tags."""
    tags = strings(nested(rule, "tags"))
    return None if tags is None else [found for tag in tags if (found := cwe_id(tag))]
