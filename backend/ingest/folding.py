"""Folding in the background of a process that serves: every few seconds, in a process of its own.

In a thread it would take half of the requests: what parses and merges holds Python's lock, and answers wait for it.
"""

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.process import BaseProcess

from backend.ingest.backlog import backlog
from backend.ingest.counts import DeliveryCounts
from backend.ingest.tallies import FoldTallies
from shared.lake.inbox import INBOX
from shared.lake.store import Store, StoreError
from shared.lake.tables import Lake
from shared.observing.logs import set_up_logs
from shared.settings import Settings

EVERY_S = 2.0
REST = 1.0
"""So many times as long as a batch took it rests where others want the processor too; where they do not, it goes on.
At four times as long, what a burst had left behind took minutes while people looked at pages."""

REST_IN_A_BURST = 4.0
"""As REST, for as long as a burst goes on: that goes first, and is taken a twentieth faster, as if nobody folded."""

WANTED_BELOW = 0.8
"""Of the time that a batch took, if it had the processor for less, others wanted it, or the store is slow."""

LONGEST_REST_S = 15.0
FIRST_LOOK_S = 0.5
LONGEST_PAUSE_S = 30.0
ENDED_PAUSE_S = 5.0

NICENESS = 15
"""Answers and pages go first."""

IDLE: int | None = getattr(os, "SCHED_IDLE", None)
"""Has the system give a process only the time that nobody else wants; Linux alone has that. At a lower priority alone
it would keep the processor from others for milliseconds at a time, and answers wait for those."""

STARVED_S = 60.0
"""Of a process that ended no round for so long others have all the time; it is started again and takes its share."""

MEMORY_LIMIT = "1GB"

_PR_SET_PDEATHSIG = 1

log = logging.getLogger(__name__)


class Folding:
    """Folds until it is stopped, and keeps the counts of deliveries; a process that ends is started again.

    The process is started when there is something to fold: a server to which nobody pushes does without it.
    """

    def __init__(self, settings: Settings, lake: Lake, counts: DeliveryCounts) -> None:
        self._settings, self._lake, self._counts = settings, lake, counts
        self.tallies = FoldTallies()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="fold", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends at once: what is not folded is for the next process."""
        self._stop.set()
        self._thread.join(5)

    def _watch(self) -> None:
        process, pause_s = None, FIRST_LOOK_S
        heard, at, yields = 0.0, time.monotonic(), True
        while not self._stop.wait(pause_s):
            pause_s = EVERY_S
            self._keep_counts()
            if self.tallies.rounds != heard:
                heard, at = self.tallies.rounds, time.monotonic()
            if process is None:
                process = self._begin(yields) if self._is_something_waiting() else None
                at = time.monotonic()
            elif process.is_alive() and yields and time.monotonic() - at > STARVED_S:
                log.warning("Nothing was folded for %.0f s; it takes its share of the processor now.", STARVED_S)
                process.kill()
                process.join()
                process, yields = None, False
            elif not process.is_alive():
                log.warning("The process that folds ended with %s; it is started again.", process.exitcode)
                process, pause_s = None, ENDED_PAUSE_S
        if process is not None:
            process.terminate()
        self._keep_counts()

    def _is_something_waiting(self) -> bool:
        try:
            return any(True for _ in self._lake.store.list(INBOX))
        except StoreError as error:
            log.info("The inbox cannot be listed: %s", error)
            return False

    def _begin(self, yields: bool) -> BaseProcess:
        # Forked from a process with threads it might hang.
        process = multiprocessing.get_context("spawn").Process(
            target=fold_on, args=(self._settings, os.getpid(), self.tallies, yields), name="fold", daemon=True
        )
        process.start()
        return process

    def _keep_counts(self) -> None:
        try:
            self._counts.keep(self._lake)
        except StoreError as error:
            log.info("Counts of deliveries wait: %s", error)


def rests_s(took_s: float, cpu_s: float, *, more: bool) -> tuple[float, float]:
    """How long to rest after a batch that took so long, by the clock and of the processor, and how long in a burst.

    more: is waiting.
    """
    if cpu_s >= WANTED_BELOW * took_s:
        rest_s = 0.0 if more else EVERY_S
        return rest_s, rest_s
    usual_s, in_burst_s = (min(max(EVERY_S, times * took_s), LONGEST_REST_S) for times in (REST, REST_IN_A_BURST))
    return usual_s, in_burst_s


def _rest(store: Store, usual_s: float, in_burst_s: float) -> None:
    """Rests, and goes on with that while a burst does. Raises StoreError."""
    until = time.monotonic() + in_burst_s
    time.sleep(usual_s)
    while time.monotonic() < until and backlog(store.list(INBOX)).is_burst:
        time.sleep(EVERY_S)


def fold_on(settings: Settings, parent: int, tallies: FoldTallies, yields: bool) -> None:
    """Folds every few seconds for as long as its parent lives; what fails is tried again, after pauses that grow.

    yields: whether it takes only the time that nobody else wants.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends us
    os.nice(NICENESS)
    if yields and IDLE is not None:
        with suppress(OSError):  # some sandboxes do not know it
            os.sched_setscheduler(0, IDLE, os.sched_param(0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    set_up_logs("fold")
    from shared.lake.opening import open_lake

    lake, pause_s = open_lake(settings, MEMORY_LIMIT), EVERY_S
    while os.getppid() == parent:
        try:
            _rest(lake.store, *_round(lake, tallies))
        except StoreError as error:
            log.warning("The inbox waits to be folded: %s", error)
        except Exception:  # this process is for nothing else, and what is pushed keeps coming: it tries again
            log.exception("The inbox could not be folded.")
        else:
            pause_s = EVERY_S
            continue
        tallies.add_failure()
        tallies.end_round()
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        time.sleep(pause_s)


def _round(lake: Lake, tallies: FoldTallies) -> tuple[float, float]:
    """Folds a batch, and says as rests_s for how long to rest then."""
    from backend.ingest.fold import fold  # only here: who serves does without the query engine's plans

    began, began_cpu = time.monotonic(), time.process_time()
    folded = fold(lake, most=1)
    if folded.blobs:
        tallies.add(began, folded.lines, folded.rejected)
    tallies.end_round()
    return rests_s(time.monotonic() - began, time.process_time() - began_cpu, more=folded.more)
