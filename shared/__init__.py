"""What both sides stand on: settings, datasets, the lake and the metrics."""
