"""Breakdown: what time to remediate is broken down by, and which dismissals count as remediation."""

from dataclasses import dataclass

import streamlit as st

BREAKDOWNS = {
    "severity": "Severity",
    "repo": "Repository",
    "org": "Organisation",
    "kind": "Alert kind",
    "tool": "Tool",
    "cwe_family": "CWE family",
}
BY, DISMISSED, AUTO_DISMISSED = "by", "dismissed", "auto_dismissed"


@dataclass(frozen=True)
class Breakdown:
    """What time to remediate is broken down by (a key of BREAKDOWNS), and which dismissals count as remediation."""

    by: str
    include_dismissed: bool
    include_auto_dismissed: bool

    @property
    def title(self) -> str:
        """The words for what it is broken down by."""
        return BREAKDOWNS[self.by]

    @property
    def switches(self) -> dict[str, bool]:
        """The switches of the metric."""
        return {
            "include_dismissed": self.include_dismissed,
            "include_auto_dismissed": self.include_auto_dismissed,
        }


def draw_breakdown() -> Breakdown:
    """Draws the choice of what time to remediate is broken down by, and of what counts."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.segmented_control(
            "By",
            tuple(BREAKDOWNS.values()),
            default=BREAKDOWNS["severity"],
            required=True,
            key=BY,
            bind="query-params",
            wrap=True,
        )
        dismissed = st.toggle(
            "Count dismissed alerts",
            key=DISMISSED,
            bind="query-params",
            help="Also counts alerts that a person dismissed, as some reports do.",
        )
        auto_dismissed = st.toggle(
            "Count automatic dismissals",
            key=AUTO_DISMISSED,
            bind="query-params",
            help="Also counts alerts that GitHub dismissed by itself, which is no remediation.",
        )
    return Breakdown(next(by for by, text in BREAKDOWNS.items() if text == label), dismissed, auto_dismissed)
