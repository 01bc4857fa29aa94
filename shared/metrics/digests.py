"""Every digest. Adding one is one line here."""

from shared.metrics.customers.digests import ACTIVITY_BY_TYPE
from shared.metrics.digest import Digest
from shared.metrics.remediation.digests import ALERT_KINDS, ALERT_TIMES
from shared.metrics.spending.tries import RUN_FAILURES, RUN_PASSES
from shared.metrics.workflows.digests import (
    RUN_BRANCHES,
    RUN_BREAKS,
    RUN_VERDICTS,
    RUN_WORKFLOWS,
    RUNS_BY_REPO,
    RUNS_OF_RANGE,
    RUNS_OF_RANGE_BY_REPO,
)

DIGESTS: tuple[Digest, ...] = (
    RUN_WORKFLOWS,
    RUN_VERDICTS,
    RUN_BREAKS,
    RUN_BRANCHES,
    RUNS_BY_REPO,
    RUN_FAILURES,
    RUN_PASSES,
    ALERT_TIMES,
    ALERT_KINDS,
    ACTIVITY_BY_TYPE,
)

OF_A_RANGE: tuple[Digest, ...] = (RUNS_OF_RANGE, RUNS_OF_RANGE_BY_REPO)
"""Those that a question tells of when it asks for them, as there is nothing to keep of them."""
