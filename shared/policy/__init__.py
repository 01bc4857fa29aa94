"""Policy: what the people who run Fettle decide; see docs/policy.md."""

from shared.policy.file import load_policy
from shared.policy.policy import Policy
from shared.policy.section import Patterns, matches

__all__ = ["Patterns", "Policy", "load_policy", "matches"]
