"""Tables of the Overview page."""

from frontend.columns import Column

ATTENTION = (
    Column("problem", "Problem"),
    Column("subject", "What"),
    Column("repo", "Repository"),
    Column("detail", "What is known"),
    Column("html_url", "GitHub", "link"),
)

CHANGED = (
    Column("change", "Change"),
    Column("subject", "What"),
    Column("repo", "Repository"),
    Column("detail", "What is known"),
)
