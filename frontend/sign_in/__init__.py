"""Sign-in: the routes, the page and the gate of the pages; what a session is stands in shared.access.sessions."""
