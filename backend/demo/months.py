"""The time that the sample spans, month by month, and the rhythm of people at work in it."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from backend.demo.columns import Floats, Ints
from backend.demo.dice import choices
from backend.demo.stories import DAY_S

HOUR_S = 3_600

# How busy people are by hour of the day (UTC), by day of the week from Monday, by month from January.
_HOURS = np.array([2, 1, 1, 1, 1, 2, 5, 12, 24, 30, 30, 26, 22, 28, 32, 31, 28, 22, 16, 12, 9, 7, 5, 3], dtype=float)
_WEEKDAYS = np.array([1.0, 1.1, 1.1, 1.05, 0.85, 0.12, 0.10])
_MONTHS = np.array([0.9, 1.0, 1.05, 1.0, 1.0, 1.0, 0.85, 0.7, 1.05, 1.1, 1.05, 0.7])

_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday


@dataclass(frozen=True)
class Span:
    """A half-open time range in seconds since the epoch: since <= t < until."""

    since: int
    until: int

    @property
    def month(self) -> int:
        """The UTC month that it begins in, counted from year 0."""
        return 1970 * 12 + int(np.datetime64(self.since, "s").astype("datetime64[M]").astype(np.int64))

    def months(self) -> list["Span"]:
        """The parts of the span by UTC month, oldest first."""
        first = np.datetime64(self.since, "s").astype("datetime64[M]")
        last = np.datetime64(self.until - 1, "s").astype("datetime64[M]")
        starts = np.arange(first, last + 2).astype("datetime64[s]").astype(np.int64)
        edges = np.clip(starts, self.since, self.until).tolist()
        return [Span(low, high) for low, high in pairwise(edges)]

    @cached_property
    def _bins(self) -> tuple[Ints, Ints, Floats]:
        """The hours of the span: begin, length in seconds, activity."""
        hours = np.arange(self.since // HOUR_S, -(-self.until // HOUR_S), dtype=np.int64)
        begins = np.maximum(hours * HOUR_S, self.since)
        lengths = np.minimum((hours + 1) * HOUR_S, self.until) - begins
        days = hours // 24
        months = (days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)) % 12
        busy = _HOURS[hours % 24] * _WEEKDAYS[(days + _EPOCH_WEEKDAY) % 7] * _MONTHS[months]
        return begins, lengths, busy * lengths

    @property
    def activity(self) -> float:
        """How much people do in the span, in no unit; spans are compared by it."""
        return float(self._bins[2].sum())

    def moments(self, rng: np.random.Generator, count: int) -> Ints:
        """Random moments of people's activity, in no order."""
        begins, lengths, busy = self._bins
        chosen = choices(rng, busy, count)
        moments: Ints = begins[chosen] + (rng.random(count) * lengths[chosen]).astype(np.int64)
        return moments


def span_of(days: int, as_of: int) -> Span:
    """The last `days` days before `as_of`."""
    return Span(as_of - days * DAY_S, as_of)


def share_out(total: int, weights: Floats) -> Ints:
    """A number in whole parts as the weights say, by largest remainder; the parts sum to it exactly."""
    exact = total * weights / weights.sum()
    parts: Ints = np.floor(exact).astype(np.int64)
    largest = np.argsort(-(exact - parts), kind="stable")[: total - int(parts.sum())]
    parts[largest] += 1
    return parts
