"""Sample data in the terminal: loaded, cleared, made anew; never mixed with real rows."""

from typing import Annotated

import typer

from backend.terminal import say

samples = typer.Typer(help="Sample data, kept apart from real data.", no_args_is_help=True, rich_markup_mode=None)

DemoRepos = Annotated[int, typer.Option("--repos", help="Repositories.")]
DemoDays = Annotated[int, typer.Option("--days", help="Days of history up to now.")]
DemoRuns = Annotated[int, typer.Option("--runs", help="Workflow runs, attempts counted.")]
DemoSeed = Annotated[int, typer.Option("--seed", help="Another seed, other data.")]


@samples.command("load")
def load(
    repos: DemoRepos = 24,
    days: DemoDays = 365,
    runs: DemoRuns = 40_000,
    seed: DemoSeed = 7,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Only if the store holds no data at all.")] = False,
) -> None:
    """Load sample data; real rows stay as they are, and hide it as soon as there are any."""
    from backend.demo.size import DemoSize
    from shared.lake.opening import open_store
    from shared.lake.snapshot import TABLES
    from shared.settings import load_settings

    size = DemoSize(repos=repos, days=days, runs=runs, seed=seed)
    settings = load_settings()
    if if_empty and any(open_store(settings).list(TABLES)):
        return
    from backend.demo.command import load_sample  # only now: what it needs takes seconds to import

    raise typer.Exit(load_sample(settings, size))


@samples.command("populate")
def populate(
    days: Annotated[int, typer.Option("--days", help="Days of usage up to now.")] = 14,
    users: Annotated[int, typer.Option("--users", help="Users who send requests.")] = 40,
    seed: DemoSeed = 7,
) -> None:
    """Load sample usage alone (requests, sessions, ratings, threats), in place of that which is there."""
    from backend.demo.command import load_usage
    from shared.settings import load_settings

    raise typer.Exit(load_usage(load_settings(), days, users, seed))


@samples.command("clear")
def clear() -> None:
    """Remove the sample data and nothing else."""
    from backend.demo.load import clear_demo
    from shared.lake.opening import open_lake
    from shared.settings import load_settings

    removed = clear_demo(open_lake(load_settings()))
    say(f"Sample data removed: {sum(removed.values()):,} rows")


@samples.command("regenerate")
def regenerate(repos: DemoRepos = 24, days: DemoDays = 365, runs: DemoRuns = 40_000, seed: DemoSeed = 7) -> None:
    """Clear the sample data and load it anew, up to now."""
    from backend.demo.command import load_sample
    from backend.demo.size import DemoSize
    from shared.settings import load_settings

    size = DemoSize(repos=repos, days=days, runs=runs, seed=seed)
    raise typer.Exit(load_sample(load_settings(), size, anew=True))
