"""Page style: less empty space around the page than Streamlit leaves, and links that wrap where they do not fit.

A link to the page that one is on, for another thing on it, looks like any other.
"""

import streamlit as st

_STYLE = """<style>
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
</style>"""


def draw_page_style() -> None:
    """Puts a fixed style sheet on the page; nothing of it comes from data."""
    st.html(_STYLE)
