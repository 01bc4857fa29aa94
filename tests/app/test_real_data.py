"""The pages on real exports, imported as a person would, tell the figures that were worked out by hand."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from backend.imports.importing import import_files
from tests.app.conftest import Open, figures, texts
from tests.builders import NOW
from tests.lakes import lake_in

IONIC = "ionic-team/ionic-framework"


@pytest.fixture
def imported(tmp_path: Path, shared_data: Path) -> None:
    """The lake of this test with the alerts of two repositories and the runs of a third."""
    lake = lake_in(tmp_path, lambda: NOW)
    import_files(lake, "alerts", [shared_data / "alerts" / "code_scanning_autopromote.json"], None)
    import_files(lake, "alerts", [shared_data / "alerts" / "dependabot_openmrs.json"], None)
    import_files(lake, "runs", [shared_data / "runs" / "ionic_stencil_workflow_runs.json"], None)
    lake.close()


def shown(app: AppTest) -> tuple[str, ...]:
    """Median and mean time to remediate, alerts fixed and alerts open, as the first row has them."""
    return tuple(figures(app)[title] for title in ("Median", "Mean", "Fixed", "Open alerts"))


@pytest.mark.usefixtures("imported")
def test_time_to_remediate_of_both_kinds_of_alerts(open_page: Open) -> None:
    app = open_page("remediation", range="all", kind="Code scanning")
    assert shown(app) == ("1.9 h", "5.4 h", "11", "361")
    assert "of 11 fixed alerts" in texts(app)
    app.multiselect(key="kind").set_value(["Dependabot"]).run()
    assert shown(app) == ("2.5 days", "2.7 days", "3", "150")
    assert "n = 3, too few" in texts(app)
    app.toggle(key="dismissed").set_value(True).run()
    assert figures(app)["Closed"] == "3", "what GitHub dismissed by itself is no decision of a person either"
    app.toggle(key="auto_dismissed").set_value(True).run()
    assert figures(app)["Closed"] == "49"


@pytest.mark.usefixtures("imported")
def test_the_nine_times_that_a_workflow_was_broken_and_restored(open_page: Open) -> None:
    app = open_page("workflows", range="all", branch="All branches", repo=IONIC)
    table = next(frame.value for frame in app.dataframe if "restored_at" in frame.value.columns)
    hours = table.duration_s.iloc[::-1].dropna()
    assert [round(value, 1) for value in hours] == [79.6, 0.3, 5.1, 22.8, 7.5, 0.2, 0.2, 0.2, 16.2]
    assert table.duration_s.isna().sum() == 1
    assert "of 9 episodes" in texts(app)
