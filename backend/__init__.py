"""What writes: collects, imports, receives, folds, and serves the API."""
