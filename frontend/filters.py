"""Filters: the widgets on top of every page, and the frozen Scope that they stand for.

This module owns every filter's key. A key is also the parameter in the URL, so a copied link restores the page.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import streamlit as st

from frontend.options import Options
from frontend.words import as_code, readable
from shared.datasets.alerts import KINDS, SEVERITIES
from shared.metrics.workflows.runs import ALL_BRANCHES
from shared.scope import DEFAULT_RANGE, RANGES, Scope, parse_range

CUSTOM = "custom"
DEFAULT_BRANCH, EVERY_BRANCH = "Default branch", "All branches"

RANGE, DAYS, ORG, REPO, BRANCH, WORKFLOW, EVENT, SEVERITY, KIND, BOTS = (
    *("range", "days", "org", "repo"),
    *("branch", "workflow", "event", "severity", "kind", "bots"),
)
DEFAULTS: Mapping[str, object] = {
    RANGE: DEFAULT_RANGE,
    DAYS: (),
    ORG: [],
    REPO: [],
    BRANCH: DEFAULT_BRANCH,
    WORKFLOW: [],
    EVENT: [],
    SEVERITY: [],
    KIND: [],
    BOTS: True,
}
"""Every filter with the value that leaves it out of the URL."""

ANALYSED, SPLIT, REPOSITORY, CUSTOMER, PART, DUE = "analysed", "split", "repository", "customer", "part", "due"
"""What a page is about or shows: a workflow, the date of a comparison, a repository, a customer, the part that is open,
what is due when."""

ALWAYS = frozenset({RANGE, DAYS, ORG, REPO})
RUNS = frozenset({BRANCH, WORKFLOW, EVENT, BOTS})
ALERTS = frozenset({SEVERITY, KIND})
PUSHED = "pushed"
"""Marks pages about what is pushed, which no collection brings and which is of no repository."""
CUSTOMERS, USAGE = frozenset({RANGE, DAYS, CUSTOMER, PUSHED}), frozenset({RANGE, DAYS, PUSHED})
"""What applies to pages about customers and about usage."""

_CHOSEN = "_chosen_scope"

ONLY = "only_"
"""Begins the parameter of a link that narrows a filter, see narrowed."""


@dataclass(frozen=True)
class Choice:
    """What the filters say. range: as in the URL.  narrowed: whether any filter besides the range is set."""

    scope: Scope
    range: str
    narrowed: bool


def draw_filters(options: Options, now: datetime, applies: frozenset[str]) -> None:
    """Draws the filters; those that do not apply to the page are shown disabled and keep their value."""
    ignored = [*_take_over(options), *_not_understood(options)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _draw_range(disabled=RANGE not in applies)
        _draw_names("Organisations", ORG, options.orgs, 160, disabled=ORG not in applies)
        _draw_names("Repositories", REPO, options.repos, 200, disabled=REPO not in applies)
        _draw_more(options, applies)
        if _any_set():
            st.button(
                "Reset",
                on_click=reset,
                type="tertiary",
                icon=":material/restart_alt:",
                help="Every filter to its default",
            )
    st.session_state[_CHOSEN] = _choice(options, now, applies)
    if RANGE in applies and PUSHED not in applies:
        _draw_reach(options.newest, chosen().scope.since)
    _tell_ignored(ignored)


def chosen() -> Choice:
    """What the filters of this run say; draw_filters comes first."""
    choice: Choice = st.session_state[_CHOSEN]
    return choice


def reset() -> None:
    """Puts every filter back to its default."""
    for key, value in DEFAULTS.items():
        st.session_state[key] = value


def narrowed(**names: str) -> dict[str, str]:
    """URL parameters of a link to another page that narrows filters and leaves the others as they are.

    They are not the filters' own: Streamlit lets nothing but a widget change those while a session lasts.
    """
    return {f"{ONLY}{key}": name for key, name in names.items()}


def linked(key: str) -> str | None:
    """What a link narrows a page's own choice to, taken out of the URL; None without such a link."""
    name = st.query_params.get(f"{ONLY}{key}")
    if name is not None:
        del st.query_params[f"{ONLY}{key}"]
    return name


def tell_unknown(key: str, offered: Container[str]) -> None:
    """Says so where the URL asks for what a page's own choice does not offer; comes before the choice is drawn."""
    _tell_ignored(_unknown(key, offered))


def _tell_ignored(ignored: Sequence[str]) -> None:
    if ignored:
        st.warning(f"Left out of this link, not in the data: {', '.join(ignored[:5])}.", icon=":material/link_off:")


def _unknown(key: str, offered: Container[str]) -> list[str]:
    """What the URL asks for and nothing offers, as `key=value`."""
    return [as_code(f"{key}={value}") for value in st.query_params.get_all(key) if value not in offered]


def _take_over(options: Options) -> list[str]:
    """Puts what a link narrows into the filters, before they are drawn, and out of the URL; returns what is unknown."""
    ignored = []
    for key, names in ((REPO, options.repos), (WORKFLOW, options.workflows), (REPOSITORY, options.repos)):
        name = linked(key)
        if name in names:
            st.session_state[key] = name if key == REPOSITORY else [name]
        elif name is not None:
            ignored.append(as_code(f"{key}={name}"))
    return ignored


def _draw_reach(newest: datetime | None, since: datetime | None) -> None:
    """Says so where the range begins after all that is known, which would look like an empty store."""
    if newest is None or since is None or newest >= since:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/info: The newest run or alert is from **{newest:%d %b %Y}**, before this range begins.")
        st.button("Show all", on_click=_show_all, type="tertiary", icon=":material/all_inclusive:")


def _show_all() -> None:
    st.session_state[RANGE] = "all"


def _draw_range(*, disabled: bool) -> None:
    st.segmented_control(
        "Range",
        (*RANGES, CUSTOM),
        default=DEFAULT_RANGE,
        required=True,
        key=RANGE,
        bind="query-params",
        disabled=disabled,
        wrap=True,
        help="Up to now. All reaches back to the first row there is; custom takes two days (UTC).",
    )
    if st.session_state[RANGE] == CUSTOM:
        st.date_input(
            "First and last day (UTC)",
            value=[],
            max_value=date(9999, 12, 31),
            min_value=date(1970, 1, 1),
            key=DAYS,
            bind="query-params",
            disabled=disabled,
            width=240,
            format="YYYY-MM-DD",
        )


def _draw_names(label: str, key: str, names: Sequence[str], width: int, *, disabled: bool = False) -> None:
    st.multiselect(label, names, key=key, bind="query-params", placeholder="All", width=width, disabled=disabled)


def _draw_more(options: Options, applies: frozenset[str]) -> None:
    set_here = sum(_is_set(key) for key in (RUNS | ALERTS) & applies)
    label = f"More filters ({set_here})" if set_here else "More filters"
    with st.popover(label, icon=":material/tune:", width="content"):
        st.selectbox(
            "Branch",
            (DEFAULT_BRANCH, EVERY_BRANCH, *options.branches),
            key=BRANCH,
            bind="query-params",
            disabled=BRANCH not in applies,
            help="Failures and time to restore look at the default branch unless another is chosen; "
            "success rate and durations look at all branches unless one is named.",
        )
        for key, labels, title in _lists(options):
            st.multiselect(title, labels, key=key, bind="query-params", placeholder="All", disabled=key not in applies)
        st.toggle("Include runs of bots", value=True, key=BOTS, bind="query-params", disabled=BOTS not in applies)


def _lists(options: Options) -> tuple[tuple[str, Sequence[str], str], ...]:
    return (
        (WORKFLOW, options.workflows, "Workflows"),
        (EVENT, options.events, "Events"),
        (SEVERITY, _labels(options.severities, SEVERITIES), "Severities"),
        (KIND, _labels(options.kinds, KINDS), "Alert kinds"),
    )


def _labels(codes: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    """Codes in their known order, others after them, in words."""
    known = [code for code in order if code in codes]
    return tuple(readable(code) for code in (*known, *sorted(set(codes) - set(known))))


def _choice(options: Options, now: datetime, applies: frozenset[str]) -> Choice:
    since, until = _range(now)
    scope = Scope(until=until, since=since, orgs=_names(ORG), repos=_names(REPO))
    if applies & RUNS:
        branch = {DEFAULT_BRANCH: None, EVERY_BRANCH: ALL_BRANCHES}.get(_text(BRANCH), _text(BRANCH))
        scope = replace(
            scope, branch=branch, workflows=_names(WORKFLOW), events=_names(EVENT), bots=bool(st.session_state[BOTS])
        )
    if applies & ALERTS:
        scope = replace(scope, severities=_codes(SEVERITY, options.severities), kinds=_codes(KIND, options.kinds))
    narrowed = any(_is_set(key) for key in applies & DEFAULTS.keys() - {RANGE, DAYS})
    return Choice(scope, _text(RANGE), narrowed)


def _range(now: datetime) -> tuple[datetime | None, datetime]:
    chosen_range, days = _text(RANGE), st.session_state.get(DAYS, ())
    if chosen_range != CUSTOM:
        return parse_range(chosen_range, now)
    if not days:
        st.caption(f"Pick the first and the last day; until then the range is {DEFAULT_RANGE}.")
        return parse_range(DEFAULT_RANGE, now)
    return parse_range(f"{days[0]}..{days[-1]}", now)


def _not_understood(options: Options) -> list[str]:
    """What the URL asks for that no filter offers, as `key=value`; looked at before the widgets take it out."""
    offered = {
        RANGE: (*RANGES, CUSTOM),
        ORG: options.orgs,
        REPO: options.repos,
        BRANCH: (DEFAULT_BRANCH, EVERY_BRANCH, *options.branches),
        **{key: labels for key, labels, _ in _lists(options)},
        REPOSITORY: options.repos,
    }
    return [said for key, values in offered.items() for said in _unknown(key, values)]


def _any_set() -> bool:
    return any(_is_set(key) for key in DEFAULTS)


def _is_set(key: str) -> bool:
    value = st.session_state.get(key, DEFAULTS[key])
    return bool(value != DEFAULTS[key]) and value not in (None, ())


def _names(key: str) -> tuple[str, ...]:
    return tuple(st.session_state.get(key) or ())


def _codes(key: str, codes: Sequence[str]) -> tuple[str, ...]:
    """The codes behind the labels that are chosen."""
    return tuple(code for code in codes if readable(code) in _names(key))


def _text(key: str) -> str:
    return str(st.session_state.get(key) or DEFAULTS[key])
