"""What the filters say of themselves, whatever the page."""

from datetime import timedelta

from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, alert, run

LONG_AGO = NOW - timedelta(days=200)


def old_data(fill: Fill) -> None:
    fill(
        workflow_runs=[run(run_id=1, created_at=LONG_AGO, updated_at=LONG_AGO, completed_at=LONG_AGO)],
        alerts=[alert(number=1, created_at=LONG_AGO, updated_at=LONG_AGO)],
    )


def test_a_range_after_the_newest_row_says_so_and_offers_all(fill: Fill, open_page: Open) -> None:
    old_data(fill)
    app = open_page("overview")
    assert f"{LONG_AGO:%d %b %Y}" in texts(app)
    assert figures(app)["CI success rate"] == "—"
    next(button for button in app.button if button.label == "Show all").click().run()
    assert figures(app)["CI success rate"] == "100.0 %"
    assert not any(button.label == "Show all" for button in app.button)


def test_a_range_that_reaches_the_newest_row_says_nothing(fill: Fill, open_page: Open) -> None:
    old_data(fill)
    assert not any(button.label == "Show all" for button in open_page("overview", range="1y").button)
