"""Every metric by name, family by family."""

from shared.errors import FettleError
from shared.metrics import agents, customers, delivery, findings, health, remediation, sla, spending, workflows
from shared.metrics.coverage import COVERAGE
from shared.metrics.metric import Metric

FAMILIES = (remediation, sla, findings, workflows, spending, delivery, health, agents, customers)

METRICS: dict[str, Metric] = {
    entry.name: entry for entry in (*(entry for family in FAMILIES for entry in family.METRICS), COVERAGE)
}


def metric(name: str) -> Metric:
    """The metric of this name. Raises FettleError that lists the names there are."""
    if name not in METRICS:
        raise FettleError(f"There is no metric {name!r}; use one of {', '.join(METRICS)}.")
    return METRICS[name]


__all__ = ["METRICS", "Metric", "metric"]
