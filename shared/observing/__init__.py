"""Observing: what a running Fettle says of itself: logs and figures, without secrets and addresses of people."""
