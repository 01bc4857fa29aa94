"""Data: the only way to rows, from the lake's version and a Scope to a frame, through caches.

Every cache is bounded and keyed by the lake's version: a new collection shows within LISTED_S seconds, and the same
question to the same data is not asked twice. Answers are shared (frontend.answers): none may be changed.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from frontend import clock, questions, who
from frontend.answers import answers, remembered
from frontend.clock import LISTED_S
from frontend.edition import Edition, is_usual
from frontend.options import Options
from frontend.options import options as options_of
from frontend.questions import Receipt
from frontend.repositories import narrowed
from frontend.uncovered import missing_by_bucket
from frontend.workers import Workers
from shared.access.reach import check_reach
from shared.lake.opening import open_lake
from shared.lake.reading import Rows
from shared.lake.snapshot import Snapshot
from shared.lake.tables import Lake
from shared.metrics import METRICS
from shared.policy import Policy, load_policy
from shared.policy.sla import SlaPolicy
from shared.scope import Scope
from shared.settings import load_settings

as_of, now = clock.as_of, clock.now

T = TypeVar("T")


def edition() -> Edition:
    """The lake as it is now, at most LISTED_S seconds old, as far as the visitor may see it.

    Raises SettingsError or StoreError.
    """
    return _whole().limited_to(who.caller().repos)


def sees_all() -> bool:
    """Whether the visitor may see all repositories, and what is of none."""
    return who.caller().repos is None


@st.cache_resource(show_spinner=False, ttl=LISTED_S, max_entries=1)
def _whole() -> Edition:
    snapshot, decided = lake_here().snapshot(), policy()
    rows = _rows(snapshot)
    digest = hashlib.sha256(decided.model_dump_json().encode()).hexdigest()[:12]
    return Edition(f"{snapshot.version}-{rows}-{digest}", rows, snapshot, decided)


@st.cache_resource(show_spinner=False, ttl=LISTED_S, max_entries=1)
def policy() -> Policy:
    """What the people who run Fettle decided, at most LISTED_S seconds old. Raises SettingsError."""
    return load_policy(load_settings().policy)


def metric(name: str, scope: Scope, by: str | None = None, **switches: bool) -> pd.DataFrame:
    """A metric of the registry as a frame with exactly the columns of its labels; switches are the metric's own."""
    asked, on = METRICS[name].asked(scope), _on(switches)
    everywhere = replace(asked, orgs=(), repos=())
    if asked == everywhere or not METRICS[name].of_repositories or not is_usual(everywhere):
        return _metric(edition(), name, asked, by, None, on)
    # The answer for all repositories is at hand, so that nobody waits for that of some.
    return kept(narrowed, _metric(edition(), name, everywhere, by, None, on), asked.orgs, asked.repos)


def begin(*asked: tuple[str, Scope, str | None]) -> None:
    """Has metrics (name, scope, by) worked on that a page is about to ask for, as many at once as there are workers."""
    current = edition()
    for name, scope, by in asked:
        narrowed = METRICS[name].asked(scope)
        _workers().begin(current, questions.metric, name, narrowed, by, current.policy, ())


def metric_under(sla: SlaPolicy, name: str, scope: Scope, by: str | None = None) -> pd.DataFrame:
    """A metric judged by other limits than those of the policy."""
    return _metric(edition(), name, METRICS[name].asked(scope), by, sla, ())


def first_rows(name: str, scope: Scope, **only: str) -> pd.DataFrame:
    """The first rows of a metric that has one for each thing, such as an alert, and so may be long.

    only: columns with the one value that is wanted of each.
    """
    return _first_rows(edition(), name, METRICS[name].asked(scope), tuple(sorted(only.items())))


def receipt(name: str, scope: Scope, **switches: bool) -> Receipt:
    """What stands behind a metric: the rows that count, how many do not and why."""
    return _receipt(edition(), name, scope, _on(switches))


def listing(name: str, scope: Scope, text: str, states: tuple[str, ...], since: str) -> pd.DataFrame:
    """A list of alerts or findings; see questions.listing."""
    return _listing(edition(), name, scope, text, states, since)


def states_of(name: str, scope: Scope, text: str) -> pd.DataFrame:
    """How many alerts or findings hold every word of a text, by state."""
    return _states_of(edition(), name, scope, text)


def timeline(scope: Scope, subject: str) -> pd.DataFrame:
    """What happened to an alert or a finding, newest first."""
    return _timeline(edition(), scope, subject)


def write(work: Callable[[Lake, Edition], T], repos: Collection[str] = ()) -> T:
    """Has something stored by a worker; what is read afterwards has it. Raises what the work does.

    repos: what it is about; none for what is of none. Raises OutOfReach where the visitor may not see that.
    """
    check_reach(who.caller(), repos)
    current, lake = edition(), lake_here()
    done = _workers().run(lambda: work(lake, current))
    read_anew()
    return done


def read_anew() -> None:
    """Has what is asked from now on be of the lake as it is by then."""
    _whole.clear()


def uncovered(scope: Scope, sources: tuple[str, ...], starts: "pd.Series[Any]") -> pd.DataFrame:
    """How many sources of the scope's repositories are not covered in each bucket of a chart."""
    return missing_by_bucket(coverage(scope), sources, starts)


def coverage(scope: Scope) -> pd.DataFrame:
    """The ledger of the scope's repositories; the other filters play no part."""
    return metric("coverage", scope)


def kept(make: Callable[..., T], *details: object, **options: object) -> T:
    """What a function with a name of its own makes of the data and of details: made once, and not to be changed."""
    return _kept(edition(), make, details, options)


def options() -> Options:
    """What the filters offer: all there is in the data."""
    return _options(edition())


def row_counts() -> dict[str, int]:
    """Rows per dataset, whatever the filters say."""
    return _row_counts(edition())


def repository_links() -> dict[str, str]:
    """The address of each repository, where it is known."""
    return _repository_links(edition())


def newest(dataset: str, repo: str) -> pd.DataFrame:
    """The newest rows of a repository in a dataset."""
    return _newest(edition(), dataset, repo)


def last_collections() -> pd.DataFrame:
    """The newest collections: begin, seconds taken, sources and how many are incomplete, rows, requests."""
    return _last_collections(edition())


@st.cache_resource(show_spinner=False, on_release=Lake.close)
def lake_here() -> Lake:
    """The lake as this process has opened it, for what is not of an edition. Raises SettingsError or StoreError."""
    return open_lake(load_settings())


@st.cache_resource(show_spinner=False, on_release=Workers.close)
def _workers() -> Workers:
    return Workers(lake_here())


def _ask(current: Edition, question: Callable[..., T], *details: object) -> T:
    """The answer to a question on this edition's tables, worked out on one of the workers."""
    return remembered(_workers().ask(current, question, *details))


@answers(16)
def _rows(snapshot: Snapshot) -> Rows:
    lake, chosen = lake_here(), load_settings().rows
    return _workers().run(lambda: lake.tables(chosen, snapshot).rows)


@answers(512)
def _metric(
    current: Edition, name: str, scope: Scope, by: str | None, sla: SlaPolicy | None, switches: tuple[str, ...]
) -> pd.DataFrame:
    policy = current.policy if sla is None else current.policy.model_copy(update={"sla": sla})
    return _ask(current, questions.metric, name, scope, by, policy, switches)


@answers(8)
def _first_rows(current: Edition, name: str, scope: Scope, only: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return _ask(current, questions.first_rows, name, scope, current.policy, only)


@answers(8)
def _receipt(current: Edition, name: str, scope: Scope, switches: tuple[str, ...]) -> Receipt:
    found = _ask(current, questions.receipt, name, scope, current.policy, switches)
    remembered(found.rows)
    return found


@answers(32)
def _listing(current: Edition, name: str, scope: Scope, text: str, states: tuple[str, ...], since: str) -> pd.DataFrame:
    return _ask(current, questions.listing, name, scope, current.policy, text, states, since)


@answers(32)
def _states_of(current: Edition, name: str, scope: Scope, text: str) -> pd.DataFrame:
    return _ask(current, questions.states_of, name, scope, current.policy, text)


@answers(32)
def _timeline(current: Edition, scope: Scope, subject: str) -> pd.DataFrame:
    return _ask(current, questions.timeline, scope, subject)


@answers(768)
def _kept(  # the edition is part of what tells one answer from another
    current: Edition,  # noqa: ARG001
    make: Callable[..., T],
    details: tuple[object, ...],
    options: dict[str, object],
) -> T:
    return remembered(make(*details, **options))


def _on(switches: Mapping[str, bool]) -> tuple[str, ...]:
    """The switches that are on, in order, so that what is the same is asked once."""
    return tuple(sorted(name for name, on in switches.items() if on))


@answers(8)
def _options(current: Edition) -> Options:
    return _ask(current, options_of)


@answers(8)
def _row_counts(current: Edition) -> dict[str, int]:
    return _ask(current, questions.row_counts)


@answers(8)
def _repository_links(current: Edition) -> dict[str, str]:
    return _ask(current, questions.repository_links)


@answers(32)
def _newest(current: Edition, dataset: str, repo: str) -> pd.DataFrame:
    return _ask(current, questions.newest, dataset, repo)


@answers(8)
def _last_collections(current: Edition) -> pd.DataFrame:
    return _ask(current, questions.last_collections)
