"""What one collection is asked to read."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Self

from shared.collecting.choices import ALERTS, CHOICES, ORG, REPO
from shared.datasets.alerts import KINDS
from shared.errors import SettingsError

_SHARD = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")


@dataclass(frozen=True)
class Shard:
    """Part `number` (from 1) of `of` parts, into which repositories fall by a stable hash of their name."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `1/4`. Raises SettingsError."""
        match = _SHARD.fullmatch(text)
        if match is None or int(match[1]) > int(match[2]):
            raise SettingsError(f"--shard {text} is not usable: pass I/N with I from 1 to N, such as 1/4.")
        return cls(int(match[1]), int(match[2]))

    def holds(self, repo: str) -> bool:
        """Whether a repository belongs to this part."""
        digest = hashlib.sha256(repo.lower().encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1


@dataclass(frozen=True)
class Selection:
    """What to read. Raises SettingsError if nothing is named or a name is malformed.

    orgs: organisations or users.  repos: `owner/name`.  only: of CHOICES; empty means all.
    since: reach back to this time, whatever was read before.  full: read everything again.
    archived, forks: whether such repositories of an account are read; those that are named always are.
    """

    orgs: tuple[str, ...] = ()
    repos: tuple[str, ...] = ()
    only: frozenset[str] = frozenset()
    since: datetime | None = None
    full: bool = False
    shard: Shard | None = None
    archived: bool = True
    forks: bool = True

    def __post_init__(self) -> None:
        if not self.orgs and not self.repos:
            raise SettingsError("Nothing to collect: pass --org ORG or --repo OWNER/NAME (each may be repeated).")
        for org in self.orgs:
            _check(
                ORG,
                org,
                f"--org {org!r} is not a GitHub name: pass an organisation or user such as octo-org.",
            )
        for repo in self.repos:
            _check(
                REPO,
                repo,
                f"--repo {repo!r} is not OWNER/NAME: pass a repository such as octo-org/octo-repo.",
            )
        if unknown := sorted(self.only.difference(CHOICES)):
            raise SettingsError(f"--only {unknown[0]} is not a dataset: use one of {', '.join(CHOICES)}.")

    @classmethod
    def parse(
        cls,
        orgs: Iterable[str] = (),
        repos: Iterable[str] = (),
        only: Iterable[str] = (),
        since: str | datetime | None = None,
        full: bool = False,
        shard: str | None = None,
        archived: bool = True,
        forks: bool = True,
    ) -> Self:
        """A selection from a command line's texts; repeated names count once. Raises SettingsError."""
        return cls(
            _unique(orgs),
            _unique(repos),
            frozenset(only),
            _moment(since) if isinstance(since, str) else since,
            full,
            Shard.parse(shard) if shard else None,
            archived,
            forks,
        )

    def wants(self, choice: str) -> bool:
        """Whether one of CHOICES is to be read."""
        return not self.only or choice in self.only or (choice in KINDS and ALERTS in self.only)

    def names(self, choice: str) -> bool:
        """Whether one of CHOICES was asked for by name."""
        return choice in self.only

    def holds(self, repo: str) -> bool:
        """Whether a repository, or what else has a name, is in this collection's shard."""
        return self.shard is None or self.shard.holds(repo)

    @property
    def signature(self) -> str:
        """What tells this selection from others, in 16 hex digits."""
        texts = (*map(str.casefold, (*self.orgs, *self.repos)), *sorted(self.only), self.shard, self.since, self.full)
        text = "\n".join(map(str, (*texts, self.archived, self.forks)))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _check(pattern: re.Pattern[str], value: str, sentence: str) -> None:
    if not pattern.fullmatch(value):
        raise SettingsError(sentence)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple({name.casefold(): name for name in reversed(list(names))}.values())[::-1]


def _moment(text: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"--since {text} is not a date: pass YYYY-MM-DD or an ISO 8601 time.") from error
    if parsed.tzinfo is None:
        return datetime.combine(parsed.date(), parsed.time() or time(), UTC)
    return parsed.astimezone(UTC)
