"""How much sample data there is to be."""

from dataclasses import dataclass

from shared.errors import FettleError

LIMITS = {"repos": 10_000, "days": 3_650, "runs": 20_000_000, "alerts": 2_000_000}
"""The most of each option. A month of runs is held in memory at once, alerts all together."""

ALERTS_PER_REPO_DAY = 0.2


@dataclass(frozen=True)
class DemoSize:
    """Options of the sample data. Raises FettleError that names the option, its value and its range.

    repos: repositories.  days: of history up to now.  runs: rows of workflow_runs, re-runs included, exactly.
    seed: another seed, other data.  alerts: rows of alerts; None lets them grow with repositories and days.
    For all stories to be visible it takes ten repositories, 180 days and some runs per repository and day.
    """

    repos: int = 24
    days: int = 365
    runs: int = 40_000
    seed: int = 7
    alerts: int | None = None

    def __post_init__(self) -> None:
        for option, most in LIMITS.items():
            _require(option, getattr(self, option), 1, most)
        _require("seed", self.seed, 0, 2**32 - 1)

    @property
    def alert_rows(self) -> int:
        """Rows of alerts, also where the number was left open."""
        if self.alerts is not None:
            return self.alerts
        return min(LIMITS["alerts"], max(1, round(self.repos * self.days * ALERTS_PER_REPO_DAY)))


def _require(option: str, value: int | None, least: int, most: int) -> None:
    if value is not None and not least <= value <= most:
        raise FettleError(f"Demo option --{option} is {value}; use {least} to {most}.")
