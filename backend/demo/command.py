"""The commands that load the sample: they load it, bring the roll-ups up to date, and say what came of it."""

from backend.demo.load import DemoLoaded, load_demo, populate_usage, regenerate_demo
from backend.demo.size import DemoSize
from backend.rollups.rollup import roll_up
from backend.terminal import complain, demo_progress, say
from shared.errors import FettleError
from shared.lake.opening import open_lake
from shared.lake.tables import Lake
from shared.policy import Policy, load_policy
from shared.settings import Settings


def load_sample(settings: Settings, size: DemoSize, *, anew: bool = False) -> int:
    """Loads the sample with its roll-ups, prints a summary and returns the exit code. Raises FettleError.

    anew: the sample that is there is cleared first. A roll-up that fails costs no row: a part is done.
    """
    lake, policy = open_lake(settings), load_policy(settings.policy)
    with demo_progress() as progress:
        loaded = (regenerate_demo if anew else load_demo)(lake, size, progress)
    return _rolled_up(lake, policy, loaded)


def load_usage(settings: Settings, days: int, users: int, seed: int) -> int:
    """Loads sample usage alone with its roll-up; see load_sample. Raises FettleError."""
    for option, value, most in (("days", days, 3_650), ("users", users, 100_000)):
        if not 1 <= value <= most:
            raise FettleError(f"Demo option --{option} is {value}; use 1 to {most}.")
    lake = open_lake(settings)
    return _rolled_up(lake, load_policy(settings.policy), populate_usage(lake, days, users, seed))


def _rolled_up(lake: Lake, policy: Policy, loaded: DemoLoaded) -> int:
    say("Sample data loaded: " + ", ".join(f"{count:,} {name}" for name, count in loaded.rows.items()))
    rolled_up = roll_up(lake, policy)
    for problem in rolled_up.problems.values():
        complain(problem)
    return 2 if rolled_up.problems else 0
