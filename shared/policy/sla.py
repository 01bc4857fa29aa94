"""SLA: how soon an alert of each severity is to be closed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from shared.policy.duration import parse_duration, written_duration
from shared.policy.section import Section

LEVELS = ("critical", "high", "medium", "low")
"""Severities that may have a limit, worst first."""

Preset = Literal["fettle", "defectdojo", "fedramp"]

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)

PRESETS: Mapping[Preset, tuple[timedelta, timedelta, timedelta, timedelta]] = {
    "fettle": (48 * _HOUR, 96 * _HOUR, 168 * _HOUR, 336 * _HOUR),
    "defectdojo": (7 * _DAY, 30 * _DAY, 90 * _DAY, 120 * _DAY),
    "fedramp": (30 * _DAY, 30 * _DAY, 90 * _DAY, 180 * _DAY),
}
"""Limits of LEVELS by name: Fettle's own, DefectDojo's defaults, FedRAMP's remediation times."""


def _parse_limit(value: object) -> timedelta | None:
    if value is None or value is False:
        return None
    if value is True:
        raise ValueError('use false to switch a level off, or a duration such as "48h"')
    return parse_duration(value)


Limit = Annotated[
    timedelta | None,
    BeforeValidator(_parse_limit),
    PlainSerializer(lambda v: False if v is None else written_duration(v)),
]
"""A duration; false, in the file, switches the level off."""


class SlaPolicy(Section):
    """`[sla]`. A level that the file does not name has the preset's limit."""

    preset: Preset = "fettle"
    critical: Limit = PRESETS["fettle"][0]
    high: Limit = PRESETS["fettle"][1]
    medium: Limit = PRESETS["fettle"][2]
    low: Limit = PRESETS["fettle"][3]
    at_risk_share: Annotated[float, Field(gt=0, lt=1)] = 0.75
    """From this share of its limit on an open alert is at risk."""
    restart_when_reopened: bool = False
    """Whether the clock of a re-opened alert starts again."""

    @model_validator(mode="before")
    @classmethod
    def _from_preset(cls, given: Any) -> Any:  # noqa: ANN401 - pydantic gives what the file holds
        named = given.get("preset", "fettle") if isinstance(given, dict) else None
        limits = next((found for preset, found in PRESETS.items() if preset == named), None)
        return {**dict(zip(LEVELS, limits, strict=True)), **given} if limits else given

    @property
    def limits(self) -> dict[str, timedelta | None]:
        """The limit of each of LEVELS; None where it is switched off."""
        return {level: getattr(self, level) for level in LEVELS}
