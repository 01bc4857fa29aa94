"""The commands that load the sample: they load it, bring the roll-ups up to date, and say what came of it."""

from backend.demo.load import load_demo, regenerate_demo
from backend.demo.size import DemoSize
from backend.rollups.rollup import roll_up
from backend.terminal import complain, demo_progress, say
from shared.lake.opening import open_lake
from shared.policy import load_policy
from shared.settings import Settings


def load_sample(settings: Settings, size: DemoSize, *, anew: bool = False) -> int:
    """Loads the sample with its roll-ups, prints a summary and returns the exit code. Raises FettleError.

    anew: the sample that is there is cleared first. A roll-up that fails costs no row: a part is done.
    """
    lake, policy = open_lake(settings), load_policy(settings.policy)
    with demo_progress() as progress:
        loaded = (regenerate_demo if anew else load_demo)(lake, size, progress)
    say("Sample data loaded: " + ", ".join(f"{count:,} {name}" for name, count in loaded.rows.items()))
    rolled_up = roll_up(lake, policy)
    for problem in rolled_up.problems.values():
        complain(problem)
    return 2 if rolled_up.problems else 0
