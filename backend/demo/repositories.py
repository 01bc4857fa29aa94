"""The fictional repositories of the sample and who works in them."""

import numpy as np
import pyarrow as pa

from backend.demo.columns import Bools, Column, Floats, Ints, constant, demo_table, times, words
from backend.demo.months import Span
from backend.demo.size import DemoSize
from backend.demo.stories import DAY_S, INACTIVE, QUIET_S, Story
from shared.datasets import REPOSITORIES
from shared.datasets.dataset import STRINGS

FIRST_ID = 9_000_000_000_000_000
"""Ids of the sample begin here: above any of GitHub's, below 2^53 where JavaScript stops counting exactly."""

NAMES = (
    "checkout",
    "payments",
    "search",
    "mobile-app",
    "reporting",
    "notifications",
    "legacy-portal",
    "identity",
    "ledger",
    "warehouse",
    "pricing",
    "gateway",
    "recommendations",
    "invoices",
    "onboarding",
    "telemetry",
    "design-system",
    "data-pipeline",
    "customer-api",
    "infrastructure",
    "documentation",
    "feature-flags",
    "image-service",
    "email-service",
)
"""The first ten are those of the stories, in their order."""

DEFAULT_BRANCHES = ("main", "develop")

PEOPLE = (
    "demo-ada",
    "demo-alan",
    "demo-amara",
    "demo-anders",
    "demo-barbara",
    "demo-chen",
    "demo-dana",
    "demo-elif",
    "demo-fatima",
    "demo-grace",
    "demo-guido",
    "demo-haruki",
    "demo-hedy",
    "demo-ivan",
    "demo-jean",
    "demo-kofi",
    "demo-lena",
    "demo-linus",
    "demo-mei",
    "demo-niklaus",
    "demo-noor",
    "demo-omar",
    "demo-priya",
    "demo-radia",
)
BOTS = ("dependabot[bot]", "github-actions[bot]")
ACTORS = (*PEOPLE, *BOTS)
"""People first; logins with the prefix `demo-` belong to nobody."""

_TEAM = 6
_ORG_WORDS = ("atlas", "borealis", "cumulus")
_LANGUAGES = ("TypeScript", "Python", "Go", "Java", "Kotlin", "C#", "Ruby", "HCL")
_TEAMS = ("team-commerce", "team-platform", "team-identity", "team-data", "team-mobile", None)
_TOPICS: tuple[list[str], ...] = (
    ["service", "tier-1"],
    ["service"],
    ["library"],
    ["frontend"],
    ["data", "batch"],
    [],
)


def repository_names(count: int) -> list[str]:
    """The repositories as owner/name: 24 in each group of three organisations."""
    return [f"{_org(index)}/{NAMES[index % len(NAMES)]}" for index in range(count)]


def is_about(story: Story, count: int) -> Bools:
    """For each repository whether the story is about it."""
    found: Bools = np.array(repository_names(count)) == story.repo
    return found


def whose(repo: Ints, count: int) -> dict[str, Column]:
    """The columns `repo` and `org`. repo: the position of the repository among the `count` there are."""
    return {
        "repo": words(repository_names(count), repo),
        "org": words([_org(index) for index in range(count)], repo),
    }


def busyness(count: int) -> Floats:
    """How active each repository is: the first ones most, the last ones least."""
    busy: Floats = np.arange(2.0, count + 2) ** -0.6
    return busy


def default_branches(count: int) -> Ints:
    """The default branch of each repository as an index into DEFAULT_BRANCHES; one in twelve differs."""
    return np.where(np.arange(count) % 12 == 11, 1, 0)


def quiet_since(count: int, span: Span) -> Ints:
    """Since when each repository has no commits; the end of the span where it has."""
    return np.where(is_about(INACTIVE, count), span.until - QUIET_S, span.until)


def team_member(rng: np.random.Generator, repos: Ints) -> Ints:
    """For each repository one of the few people who work in it, as an index into ACTORS."""
    return (repos * 7 + rng.integers(0, _TEAM, len(repos)) ** 2) % len(PEOPLE)


def repositories(size: DemoSize, span: Span) -> pa.Table:
    """Rows of the dataset `repositories`."""
    rng = np.random.default_rng([size.seed, 1])
    count, index = size.repos, np.arange(size.repos)
    last_push = span.until - rng.integers(60, 2 * DAY_S, count)
    columns = {
        **whose(index, count),
        "name": words(NAMES, index % len(NAMES)),
        "repo_id": pa.array(FIRST_ID + index),
        "default_branch": words(DEFAULT_BRANCHES, default_branches(count)),
        "visibility": words(("private", "internal", "public"), rng.choice(3, count, p=[0.6, 0.3, 0.1])),
        "archived": constant(False, count),
        "fork": constant(False, count),
        "language": words(_LANGUAGES, rng.integers(0, len(_LANGUAGES), count)),
        "topics": words(_TOPICS, rng.integers(0, len(_TOPICS), count), STRINGS),
        "owner_team": words(_TEAMS, rng.integers(0, len(_TEAMS), count)),
        "importance": pa.array(rng.integers(2, 21, count) * 5),
        "created_at": times(span.since - rng.integers(30 * DAY_S, 2_000 * DAY_S, count)),
        "pushed_at": times(np.minimum(last_push, quiet_since(count, span))),
    }
    return demo_table(REPOSITORIES, span.until, columns)


def _org(index: int) -> str:
    group, place = divmod(index, len(NAMES))
    word = _ORG_WORDS[place % len(_ORG_WORDS)]
    return f"demo-{word}-{group + 1}" if group else f"demo-{word}"
