"""Garbage: what is there when a process has begun to serve is not looked through again."""

import subprocess
import sys

from tests.conftest import ROOT

SPARED = """
import gc
from shared.garbage import COLLECTED_AFTER, spare_the_lasting

lasting = [[n] for n in range(100_000)]
spare_the_lasting()
assert gc.get_freeze_count() > len(lasting)
assert len(gc.get_objects()) < 1_000, "what is looked through"
assert gc.get_threshold() == COLLECTED_AFTER
ring = []
ring.append(ring)
del ring
assert gc.collect() == 1, "later garbage is still found"
"""


def test_the_lasting_is_spared_and_later_garbage_is_found() -> None:
    subprocess.run([sys.executable, "-c", SPARED], check=True, cwd=ROOT)
