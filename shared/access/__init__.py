"""Access: who may do what; used by the API and by the pages alike, and denying by default."""
