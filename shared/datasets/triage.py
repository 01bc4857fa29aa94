"""Triage: what people decided on alerts and findings; rows are only ever added, and no recomputation touches them."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

RISK_ACCEPTED, REOPENED = "risk_accepted", "reopened"

DECISIONS = ("false_positive", "wont_fix", RISK_ACCEPTED, REOPENED)

TRIAGE = Dataset(
    name="triage",
    title="Triage decisions",
    reach="subject",
    columns=(
        ("subject", pa.string()),
        ("decision", pa.string()),
        ("owner", pa.string()),
        ("reason", pa.string()),
        ("decided_at", TS),
        ("expires_at", TS),
    ),
    key=("subject", "decided_at"),
    version="collected_at",
    sort=("subject", "decided_at"),
)


def alert_subject(repo: str, kind: str, number: int) -> str:
    """What a decision on an alert is about: `alert:owner/name/kind/number`."""
    return f"alert:{repo}/{kind}/{number}"


def finding_subject(repo: str, tool: str, fingerprint: str) -> str:
    """What a decision on a finding is about: `finding:owner/name/tool/fingerprint`."""
    return f"finding:{repo}/{tool}/{fingerprint}"


def subject_parts(subject: str) -> tuple[str, str, str, str] | None:
    """A subject as (alert or finding, repo, kind or tool, number or fingerprint); None if it is none."""
    what, _, rest = subject.partition(":")
    parts = rest.split("/")
    if what not in ("alert", "finding") or len(parts) < 4 or not all(parts):
        return None
    # A tool's name may have a slash in it.
    return what, "/".join(parts[:2]), "/".join(parts[2:-1]), parts[-1]
