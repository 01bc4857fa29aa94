"""The collect command: opens what a collection needs, runs it, and says what came of it."""

import sys

from backend.collect.agents.devin import open_devin
from backend.collect.connection.opening import open_github
from backend.collect.plan import plan_lines
from backend.collect.progress import progress_on
from backend.collect.run import collect, plan, summary
from backend.collect.selection import Selection
from backend.collect.stopping import terminable
from backend.collect.thrift import ENGINE_MEMORY, settle
from backend.rollups.rollup import RolledUp, roll_up
from backend.terminal import first_of, report, say
from shared.errors import FettleError
from shared.lake.opening import open_lake
from shared.policy import load_policy
from shared.settings import Settings


def collect_once(settings: Settings, selection: Selection, budget: int | None) -> int:
    """Collects, rolls up, prints a summary and returns the exit code. Raises FettleError if nothing was collected.

    A roll-up that fails costs none of what was collected: the exit code says that a part is done.
    """
    policy = load_policy(settings.policy)
    github = open_github(settings, (*selection.orgs, *selection.repos))
    github.spend_at_most(budget)
    devin = open_devin(settings)
    settle()
    lake = open_lake(settings, at_most=ENGINE_MEMORY)
    with progress_on(sys.stderr) as reporter, terminable():
        providers = [devin] if devin else []
        collected = collect(lake, github, selection, reporter, policy=policy, providers=providers)
        if collected.exit_code == 1:
            raise FettleError(first_of([collected.problem, *(entry.reason for entry in collected.failures)]))
        by_itself = settings.engine == "duckdb"  # else `rollup` does it, where Spark is
        rolled_up = roll_up(lake, policy) if by_itself else RolledUp({}, {})
    for line in (*summary(collected), *rolled_up.problems.values()):
        report(line)
    return 2 if rolled_up.problems else collected.exit_code


def print_plan(settings: Settings, selection: Selection, budget: int | None) -> None:
    """Prints the requests that a collection would make. Raises FettleError if no repository could be found."""
    github = open_github(settings, (*selection.orgs, *selection.repos))
    github.spend_at_most(budget)
    planned, listed = plan(open_lake(settings), github, selection, load_policy(settings.policy))
    failed = [entry.reason for entry in listed if entry.outcome not in ("ok", "unchanged")]
    if failed and len(failed) == len(listed):
        raise FettleError(first_of(failed))
    for line in plan_lines(planned):
        say(line)
