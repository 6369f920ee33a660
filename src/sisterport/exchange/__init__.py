"""Exchange: message standards turned into frames and back.

Where to look: ``dcsa*`` (port calls: `dcsa_api` the two operations, `dcsa_strict` the text of the standard,
`dcsa_conformance` the published checks), ``s131_features`` (shore-power registers as GeoJSON), ``ileap*`` (intensity of
a corridor), ``pact*`` (footprints that carry it: `pact_auth`, `pact_api`, `pact_events`). What writes iLEAP needs the
corridor room, which takes a second to load: import it from `sisterport.exchange.ileap`.
"""

from sisterport.exchange.dcsa import DcsaConnections, read_dcsa
from sisterport.exchange.dcsa_api import get_events, post_events
from sisterport.exchange.dcsa_calls import DcsaCalls, read_dcsa_calls
from sisterport.exchange.dcsa_calls_write import call_events, plan_times, request_times, visit_times
from sisterport.exchange.dcsa_conformance import conformance
from sisterport.exchange.dcsa_strict import event_findings, request_findings
from sisterport.exchange.dcsa_write import dcsa_events, write_dcsa
from sisterport.exchange.findings import Finding, findings_frame
from sisterport.exchange.http import Request, Response
from sisterport.exchange.ileap_checks import ileap_findings
from sisterport.exchange.ileap_read import read_activities, read_categories
from sisterport.exchange.pact import Publisher, footprint, footprint_findings, supersede

__all__ = [
    "DcsaCalls",
    "DcsaConnections",
    "Finding",
    "Publisher",
    "Request",
    "Response",
    "call_events",
    "conformance",
    "dcsa_events",
    "event_findings",
    "findings_frame",
    "footprint",
    "footprint_findings",
    "get_events",
    "ileap_findings",
    "plan_times",
    "post_events",
    "read_activities",
    "read_categories",
    "read_dcsa",
    "read_dcsa_calls",
    "request_findings",
    "request_times",
    "supersede",
    "visit_times",
    "write_dcsa",
]
