"""Policy: what the people who run Fettle decide, with defaults; their TOML file overrides them one by one."""

from shared.policy.collecting import CollectPolicy
from shared.policy.findings import CwePolicy, TriagePolicy
from shared.policy.health import HealthPolicy
from shared.policy.section import Section
from shared.policy.sla import SlaPolicy
from shared.policy.usage import UsagePolicy
from shared.policy.workflows import CostPolicy, DeliveryPolicy, WorkflowPolicy


class Policy(Section):
    """All of it; every section has defaults."""

    collect: CollectPolicy = CollectPolicy()
    sla: SlaPolicy = SlaPolicy()
    workflows: WorkflowPolicy = WorkflowPolicy()
    cost: CostPolicy = CostPolicy()
    delivery: DeliveryPolicy = DeliveryPolicy()
    health: HealthPolicy = HealthPolicy()
    cwe: CwePolicy = CwePolicy()
    triage: TriagePolicy = TriagePolicy()
    usage: UsagePolicy = UsagePolicy()
