"""Random choices."""

import numpy as np

from backend.demo.columns import Floats, Ints


def choices(rng: np.random.Generator, weights: Floats, count: int) -> Ints:
    """Random positions in `weights`, each as often as its weight says."""
    edges = np.cumsum(weights)
    found: Ints = np.searchsorted(edges, rng.random(count) * edges[-1], side="right")
    return found.clip(max=len(edges) - 1)
