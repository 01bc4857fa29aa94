"""The connection to GitHub: what authenticates, what sends, and what may stand in between."""
