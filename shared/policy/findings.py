"""Findings: their families of weaknesses, and how long a decision on one holds."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field, field_validator

from shared.cwe import CWE_FAMILIES, cwe_id
from shared.policy.duration import Duration
from shared.policy.section import Section


class TriagePolicy(Section):
    """`[triage]`."""

    expires_after: Duration = timedelta(days=90)
    """How long an accepted risk is accepted where the decision names no other date."""
    longest: Duration = timedelta(days=365)
    """The longest that a risk may be accepted for."""


Family = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]


class CwePolicy(Section):
    """`[cwe]`."""

    families: Mapping[Family, tuple[str, ...]] = {}
    """Family -> its weaknesses, such as `CWE-79`; they go before Fettle's own table, in which others stay."""

    @field_validator("families")
    @classmethod
    def _known_ids(cls, families: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for family, members in families.items():
            for member in members:
                if cwe_id(member) is None:
                    raise ValueError(f"{member!r} in family {family} is no weakness; write it as CWE-79")
        return {family: tuple(str(cwe_id(member)) for member in members) for family, members in families.items()}

    @property
    def table(self) -> dict[str, tuple[str, ...]]:
        """Every family with its ids in the form `CWE-79`; the first that names one of an alert's ids counts."""
        own = {
            family: tuple(f"CWE-{number}" for number in sorted(members))
            for family, members in CWE_FAMILIES.items()
            if family not in self.families
        }
        return {**self.families, **own}
