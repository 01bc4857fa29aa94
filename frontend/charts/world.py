"""World: where requests come from, as circles on a map that is drawn without anything from outside.

Plotly's own maps fetch the shapes of countries from its maker's servers, which an app behind a firewall cannot and one
with secrets should not. The faint dots stand for the land: a place in each country.
"""

import math

import pandas as pd

from frontend.charts.template import ACCENT, LARGE_PX, NEUTRAL, Chart, chart, faded
from shared.countries import COUNTRIES, country_name

_LEAST_PX, _MOST_PX = 7, 42


def world_map(countries: pd.DataFrame) -> Chart:
    """Requests by country, the more the larger the circle's area. countries: request_summary by country."""
    known = countries[countries.country.isin(COUNTRIES)]
    places = [COUNTRIES[code] for code in known.country]
    figure = chart(LARGE_PX)
    figure.add_scatter(
        x=[one.longitude for one in COUNTRIES.values()],
        y=[one.latitude for one in COUNTRIES.values()],
        mode="markers",
        marker={"color": faded(NEUTRAL, 0.45), "size": 4},
        hoverinfo="skip",
    )
    most = max(known.n.max(), 1) if len(known) else 1
    figure.add_scatter(
        x=[one.longitude for one in places],
        y=[one.latitude for one in places],
        mode="markers+text",
        text=[code if n * 4 >= most else "" for code, n in zip(known.country, known.n, strict=True)],
        textfont={"size": 11},
        marker={
            "color": faded(ACCENT, 0.65),
            "line": {"color": ACCENT, "width": 1},
            "size": [_LEAST_PX + (_MOST_PX - _LEAST_PX) * math.sqrt(n / most) for n in known.n],
        },
        customdata=list(zip((country_name(code) for code in known.country), known.n, known.errors, strict=True)),
        hovertemplate="%{customdata[0]}<br>requests: %{customdata[1]:,}<br>failed: %{customdata[2]:,}<extra></extra>",
    )
    figure.update_layout(hovermode="closest", margin={"l": 0, "r": 0, "t": 8, "b": 0})
    figure.update_xaxes(visible=False, range=[-172, 188])
    figure.update_yaxes(visible=False, range=[-58, 80], showgrid=False)
    return figure
