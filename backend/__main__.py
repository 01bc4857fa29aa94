"""`python -m backend <command>`: one thin function per command; users' cron jobs call these."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from backend.api_keys import keys
from backend.people import users
from backend.samples import samples
from backend.terminal import Output, complain, report, run_command, say

app = typer.Typer(
    name="python -m backend",
    help="Fettle: what is unhealthy in many repositories, and how fast it gets put right.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(samples, name="demo")
app.add_typer(keys, name="keys")
app.add_typer(users, name="users")

Orgs = Annotated[list[str] | None, typer.Option("--org", help="An organisation or user; may be repeated.")]
Repos = Annotated[list[str] | None, typer.Option("--repo", help="OWNER/NAME; may be repeated.")]


@app.command()
def collect(
    org: Orgs = None,
    repo: Repos = None,
    only: Annotated[list[str] | None, typer.Option(help="A dataset or kind of alert; may be repeated.")] = None,
    since: Annotated[str | None, typer.Option(help="Reach back to this date, whatever was read before.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything again.")] = False,
    shard: Annotated[str | None, typer.Option(help="I/N: read only part I of N parts.")] = None,
    archived: Annotated[bool, typer.Option(help="With or without archived repositories of --org.")] = True,
    forks: Annotated[bool, typer.Option(help="With or without forks of --org.")] = True,
    budget: Annotated[int | None, typer.Option(help="Stop after so many requests; the next goes on.", min=1)] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Print the requests it would make; list repositories.")] = False,
) -> None:
    """Collect once, incrementally, from GitHub and from the agents that are set up, and roll up what has changed.

    Ends with 0 if all is good, 2 if some sources failed (or a roll-up did) and the rest is kept, 1 if nothing could
    be collected.
    """
    from backend.collect.thrift import be_thrifty

    be_thrifty()
    from backend import collecting
    from backend.collect.selection import Selection
    from shared.settings import load_settings

    settings = load_settings()
    selection = Selection.parse(org or (), repo or (), only or (), since, full, shard, archived, forks)
    if plan:
        collecting.print_plan(settings, selection, budget)
        return
    raise typer.Exit(collecting.collect_once(settings, selection, budget))


@app.command("import")
def import_(
    kind: Annotated[str, typer.Argument(help="runs, jobs, alerts, sarif, customers, events or requests.")],
    files: Annotated[list[Path], typer.Argument(help="JSON or CSV exports, or SARIF logs.", metavar="FILE...")],
    repo: Annotated[str | None, typer.Option(help="OWNER/NAME, for rows that do not say theirs.")] = None,
    ref: Annotated[str | None, typer.Option(help="Of SARIF: the branch or ref that was scanned.")] = None,
    at: Annotated[str | None, typer.Option(help="Of SARIF: when it was scanned, if the file does not say.")] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="THEIRS=OURS", help="Of customers, events and requests: what a column holds; repeatable."
        ),
    ] = None,
) -> None:
    """Import real exports; importing a file again changes nothing. `rollup` then brings the roll-ups up to date."""
    from backend.imports.importing import import_files
    from shared.lake.opening import open_lake
    from shared.scope import parse_time
    from shared.settings import load_settings

    when = parse_time(at, "--at") if at else None
    imported = import_files(open_lake(load_settings()), kind, files, repo, ref=ref, at=when, columns=map_ or ())
    for file in imported.files:
        new, same = file.changes.written, file.changes.unchanged
        bad = f", {file.rejected:,} rejected (see quarantine on the Data page)" if file.rejected else ""
        read = f"{file.rows:,} {_RESULTS.get(kind, kind)} read"
        say(f"{file.path.name}: {read}, {new:,} new or changed, {same:,} known already{bad}")
    for warning in imported.warnings:
        say(f"Note: {warning}")


_RESULTS = {"sarif": "results"}
"""What the rows of an import are called, where that is not the name of its kind."""


@app.command()
def fold() -> None:
    """Fold what was pushed into the tables; what serves the API does so by itself, every few seconds.

    Killed anywhere, the same command again goes on.
    """
    from backend.ingest.fold import fold as run
    from shared.lake.opening import open_lake
    from shared.settings import load_settings

    folded = run(open_lake(load_settings()))
    bad = f", {folded.rejected:,} rejected (see quarantine on the Data page)" if folded.rejected else ""
    report(f"{folded.lines:,} lines of {folded.blobs:,} blobs folded, {folded.changed:,} rows new or changed{bad}")


@app.command()
def rollup() -> None:
    """Bring the roll-ups up to date: tables made of the others, for tools of your own and for histories.

    `collect` does so by itself; what was imported waits for its next turn, or for this command. Only what has changed
    is made again. Ends with 0 if all are up to date, 2 if some are, 1 if none is.
    """
    from backend.rollups.rollup import roll_up
    from shared.lake.opening import open_lake
    from shared.policy import load_policy
    from shared.settings import load_settings

    settings = load_settings()
    rolled_up = roll_up(open_lake(settings, to_roll_up=True), load_policy(settings.policy))
    for name, changes in rolled_up.changes.items():
        say(f"{name}: {changes.written:,} new, changed or removed, {changes.unchanged:,} made again and the same")
    for problem in rolled_up.problems.values():
        complain(problem)
    raise typer.Exit(rolled_up.exit_code)


@app.command()
def metrics(
    name: Annotated[str | None, typer.Argument(help="A metric; none lists them all.")] = None,
    range_: Annotated[str, typer.Option("--range", help="24h, 7d, 30d, 90d, 1y, all or DATE..DATE.")] = "all",
    by: Annotated[str | None, typer.Option(help="Group by this; the metric's text says by what it can be.")] = None,
    org: Orgs = None,
    repo: Repos = None,
    workflow: Annotated[list[str] | None, typer.Option(help="A workflow's name; may be repeated.")] = None,
    severity: Annotated[list[str] | None, typer.Option(help="A severity; may be repeated.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="A kind of alert; may be repeated.")] = None,
    event: Annotated[list[str] | None, typer.Option(help="What started a run, as push; may be repeated.")] = None,
    branch: Annotated[str | None, typer.Option(help='A branch, or "*" for all; else the default branch.')] = None,
    bots: Annotated[bool, typer.Option("--bots/--no-bots", help="With or without runs that bots started.")] = True,
    switch: Annotated[list[str] | None, typer.Option(help="A switch of the metric; may be repeated.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As it was at this time, such as 2026-11-21T12:00Z.")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Print the rows behind the figures, not the figures.")] = False,
    format_: Annotated[Output, typer.Option("--format", help="How to print it.")] = "table",
) -> None:
    """Compute any metric of the registry."""
    from backend import figures
    from shared.lake.cache import cache_errors
    from shared.lake.opening import open_lake
    from shared.policy import load_policy
    from shared.scope import Scope, parse_range, parse_time
    from shared.settings import load_settings

    if name is None:
        figures.print_names()
        return
    settings = load_settings()
    now = parse_time(as_of, "--as-of") if as_of else settings.now()
    since, until = parse_range(range_, now)
    scope = Scope(
        until=until,
        since=since,
        orgs=tuple(org or ()),
        repos=tuple(repo or ()),
        workflows=tuple(workflow or ()),
        severities=tuple(severity or ()),
        kinds=tuple(kind or ()),
        events=tuple(event or ()),
        branch=branch,
        bots=bots,
    )
    question = figures.Question(name, scope, by, load_policy(settings.policy), dict.fromkeys(switch or (), True))
    lake = open_lake(settings)
    with cache_errors(lake.cache):
        tables = lake.tables(settings.rows)
        (figures.print_rows if rows else figures.print_metric)(tables, question, format_)


@app.command()
def serve(
    part: Annotated[Literal["all", "ui", "api"], typer.Argument(help="What to serve.")] = "all",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    ui_port: Annotated[int, typer.Option(help="Port of the pages.", min=1, max=65535)] = 8501,
    api_port: Annotated[int, typer.Option(help="Port of the API.", min=1, max=65535)] = 8502,
) -> None:
    """Serve the pages and the API as two processes, and start one again that ends."""
    from backend.serve import serve as run
    from shared.settings import load_settings

    raise typer.Exit(run(load_settings(), part, host, ui_port, api_port))


@app.command()
def doctor() -> None:
    """Check settings, sign-in, permissions, store and freshness; ends with 1 if something needs attention."""
    from backend.doctor import examine
    from shared.settings import load_settings

    findings = examine(load_settings())
    for finding in findings:
        say(f"{'ok      ' if finding.good else 'PROBLEM '} {finding.subject}: {finding.text}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


@app.command()
def coverage(
    since_hours: Annotated[float, typer.Option(help="Tell of collections begun in the last hours.", min=0)] = 24,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As a page, for a workflow's summary.")] = False,
    fail_if_fallen: Annotated[bool, typer.Option("--fail-if-fallen", help="End with 2 if coverage fell.")] = False,
) -> None:
    """Tell what the latest collections have read and what not, and which sources were still complete before."""
    from datetime import timedelta

    from backend.coverage import coverage_report, lines, markdown
    from shared.lake.opening import open_lake
    from shared.settings import load_settings

    lake = open_lake(load_settings())
    report = coverage_report(lake, lake.clock() - timedelta(hours=since_hours))
    for line in markdown(report).splitlines() if as_markdown else lines(report):
        say(line)
    raise typer.Exit(2 if fail_if_fallen and report.fallen else 0)


def main(arguments: list[str] | None = None) -> int:
    """Runs a command and returns its exit code. `--debug`, anywhere, shows the traceback of an error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    return run_command(app, [argument for argument in given if argument != "--debug"], debug)


if __name__ == "__main__":
    sys.exit(main())
