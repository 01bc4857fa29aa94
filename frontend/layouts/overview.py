"""Tables of the Overview page."""

from frontend.columns import Column

ATTENTION = (
    Column("problem", "Problem"),
    Column("subject", "Workflow or repository"),
    Column("repo", "Repository"),
    Column("detail", "What is known"),
    Column("html_url", "GitHub", "link"),
)
