"""The stories that the sample data tells, each by one repository, so that every page has something to show.

What a story changes is written where its rows are made: workflows.py (and so the runs), alerts.py, ledger.py.
"""

from dataclasses import dataclass

DAY_S = 86_400


@dataclass(frozen=True)
class Story:
    """Something that a reader should notice. workflow: its name, where the story is about one."""

    name: str
    repo: str
    workflow: str | None
    text: str


RECOVERED = Story("recovered", "demo-atlas/checkout", "CI", "failed on main for six days six weeks ago, healthy since")
FAILING = Story("failing", "demo-borealis/payments", "Nightly", "has failed every night of the last week")
STALE = Story("stale", "demo-cumulus/search", "Nightly", "is scheduled every night and active, silent for 20 days")
FLAKY = Story("flaky", "demo-atlas/mobile-app", "CI", "often fails and then succeeds on the same commit")
INACTIVE = Story(
    "inactive",
    "demo-borealis/reporting",
    "Nightly",
    "disabled 75 days ago, as its repository was quiet for 60 days",
)
NEVER_RUN = Story("never run", "demo-cumulus/notifications", "Release", "is active but has never run")
PILING_UP = Story("piling up", "demo-atlas/legacy-portal", None, "its open alerts grow month by month")
IMPROVING = Story("improving", "demo-borealis/identity", None, "fixes alerts several times as fast as a year ago")
FORBIDDEN = Story("forbidden", "demo-cumulus/ledger", None, "the token may not read its Dependabot alerts")
DISABLED = Story("disabled", "demo-atlas/warehouse", None, "secret scanning is switched off")

STORIES = (
    RECOVERED,
    FAILING,
    STALE,
    FLAKY,
    INACTIVE,
    NEVER_RUN,
    PILING_UP,
    IMPROVING,
    FORBIDDEN,
    DISABLED,
)
"""In the order of their repositories, which are the first of the sample."""

OUTAGE_S = (47 * DAY_S, 41 * DAY_S)
"""Begin and end of RECOVERED's outage, before now."""
FAILING_S = 7 * DAY_S
STALE_S = 20 * DAY_S
DISABLED_S = 75 * DAY_S
"""Since when INACTIVE's schedules are disabled."""
QUIET_S = DISABLED_S + 60 * DAY_S
"""Since when INACTIVE's repository has no commits."""
FLAKY_SHARE = 0.3
"""Of FLAKY's runs."""
