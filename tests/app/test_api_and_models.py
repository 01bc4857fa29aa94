"""The page API and models: what was asked, what failed, what it cost and where it came from, in the range."""

from datetime import timedelta

from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, request, usage_session

DAY = timedelta(days=1)


def test_figures_and_parts_of_the_range(fill: Fill, open_page: Open) -> None:
    fill(
        requests=[
            *(request(n, user=f"u{n % 3}", latency_ms=100.0 * n) for n in range(1, 6)),
            request(6, status=500, model="small", country="US", cost_usd=None, latency_ms=None),
            request(7, at=NOW - 20 * DAY, status=429),
        ],
        usage_sessions=[usage_session()],
    )
    app = open_page("api_and_models", range="7d")
    shown = figures(app)
    assert (shown["Requests"], shown["Success rate"], shown["Active users"]) == ("6", "83.3 %", "4")
    assert (shown["Median latency"], shown["Cost"], shown["Tokens"]) == ("300 ms", "$0.05", "900")
    assert "1 request with tokens and without a cost" in texts(app)
    titles = [heading.value for heading in app.subheader]
    assert titles == [
        *("Requests", "Cost", "Latency", "Requests by model", "Errors by status"),
        *("Where requests come from", "Requests by country"),
    ]
    app.button_group(key="range").set_value("30d").run()
    assert figures(app)["Requests"] == "7"


def test_what_is_unknown_is_said(fill: Fill, open_page: Open) -> None:
    fill(requests=[{"request_id": "1", "at": NOW - DAY, "collected_at": NOW, "source": "api"}])
    app = open_page("api_and_models", range="7d")
    assert (figures(app)["Requests"], figures(app)["Cost"], figures(app)["Median latency"]) == ("1", "—", "—")
    said = texts(app)
    assert "No request tells its country" in said
    assert "No request names a model" in said


def test_empty_store_says_what_to_do(open_page: Open) -> None:
    assert "nothing collected yet" in texts(open_page("api_and_models"))


def test_a_range_without_requests_is_told_from_an_empty_store(fill: Fill, open_page: Open) -> None:
    fill(requests=[request(at=NOW - 20 * DAY)])
    app = open_page("api_and_models", range="7d")
    assert app.button_group(key="range").value == "7d"
    assert "nothing in this range" in texts(app)
