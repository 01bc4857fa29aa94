"""Breakdown: what the figures of a page are broken down by, and which of them count."""

from collections.abc import Mapping
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

COST_PARTS = {"repo": "Repository", "workflow": "Workflow", "actor": "Actor", "runner": "Runner"}
COST_MEASURES = {"cost": "Cost", "minutes": "Minutes"}
COST_BY, COST_MEASURE = "cost_by", "measure"

DELIVERY_PARTS = {"repo": "Repository", "org": "Organisation"}
DELIVERY_BY = "delivery_by"


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


def draw_cost_breakdown() -> tuple[str, str]:
    """What cost is broken down by (a key of COST_PARTS), and what is shown of it (a key of COST_MEASURES)."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return _one_of("By", COST_PARTS, COST_BY), _one_of("Show", COST_MEASURES, COST_MEASURE)


def draw_delivery_breakdown() -> str:
    """What deployments are broken down by: a key of DELIVERY_PARTS."""
    return _one_of("By", DELIVERY_PARTS, DELIVERY_BY)


def _one_of(label: str, offered: Mapping[str, str], key: str) -> str:
    """A choice of one, the first unless another is chosen; its words are in the URL, its code is returned."""
    words = tuple(offered.values())
    found = st.segmented_control(label, words, default=words[0], required=True, key=key, bind="query-params")
    return next(code for code, text in offered.items() if text == found)
