"""What DCSA Port Call 2.0.0 allows for each service: classifiers, types of event, phases and facilities.

References
----------
DCSA Port Call 2.0.0 (OpenAPI of 17 December 2025), descriptions of PortCallService and Timestamp.classifierCode.
"""

from typing import NamedTuple


class Service(NamedTuple):
    """Codes that a service may have; event types and classifiers are "only", phases and facilities "should be"."""

    classifiers: tuple[str, ...]
    kinds: tuple[str, ...]
    phases: tuple[str, ...]
    facilities: tuple[str, ...]


_ALL, _ACTUAL = ("EST", "REQ", "PLN", "ACT"), ("ACT",)
_SPAN, _ARRIVAL = ("STRT", "CMPL"), ("ARRI",)
_BERTH, _ALONGSIDE = ("BRTH",), ("ALGS",)
_MOVING = ("INBD", "SHIF", "OUTB")

SERVICES = {
    "BERTH": Service(_ALL, ("ARRI", "DEPA"), ("INBD", "ALGS", "OUTB"), _BERTH),
    "CARGO_OPERATIONS": Service(_ALL, _SPAN, _ALONGSIDE, _BERTH),
    "PILOTAGE": Service(_ALL, _SPAN, _MOVING, ("PBPL", "BRTH")),
    "TOWAGE": Service(_ALL, _SPAN, _MOVING, ("PBPL", "BRTH")),
    "MOORING": Service(_ALL, _SPAN, _MOVING, _BERTH),
    "BUNKERING": Service(_ALL, _SPAN, _ALONGSIDE, _BERTH),
    "PILOT_BOARDING_PLACE": Service(_ALL, _ARRIVAL, ("INBD",), ("PBPL",)),
    "ANCHORAGE": Service(_ALL, _SPAN, (), ("ANCH",)),
    "SLUDGE": Service(_ALL, _SPAN, (), _BERTH),
    "SEA_PASSAGE": Service(_ACTUAL, _SPAN, ("INBD", "OUTB"), ()),
    "ALL_FAST": Service(_ACTUAL, _ARRIVAL, _ALONGSIDE, _BERTH),
    "GANGWAY_DOWN_AND_SECURE": Service(_ACTUAL, _ARRIVAL, _ALONGSIDE, _BERTH),
    "VESSEL_READY_FOR_CARGO_OPERATIONS": Service(_ACTUAL, _ARRIVAL, _ALONGSIDE, _BERTH),
    "VESSEL_READY_TO_SAIL": Service(_ACTUAL, _ARRIVAL, _ALONGSIDE, _BERTH),
    "DISCHARGE_CARGO_OPERATIONS": Service(_ACTUAL, _SPAN, _ALONGSIDE, _BERTH),
    "LOADING_CARGO_OPERATIONS": Service(_ACTUAL, _SPAN, _ALONGSIDE, _BERTH),
    "LASHING": Service(_ACTUAL, _SPAN, _ALONGSIDE, _BERTH),
    "SAFETY": Service(_ACTUAL, ("DEPA",), _ALONGSIDE, _BERTH),
    "ANCHORAGE_OPERATIONS": Service(_ACTUAL, _SPAN, (), ("BRTH", "ANCH")),
    "SHORE_POWER": Service(_ACTUAL, _SPAN, _ALONGSIDE, _BERTH),
    "MOVES": Service((), _ARRIVAL, (), ()),
}
"""Services by code."""
