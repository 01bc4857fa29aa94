"""Customers: choosing one, links to their pages, what they did, and the parts that pages have in common."""

import pandas as pd
import streamlit as st

from frontend import data, filters
from frontend.charts.customers import ACTIVITIES, activity_bars
from frontend.charts.health import MOST_BARS, lost_bars
from frontend.components.chart import draw_chart, plot
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from frontend.customers import ORDERS, customer_health
from frontend.health import in_a_line
from frontend.layouts.customers import ACTIVITY, AT_RISK, EVENTS
from frontend.words import as_text, count, one_line
from shared.metrics.customers.signals import SIGNALS
from shared.scope import Scope

LINKS, ORDER, TEXT = 5, "order", "customer_q"

_EVENTS_SHOWN = 12


def draw_customer(health: pd.DataFrame) -> str | None:
    """The id of the one customer that the page is about; None until one is chosen.

    health: customers.customer_health.
    """
    ids = dict(zip(health.label, health.customer_id, strict=True))
    wanted = filters.linked(filters.CUSTOMER)
    label = next((label for label, one in ids.items() if one == wanted), None)
    if label is not None:
        st.session_state[filters.CUSTOMER] = label
    elif wanted is not None:
        st.warning(f"No customer with the id {as_text(one_line(wanted))} is known.", icon=":material/link_off:")
    filters.tell_unknown(filters.CUSTOMER, ids)
    chosen = st.selectbox(
        "Customer",
        tuple(ids),
        index=None,
        key=filters.CUSTOMER,
        bind="query-params",
        placeholder="Choose one, by name or id",
        width=480,
        help="Those with the lowest scores come first.",
    )
    return ids.get(chosen or "")


def draw_customer_order() -> tuple[str, str]:
    """In which order customers are listed (a key of customers.ORDERS), and the text that they are to hold."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.segmented_control(
            "Sort by", tuple(ORDERS.values()), default=ORDERS["health"], required=True, key=ORDER, bind="query-params"
        )
        text = st.text_input(
            "Search", key=TEXT, bind="query-params", placeholder="Name, id, segment or owner", width=320
        )
    return next(order for order, words in ORDERS.items() if words == label), text


def draw_customer_links(health: pd.DataFrame) -> None:
    """The first customers of a frame, each with a link to its page."""
    with st.container(gap="xxsmall"):
        for _, row in health.head(LINKS).iterrows():
            _draw_link(row, in_a_line(row, "short"))


def draw_customer_link(rows: pd.DataFrame, place: int | None = None) -> None:
    """A link to the customer in a row; without one, how to get it."""
    if place is None:
        st.caption("Select a row to open the customer's page.")
    else:
        _draw_link(rows.iloc[place], f"Open **{as_text(rows.label.iloc[place])}**")


def draw_lost(health: pd.DataFrame, scope: Scope) -> None:
    """What costs the worst customers points."""
    if health.score.isna().all():
        st.info("No signal is known of any customer yet.", icon=":material/info:")
        return
    worst = data.kept(_worst, health)
    draw_chart(
        plot(lost_bars, worst, SIGNALS, "short"),
        worst,
        AT_RISK,
        title="Points lost, by signal",
        name="customer_points_lost",
        alt="Points lost by signal of the twelve customers with the lowest scores, worst on top",
        metric="customer_health",
        scope=Scope(until=scope.until),
    )


def _worst(health: pd.DataFrame) -> pd.DataFrame:
    return health[health.score.notna()].head(MOST_BARS)


def _at_risk(health: pd.DataFrame) -> pd.DataFrame:
    return health[health.tier == "at_risk"].reset_index(drop=True)


def draw_customers_at_risk(scope: Scope) -> None:
    """The customers at risk, worst first; that there are none, or no customers at all."""
    health = customer_health(scope) if data.row_counts()["customers"] else None
    if health is None or health.empty:
        st.subheader("Customers", anchor=False)
        st.info(
            "Customers are scored like repositories, as soon as there is data of customers.", icon=":material/groups:"
        )
        return
    draw_heading("Customers at risk", "customer_health", Scope(until=scope.until), place="at_risk")
    rows = data.kept(_at_risk, health)
    st.caption(f"{count(len(rows))} of {count(len(health), 'customer')}. Organisations and repositories play no part.")
    if rows.empty:
        st.success("No customer is at risk.", icon=":material/check_circle:")
    else:
        chosen = draw_table(
            rows,
            AT_RISK,
            "customers_at_risk",
            "Customers at risk, lowest score first",
            most_rows=8,
            selection="",
            one=True,
        )
        draw_customer_link(rows, *chosen)


def draw_activity(scope: Scope, title: str) -> None:
    """What customers did over time."""
    activity = data.metric("customer_activity", scope)
    if activity.empty:
        st.subheader(title, anchor=False)
        st.info("No event was recorded in this range.", icon=":material/info:")
        return
    draw_chart(
        plot(activity_bars, activity),
        activity,
        ACTIVITY,
        title=title,
        name="customer_activity",
        alt="Events by type over time",
        metric="customer_activity",
        scope=scope,
    )


def draw_events(scope: Scope) -> None:
    """What one customer did, all together and type by type, newest first."""
    draw_heading("What the customer did", "customer_events", scope)
    titles = {"": "All", **ACTIVITIES}
    for part, (kind, title) in zip(
        st.tabs(tuple(titles.values()), key=filters.PART, on_change="rerun", bind="query-params"),
        titles.items(),
        strict=True,
    ):
        if part.open:
            with part:
                _draw_events(scope, kind, title)


def _draw_events(scope: Scope, kind: str, title: str) -> None:
    rows = data.first_rows("customer_events", scope, **({"type": kind} if kind else {}))
    if rows.empty:
        what = f"{title}: none" if kind else "Nothing"
        st.info(f"{what} recorded in this range.", icon=":material/info:")
        return
    name = f"customer_events_{kind or 'all'}"
    draw_table(rows, EVENTS[kind], name, f"{title}, newest first", most_rows=_EVENTS_SHOWN)


def draw_facts(row: pd.Series) -> None:
    """Who the customer of a row is, in a line."""
    since = "" if pd.isna(row.created_at) else f"since {row.created_at:%d %b %Y}"
    facts = (row.customer_id, row.segment, since, f"owner {one_line(row.owner)}" if isinstance(row.owner, str) else "")
    st.markdown(f"**{as_text(one_line(row['name'], 200))}**")
    st.caption(" · ".join(as_text(one_line(fact)) for fact in facts if isinstance(fact, str) and fact))


def _draw_link(row: pd.Series, label: str) -> None:
    st.page_link(
        "views/customer.py",
        label=label,
        icon=":material/arrow_forward:",
        icon_position="right",
        query_params=filters.narrowed(**{filters.CUSTOMER: str(row.customer_id)}),
    )
