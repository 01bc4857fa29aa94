"""Figures of the running API for Prometheus: what it answered and took, and how what is behind it fares.

Each figure has few labels with few values: patterns of addresses, statuses, outcomes and datasets; never a name.
"""

import logging
import math
import threading
import time
from collections import Counter as Counts
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backend.api.routes.health import last_collected_at
from backend.ingest.backlog import backlog
from backend.ingest.counts import DeliveryCounts
from backend.ingest.tallies import FoldTallies
from shared.collecting.runner import Runner
from shared.datasets import DATASETS
from shared.lake.inbox import INBOX, Inbox
from shared.lake.quarantine import QUARANTINE
from shared.lake.store import Store, StoreError
from shared.lake.tables import Lake

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

LOOKED_S = 30.0
"""For how long what was found in the store is good: listing it costs requests."""

MOST_ROUTES = 200
"""Patterns of addresses; there are fewer, and no fault is to make more."""

log = logging.getLogger(__name__)


class Figures:
    """The registry of one API, with what its requests are told to."""

    def __init__(self, *collectors: Collector) -> None:
        self.registry = CollectorRegistry()
        for own in (ProcessCollector, PlatformCollector, GCCollector):
            own(registry=self.registry)
        for collector in collectors:
            self.registry.register(collector)
        self._requests = Counter(
            "fettle_http_requests", "Requests by method, route and status.", ("method", "route", "status"),
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "fettle_http_request_duration_seconds", "Seconds until a request was answered.", ("method", "route"),
            registry=self.registry, buckets=BUCKETS_S,
        )  # fmt: skip
        self._routes: set[str] = set()

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request."""
        if route not in self._routes:
            if len(self._routes) >= MOST_ROUTES:
                route = "(other)"
            self._routes.add(route)
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)


@dataclass(frozen=True)
class Pushed(Collector):
    """What was pushed and folded: counted where it happens, and read when somebody asks."""

    counts: DeliveryCounts
    inbox: Inbox
    folded: FoldTallies

    def collect(self) -> Iterator[Metric]:
        """See Collector."""
        deliveries = CounterMetricFamily(
            "fettle_webhook_deliveries", "Deliveries of GitHub by what became of them.", labels=["outcome"]
        )
        for outcome, number in self.counts.totals.items():
            deliveries.add_metric([outcome], number)
        yield deliveries
        yield CounterMetricFamily(
            "fettle_inbox_spooled_lines", "Lines kept in the spool as the store did not answer.", self.inbox.spooled
        )
        yield GaugeMetricFamily("fettle_spool_bytes", "Bytes that wait in the spool.", self.inbox.spool_bytes)
        yield GaugeMetricFamily("fettle_store_away", "1 while what is pushed goes to the spool.", self.inbox.away)
        told = self.folded
        yield CounterMetricFamily("fettle_folds", "Times that something was folded.", told.folds)
        yield CounterMetricFamily("fettle_fold_failures", "Times that folding failed.", told.failures)
        yield CounterMetricFamily("fettle_fold_seconds", "Seconds spent folding.", told.seconds)
        yield CounterMetricFamily("fettle_folded_lines", "Lines folded into tables.", told.lines)
        yield CounterMetricFamily("fettle_quarantined_lines", "Lines that went to quarantine.", told.rejected)
        yield GaugeMetricFamily("fettle_last_fold_duration_seconds", "Seconds that the last fold took.", told.last_s)


@dataclass(frozen=True)
class Found:
    """What the store held when it was looked through. Each by dataset: files and bytes."""

    up: bool
    took_s: float = 0.0
    inbox: Counts[str] = field(default_factory=Counts)
    oldest_s: float = 0.0
    lake: dict[str, tuple[int, int]] = field(default_factory=dict)
    quarantine: dict[str, tuple[int, int]] = field(default_factory=dict)
    collected_at: float | None = None
    collecting: bool = False


class Stored(Collector):
    """What is in the store; looked for at most every LOOKED_S. Safe to use from several threads."""

    def __init__(self, lake: Lake, runner: Runner, clock: Callable[[], float] = time.monotonic) -> None:
        self._lake, self._runner, self._clock = lake, runner, clock
        self._lock = threading.Lock()
        self._known: tuple[float, Found] | None = None

    def describe(self) -> Iterable[Metric]:
        """Nothing: to be registered takes no look at the store."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """See Collector."""
        found = self._found()
        yield GaugeMetricFamily("fettle_store_up", "1 if the store could be looked through.", found.up)
        if not found.up:
            return
        yield GaugeMetricFamily("fettle_store_look_seconds", "Seconds that looking through it took.", found.took_s)
        yield GaugeMetricFamily("fettle_inbox_blobs", "Blobs that wait to be folded.", found.inbox["blobs"])
        yield GaugeMetricFamily("fettle_inbox_bytes", "Bytes that wait to be folded.", found.inbox["bytes"])
        yield GaugeMetricFamily("fettle_inbox_oldest_seconds", "Age of the oldest of them.", found.oldest_s)
        yield from _sizes("fettle_lake", "of each dataset", found.lake)
        yield from _sizes("fettle_quarantine", "in quarantine by dataset", found.quarantine)
        yield GaugeMetricFamily("fettle_collecting", "1 while a collection started here runs.", found.collecting)
        if found.collected_at is not None:
            yield GaugeMetricFamily(
                "fettle_last_collection_timestamp_seconds",
                "When something was last collected well.",
                found.collected_at,
            )

    def _found(self) -> Found:
        with self._lock:
            if self._known is None or self._clock() - self._known[0] > LOOKED_S:
                self._known = (self._clock(), self._look())
            return self._known[1]

    def _look(self) -> Found:
        began = time.perf_counter()
        try:
            waiting, snapshot = list(self._lake.store.list(INBOX)), self._lake.snapshot()
            last = last_collected_at(self._lake)
            oldest_s = backlog(waiting).oldest_s
            return Found(
                up=True,
                inbox=Counts(blobs=len(waiting), bytes=sum(blob.size for blob in waiting)),
                oldest_s=max(0.0, oldest_s) if math.isfinite(oldest_s) else 0.0,
                lake={
                    name: (len(blobs), sum(blob.size for blob in blobs))
                    for name, dataset in DATASETS.items()
                    if (blobs := snapshot.partitions(dataset))
                },
                quarantine=_in_quarantine(self._lake.store),
                collected_at=last.timestamp() if last else None,
                collecting=self._runner.started().running is not None,
                took_s=time.perf_counter() - began,
            )
        except StoreError as error:
            log.warning("Figures of the store are missing: %s", error)
            return Found(up=False)


def _sizes(name: str, of: str, sizes: dict[str, tuple[int, int]]) -> Iterator[Metric]:
    for place, unit in enumerate(("files", "bytes")):
        family = GaugeMetricFamily(f"{name}_{unit}", f"{unit.capitalize()} {of}.", labels=["dataset"])
        for dataset, size in sizes.items():
            family.add_metric([dataset], size[place])
        yield family


def _in_quarantine(store: Store) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for blob in store.list(QUARANTINE):
        part = blob.name.split("/")[1]
        name = part if part in DATASETS else "other"
        files, size = found.get(name, (0, 0))
        found[name] = (files + 1, size + blob.size)
    return found
