"""How a collection shows what it does: a bar on a terminal, plain lines elsewhere."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shared.observing.logs import are_objects

log = logging.getLogger(__name__)


class Reporter(Protocol):
    """Where a collection tells how it goes; called from several threads."""

    def expect(self, steps: int) -> None:
        """So many more steps lie ahead."""

    def done(self, step: str, news: str | None = None) -> None:
        """A step has ended; `news` is what a person wants to know of it."""

    def say(self, text: str) -> None:
        """Something worth a line, such as a long wait."""


class Silent:
    """Shows nothing."""

    def expect(self, steps: int) -> None:
        """See Reporter."""

    def done(self, step: str, news: str | None = None) -> None:
        """See Reporter."""

    def say(self, text: str) -> None:
        """See Reporter."""


class Lines:
    """Plain lines, as logs of cron jobs and CI want them: one for each step that has news."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._steps = self._done = 0

    def expect(self, steps: int) -> None:
        """See Reporter."""
        self._steps += steps

    def done(self, step: str, news: str | None = None) -> None:
        """See Reporter."""
        self._done += 1
        if news:
            self.say(f"[{self._done}/{self._steps}] {step}: {news}")

    def say(self, text: str) -> None:
        """See Reporter."""
        self._stream.write(f"{text}\n")
        self._stream.flush()


class Logged(Lines):
    """Lines of the log, where that is JSON."""

    def say(self, text: str) -> None:
        """See Reporter."""
        log.info(text)


class Bar:
    """A bar that stays at the bottom while lines scroll above it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("collecting", total=0)
        self._steps = 0

    def expect(self, steps: int) -> None:
        """See Reporter."""
        self._steps += steps
        self._progress.update(self._task, total=self._steps)

    def done(self, step: str, news: str | None = None) -> None:
        """See Reporter."""
        self._progress.update(self._task, advance=1, description=step)
        if news:
            self.say(f"{step}: {news}")

    def say(self, text: str) -> None:
        """See Reporter."""
        self._progress.console.print(text, markup=False, highlight=False)


@contextmanager
def progress_on(stream: TextIO) -> Iterator[Reporter]:
    """The reporter that fits a stream."""
    console = Console(file=stream)
    if are_objects():
        yield Logged(stream)
        return
    if not console.is_terminal:
        yield Lines(stream)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bar(progress)
