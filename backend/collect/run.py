"""One collection: choose repositories, visit their sources, write as it goes, and keep the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.collect.agents.provider import Remote
from backend.collect.buffer import Buffer
from backend.collect.collection import Collection
from backend.collect.github import AT_ONCE, GitHub
from backend.collect.ledger import FAILED, GOOD, Entry
from backend.collect.plan import Discarding, Planned, Rehearsal
from backend.collect.problems import GitHubError
from backend.collect.progress import Reporter, Silent
from backend.collect.selection import Selection
from backend.collect.turn import Turn
from backend.collect.visit import Desk
from backend.mapping.stamp import Stamp
from shared.collecting.choices import REPOSITORIES
from shared.lake.store import StoreError
from shared.lake.tables import Lake
from shared.policy import Policy

WORKERS = 8

USUAL = Policy()


@dataclass(frozen=True)
class Collected:
    """What a collection did. stored: rows the lake took; problem: why it ended early, None if it did not."""

    collection_id: str
    entries: tuple[Entry, ...]
    requests: int
    stored: int
    problem: str | None = None

    @property
    def failures(self) -> tuple[Entry, ...]:
        """The sources that are not complete."""
        return tuple(entry for entry in self.entries if entry.outcome in FAILED)

    @property
    def exit_code(self) -> int:
        """0: all good.  2: some sources failed, the rest is kept.  1: nothing could be collected."""
        if not self.problem and not self.failures:
            return 0
        return 2 if self.stored or any(entry.outcome in GOOD for entry in self.entries) else 1


def collect(
    lake: Lake,
    github: GitHub,
    selection: Selection,
    progress: Reporter | None = None,
    *,
    workers: int = WORKERS,
    buffer: Buffer | None = None,
    policy: Policy = USUAL,
    providers: Sequence[Remote] = (),
) -> Collected:
    """Collects once and incrementally; running it again goes on where it stopped and changes nothing twice.

    What fails at one source is in the ledger and in the result. A rejected token, a lake that cannot be
    written, a budget that is spent and a rate limit that lasts too long end the collection: the result's `problem`
    says so. On KeyboardInterrupt what was read is written before it goes on. `github` is of no use after a
    collection that ended early.

    providers: of agent sessions, beside GitHub's own.
    """
    stamp = Stamp("github", lake.clock())
    turn = Turn(lake, selection, lasts=github.budget is not None)
    desk = Desk(lake, github, buffer or Buffer(lake), selection, stamp, turn, policy)
    collection = Collection(desk, progress or Silent(), min(workers, AT_ONCE), providers)
    github.tell(collection.progress.say)
    try:
        collection.run()
    except (GitHubError, StoreError) as error:
        collection.problem = str(error)
    finally:
        collection.finish()
    stored = sum(desk.buffer.stored.values())
    return Collected(collection.id, collection.entries, github.requests, stored, collection.problem)


def plan(lake: Lake, github: GitHub, selection: Selection, policy: Policy = USUAL) -> tuple[list[Planned], list[Entry]]:
    """The requests that a collection would make, and what became of the sources that were really asked.

    Reads the repositories from GitHub, and writes nothing. `github` is of no use for anything else after it. If it has
    a budget, the plan goes on where an earlier collection with a budget has stopped, down to the end.
    """
    turn = Turn(lake, selection, lasts=github.budget is not None)
    github.spend_at_most(None)
    rehearsal = github.wire = Rehearsal(github.wire)
    desk = Desk(lake, github, Discarding(lake), selection, Stamp("github", lake.clock()), turn, policy)
    collection = Collection(desk, Silent(), 1, ())
    collection.rehearse()
    return rehearsal.planned, [entry for entry in collection.entries if entry.dataset == REPOSITORIES]


def summary(collected: Collected) -> list[str]:
    """What a person at a terminal wants to know of a collection, a line each: rows, then what is missing and why."""
    good = sum(entry.outcome in GOOD for entry in collected.entries)
    sources = f"{good:,} of {len(collected.entries):,} sources"
    lines = [f"{collected.stored:,} rows stored from {sources} with {collected.requests:,} requests"]
    own = [entry for entry in collected.failures if entry.reason != collected.problem]
    lines += [f"{entry.repo} {entry.dataset}: {entry.outcome}: {entry.reason}" for entry in own]
    if cut_short := len(collected.failures) - len(own):
        lines.append(f"{cut_short:,} sources were cut short")
    return [*lines, collected.problem] if collected.problem else lines
