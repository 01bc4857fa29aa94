"""Components: parts that several pages draw."""
