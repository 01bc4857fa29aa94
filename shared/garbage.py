"""Garbage: how often a serving process looks for garbage that counting references does not find."""

import gc

COLLECTED_AFTER = (20_000, 20, 20)
"""Objects, and rounds over younger ones, after which Python looks: seldom, as there is little of it."""


def spare_the_lasting() -> None:
    """Has Python never again look through what there is by now: modules, and answers that are kept at hand.

    A look through all of it took 170 ms in which no page and no request is answered. What is kept by mistake is what
    was garbage already, so this is to be called once or twice in a process's life, not again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
