"""Push: what is sent to Fettle, from the inbox to the tables."""
