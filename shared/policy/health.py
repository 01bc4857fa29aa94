"""Health: what counts how much in a score, and where its tiers begin."""

from typing import Annotated

from pydantic import Field, model_validator

from shared.policy.section import Section

Weight = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[float, Field(ge=0, le=100)]


class Weights(Section):
    """The share of each signal of a model; they are made to add up to 1."""

    @model_validator(mode="after")
    def _something_counts(self) -> "Weights":
        if not sum(self.as_dict().values()):
            raise ValueError("all weights are 0; give one of them a share")
        return self

    def as_dict(self) -> dict[str, float]:
        """Signal -> weight, in the order in which they are shown."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class RepositoryWeights(Weights):
    """`[health.repository]`."""

    security: Weight = 0.30
    sla: Weight = 0.20
    ci: Weight = 0.20
    freshness: Weight = 0.10
    remediation: Weight = 0.10
    flow: Weight = 0.10


class CustomerWeights(Weights):
    """`[health.customer]`."""

    logins: Weight = 0.25
    adoption: Weight = 0.25
    tickets: Weight = 0.20
    invoices: Weight = 0.20
    api: Weight = 0.10


class AlertPoints(Section):
    """`[health.alert_points]`: what an open alert of each severity weighs."""

    critical: Points = 10.0
    high: Points = 5.0
    medium: Points = 2.0
    low: Points = 1.0


class HealthPolicy(Section):
    """`[health]`."""

    repository: RepositoryWeights = RepositoryWeights()
    customer: CustomerWeights = CustomerWeights()
    alert_points: AlertPoints = AlertPoints()
    half_at: Annotated[float, Field(gt=0, le=100_000)] = 30.0
    """Points of open alerts at which the security signal is 50."""
    at_risk: Points = 50.0
    """Scores up to this are at risk."""
    watch: Points = 70.0
    """Scores below this, and above the former, are to be watched."""
    good: Points = 90.0
    """Scores below this, and at least the former, are good; the others are excellent."""

    @model_validator(mode="after")
    def _in_order(self) -> "HealthPolicy":
        if not self.at_risk < self.watch < self.good:
            raise ValueError(f"at_risk {self.at_risk:g}, watch {self.watch:g} and good {self.good:g} must rise")
        return self
