"""A stand-in for Devin's API, versions 1 and 3: a real server with a state, which tests can move and make fail.

with DevinStandin() as devin:
    session = devin.state.new_session(at="2026-03-01T06:00:00Z", title="Fix CQLF-R1-0001")
    devin.faults.add(faults.status(502), path="/v1/sessions", nth=2)
    read(devin.url, V1_KEY)
    devin.state.update(session.id, at="2026-03-01T07:00:00Z", status_detail="finished")
    assert devin.log.matching("/sessions", status=502)
"""

from tests.standins.devin.server import DevinStandin
from tests.standins.devin.state import ORG, V1_KEY, V3_KEY, Session, State

__all__ = ["ORG", "V1_KEY", "V3_KEY", "DevinStandin", "Session", "State"]
