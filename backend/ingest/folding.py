"""Folding in the background of a process that serves: every few seconds, in a thread of its own."""

import logging
import threading
import time

from backend.ingest.counts import DeliveryCounts
from backend.ingest.fold import fold
from shared.lake.store import StoreError
from shared.lake.tables import Lake

EVERY_S = 2.0
LONGEST_PAUSE_S = 30.0

BREATH_EVERY = 8
"""Deliveries between two breaths: about a millisecond of work."""

log = logging.getLogger(__name__)


class Folding:
    """Folds until it is stopped; what fails is tried again, after pauses that grow."""

    def __init__(self, lake: Lake, counts: DeliveryCounts) -> None:
        self._lake, self._counts = lake, counts
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="fold", daemon=True)
        self._steps = 0

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after what is being folded, or leaves it to the next process if that takes long."""
        self._stop.set()
        self._thread.join(5)

    def _work(self) -> None:
        pause_s = EVERY_S
        while not self._stop.wait(pause_s):
            try:
                fold(self._lake, self._breathe)
                self._counts.keep(self._lake)
                pause_s = EVERY_S
            except StoreError as error:
                log.warning("The inbox waits to be folded: %s", error)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            except Exception:
                log.exception("The inbox could not be folded.")
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _breathe(self) -> None:
        """Lets the threads that answer requests go first."""
        self._steps += 1
        if self._steps % BREATH_EVERY == 0:
            time.sleep(0.001)
