"""Sample data: believable fictional repositories, the same for a seed and a clock, apart from real rows."""
