"""What commands print, and how they end: results on standard output, one sentence for an error."""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shared.errors import FettleError
from shared.observing import logs

Output = Literal["table", "json", "csv"]

PROGRAM = "python -m backend"

INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended."""

UNUSABLE = 78
"""What a served process ends with that has no use for its settings and has said so (EX_CONFIG of sysexits.h)."""

log = logging.getLogger(__name__)
results = logging.getLogger(logs.RESULTS)


def say(text: str) -> None:
    """Prints a line of a command's result."""
    print(text, flush=True)


def report(text: str) -> None:
    """Says how work goes or went, which is no result that somebody reads by program: in the log, where that is JSON."""
    if logs.are_objects():
        results.info(text)
    else:
        say(text)


def complain(error: FettleError | str) -> None:
    """Tells an error as one line on standard error."""
    sentence = " ".join(str(error).splitlines())
    if logs.are_objects():
        results.error(sentence)
    else:
        print(f"fettle: {sentence}", file=sys.stderr)


def first_of(reasons: Iterable[str | None]) -> str:
    """The first of several reasons, and how many others there are."""
    first, *others = dict.fromkeys(reason for reason in reasons if reason)
    return f"{first} ({len(others)} more: see `{PROGRAM} metrics coverage`.)" if others else first


def run_command(app: typer.Typer, arguments: list[str], debug: bool) -> int:
    """Runs a command and returns its exit code; an error is one sentence on standard error, with `debug` a traceback.

    A wrong option ends with 1 and not with the usual 2, which says that a part of the work was done.
    """
    logs.set_up_logs(next(iter(arguments), "fettle").lstrip("-"), debug)
    try:
        code = int(app(arguments, prog_name=PROGRAM, standalone_mode=False) or 0)
        return _interrupted() if code == INTERRUPTED else code  # typer makes an exit code of Ctrl-C
    except (FettleError, typer.TyperException) as error:
        if debug:
            log.exception("The command failed.")
        elif isinstance(error, FettleError):
            complain(error)
        else:
            print(_usage(error), file=sys.stderr)
        return error.exit_code if isinstance(error, FettleError) else 1
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:  # `… | head`: the reader has what it wants
        sys.stderr.close()
        return 0
    except Exception as error:  # the edge of the program: a person reads a sentence, not a traceback
        if debug:
            raise
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        print(f"fettle: this should not have happened: {what}; run it again with --debug.", file=sys.stderr)
        return 1


@contextmanager
def demo_progress() -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("Sample data"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _interrupted() -> int:
    complain("interrupted; what was read so far is kept, and the same command goes on.")
    return INTERRUPTED


def _usage(error: typer.TyperException) -> str:
    if type(error).__name__ == "NoArgsIsHelpError":  # typer gives it no public name
        return error.format_message()
    context = getattr(error, "ctx", None)
    return f"fettle: {error.format_message().rstrip('.')}. See `{context.command_path if context else PROGRAM} --help`."
