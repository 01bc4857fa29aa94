import pytest

from backend.demo.size import LIMITS, DemoSize
from shared.errors import FettleError


@pytest.mark.parametrize("option", LIMITS)
def test_an_option_out_of_range_is_refused_by_name_value_and_range(option: str) -> None:
    for value in (0, -3, LIMITS[option] + 1):
        with pytest.raises(FettleError, match=rf"--{option} is {value}; use 1 to {LIMITS[option]}"):
            DemoSize(**{option: value})


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(FettleError, match="--seed is -1"):
        DemoSize(seed=-1)


def test_alerts_grow_with_repositories_and_days_unless_told() -> None:
    assert DemoSize(repos=48).alert_rows == 2 * DemoSize(repos=24).alert_rows
    assert DemoSize(days=730).alert_rows == 2 * DemoSize(days=365).alert_rows
    assert DemoSize(alerts=12).alert_rows == 12
    assert DemoSize(repos=1, days=1).alert_rows == 1
    assert DemoSize(repos=LIMITS["repos"], days=LIMITS["days"]).alert_rows == LIMITS["alerts"]
