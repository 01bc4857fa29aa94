"""Page style: less empty space around the page than Streamlit leaves, and rows that come out even at every width.

A link to the page that one is on, for another thing on it, looks like any other.
"""

import streamlit as st

from frontend.components.metric_row import ROW_STYLE

_STYLE = """
.stMainBlockContainer { padding: 3.25rem clamp(1rem, 3vw, 2.5rem) 3rem; }
.stPageLink a { height: auto; padding-block: 0.2rem; }
.stPageLink p { line-height: 1.4; font-weight: 400; }
.stPageLink a:not(:hover, :focus-visible) { background: transparent; }
.stPageLink a * { white-space: normal; overflow: visible; text-overflow: clip; }
.st-key-visitor form { margin: 0; }
.st-key-visitor button[type="submit"] { width: 100%; padding: 0.3rem 0.75rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: 0.5rem;
  cursor: pointer; }
.st-key-visitor button[type="submit"]:is(:hover, :focus-visible) { border-color: currentColor; }
.st-key-range .stButtonGroup > div button { min-height: 2.5rem; padding-inline: 0.8rem; }
@media (max-width: 480px) {
  .st-key-range .stButtonGroup > div button { padding-inline: clamp(0.3rem, 3.4vw - 0.1rem, 0.8rem); }
  .st-key-org, .st-key-repo { flex: 1 1 40% !important; }
}
"""


def draw_page_style() -> None:
    """Puts a fixed style sheet on the page; nothing of it comes from data."""
    st.html(f"<style>{_STYLE}{ROW_STYLE}</style>")
