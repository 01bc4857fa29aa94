"""Collecting: a panel where operators start a collection, follow the one that runs, stop it, and see how it ended."""

from collections.abc import Mapping
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from frontend import collecting, data, stored, writing
from frontend.components.problem import problems_told
from frontend.words import ago, as_text, count, dataset
from shared.collecting.asked import Collecting, Kind
from shared.collecting.before import NothingBefore
from shared.collecting.choices import CHOICES, LONGEST_BACKFILL, MOST_NAMED, WHOLE_ORG
from shared.collecting.runner import AlreadyCollecting
from shared.scope import Scope

REFRESH_S = 3
"""How often the panel alone is drawn anew while a collection runs."""

_FOLLOWED, _START = "_collection_followed", "start_collection"

_KINDS: dict[Kind, str] = {"poll": "What is new", "refresh": "Everything again", "backfill": "Back to a day"}
_MOST_SHOWN = 3


def draw_collecting() -> None:
    """Draws the panel for operators who see all repositories; nothing for others. Raises StoreError."""
    if not collecting.may_collect():
        return
    found = collecting.started()
    if found.running is not None:
        st.session_state[_FOLLOWED] = found.running.id
        if st.session_state.get(_START):  # pressed where the form was still drawn, which is gone now
            st.error(as_text(str(AlreadyCollecting(found.running))), icon=":material/error:")
        _draw_running()
        return
    if st.session_state.get(_FOLLOWED):
        _leave()
    if found.ended:
        _draw_ended(found.ended[0])
    with st.expander("Run a collection", icon=":material/cloud_download:"):
        _draw_form()


@st.fragment(run_every=REFRESH_S)
def _draw_running() -> None:
    """Draws what runs; the page itself once it has ended."""
    with problems_told():  # the page's own is not around what is drawn by itself
        running = collecting.started().running if collecting.may_collect() else None
        if running is None:
            _leave()
            return
        with st.container(border=True):
            begun = f"{running.started_at:%H:%M} UTC ({ago(running.started_at, collecting.now())})"
            st.markdown(f":material/sync: **A collection runs.** Started by {as_text(running.by)} at {begun}.")
            st.caption(_what(running))
            if running.progress:
                done, of = running.progress
                st.progress(min(done / max(of, 1), 1.0), text=f"{done:,} of {count(of, 'step')} known so far")
            _draw_lines(running)
            by = running.stopped_by
            if by is None and st.button("Stop", icon=":material/stop_circle:", key="stop_collection"):
                by = writing.stop_collection()
            if by is not None:
                st.caption(f"{as_text(by)} has told it to end; it stores what it has read.")


def _leave() -> None:
    """Draws the page with what the collection has brought, which has ended."""
    st.session_state.pop(_FOLLOWED, None)
    stored.read_anew()
    st.rerun()


def _draw_ended(last: Collecting) -> None:
    """How the newest ended; one that failed, with its own sentence."""
    when = f"{last.started_at:%d %b %H:%M} UTC"
    until = f" after {_minutes(last)}" if last.finished_at else ""
    code = "" if last.exit_code is None else f" (exit code {last.exit_code})"
    begun = f"The last collection, by {as_text(last.by)} at {when},"
    said = as_text(last.lines[-1].removeprefix("fettle: ")) if last.lines else ""
    if last.status == "failed":
        st.error(f"{begun} failed{until}{code}. {said}", icon=":material/error:")
    elif last.status == "partial":
        st.warning(f"{begun} brought a part{until}{code}; the rest is named below. {said}", icon=":material/warning:")
    elif last.status == "stopped":
        who = f" by {as_text(last.stopped_by)}" if last.stopped_by else ""
        st.info(f"{begun} was stopped{who}{until}{code}. {said}", icon=":material/stop_circle:")
    else:
        st.success(f"{begun} ended well{until}{code}. {said}", icon=":material/check_circle:")
    if len(last.lines) > 1:
        with st.expander("What it read and printed"):
            st.caption(_what(last))
            _draw_lines(last)


def _draw_form() -> None:
    try:
        collecting.check_readable()
    except collecting.NothingToReadWith as error:
        st.info(str(error), icon=":material/key_off:")
        st.caption("`python -m backend doctor` tells what the token may read.")
        return
    kind = st.segmented_control(
        "What to read", list(_KINDS), default="poll", required=True, format_func=_KINDS.__getitem__, key="collect_kind"
    )
    with st.form("collect", border=False):
        slots = dict[str, DeltaGenerator]()
        names = _draw_names()
        slots["names"] = st.container()
        datasets = st.multiselect(
            "Sources", CHOICES, key="collect_datasets", format_func=dataset, placeholder="All sources"
        )
        slots["datasets"] = st.container()
        since = _draw_day() if kind == "backfill" else None
        slots["since"] = st.container()
        sent = st.form_submit_button("Start", type="primary", icon=":material/play_arrow:", key=_START)
        slots["kind"] = st.container()
    if sent:
        _send(kind, names, datasets, since, slots)


def _send(
    kind: Kind, names: list[str], datasets: list[str], since: date | None, slots: Mapping[str, DeltaGenerator]
) -> None:
    """Starts it and draws the page anew; what keeps it from starting is said at its field."""
    try:
        begun = writing.start_collection(collecting.asked(kind, names, datasets, since))
    except collecting.Unusable as unusable:
        problems = unusable.problems
    except NothingBefore as error:
        problems = {"names": str(error)}
    except AlreadyCollecting as error:
        problems = {"kind": as_text(str(error))}
    else:
        st.session_state[_FOLLOWED] = begun.id
        st.rerun()
    for field, sentence in problems.items():
        slots[field].error(sentence, icon=":material/error:")


def _draw_names() -> list[str]:
    known = _known()
    names = st.multiselect(
        "Organisations and repositories",
        known,
        key="collect_names",
        accept_new_options=True,
        max_selections=MOST_NAMED,
        placeholder="All that was collected before" if known else "Type octo-org or octo-org/octo-repo",
        help="Choose, or type an organisation or user, or OWNER/NAME.",
    )
    if not known:
        st.caption("Nothing was collected before: name an organisation or a repository to begin with.")
    return names


def _draw_day() -> date | None:
    today = collecting.now().date()
    return st.date_input(
        "Reach back to (UTC)",
        value=None,
        min_value=today - LONGEST_BACKFILL,
        max_value=today,
        format="YYYY-MM-DD",
        key="collect_since",
        help="As far as GitHub still has it.",
    )


def _known() -> list[str]:
    """Organisations and repositories that the ledger has, to choose from; none while sample data is shown."""
    if data.edition().rows == "demo":
        return []
    names = data.metric("coverage", Scope(until=data.as_of())).repo.unique()
    return sorted({str(name).removesuffix(f"/{WHOLE_ORG}") for name in names})


def _draw_lines(one: Collecting) -> None:
    if one.lines:
        st.code("\n".join(one.lines), language=None, height=200 if len(one.lines) > 6 else "content")


def _what(one: Collecting) -> str:
    """What a collection reads, as a line."""
    names = (*one.orgs, *one.repos)
    more = f" and {count(len(names) - _MOST_SHOWN, 'more', 'more')}" if len(names) > _MOST_SHOWN else ""
    of = ", ".join(map(as_text, names[:_MOST_SHOWN])) + more
    sources = ", ".join(map(dataset, one.datasets)) or "all sources"
    since = f", {one.since:%d %b %Y}" if one.since else ""
    return f"{_KINDS[one.kind]}{since} · {of} · {sources}"


def _minutes(one: Collecting) -> str:
    seconds = (one.finished_at - one.started_at).total_seconds() if one.finished_at else 0.0
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
