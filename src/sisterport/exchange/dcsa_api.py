"""DCSA Port Call 2.0.0: ``POST /events`` and ``GET /events`` as functions from request to response."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sisterport.errors import did_you_mean
from sisterport.exchange.dcsa_strict import Known, request_findings
from sisterport.exchange.findings import ERROR, INFO, WARN, Finding, feedback, refused
from sisterport.exchange.http import BodyError, Request, Response, cursor, json_body, read_cursor, whole_number
from sisterport.exchange.objects import lenient, moment, shown

VERSION = "2.0.0"
PAGE = 100
"""Most events on a page unless the caller says otherwise."""

_VOYAGES = ("carrierVoyageNumber", "universalVoyageReference")
FILTERS: dict[str, tuple[str, ...]] = {
    **{name: ("portCall", name) for name in ("UNLocationCode", "portVisitReference", "portCallID")},
    **{name: ("terminalCall", name) for name in ("terminalCallID", "terminalCallReference", "carrierServiceName")},
    **{
        name: ("terminalCall", "serviceCodeOrReference", name)
        for name in ("carrierServiceCode", "universalServiceReference")
    },
    "carrierImportVoyageNumber": ("terminalCall", "importVoyageNumberOrReference", _VOYAGES[0]),
    "universalImportVoyageReference": ("terminalCall", "importVoyageNumberOrReference", _VOYAGES[1]),
    "carrierExportVoyageNumber": ("terminalCall", "exportVoyageNumberOrReference", _VOYAGES[0]),
    "universalExportVoyageReference": ("terminalCall", "exportVoyageNumberOrReference", _VOYAGES[1]),
    **{name: ("portCallService", name) for name in ("portCallServiceID", "portCallServiceTypeCode")},
    **{name: ("vessel", name) for name in ("vesselIMONumber", "vesselName", "vesselMMSINumber")},
    "classifierCode": ("timestamp", "classifierCode"),
    "timestampID": ("eventID",),
}
"""Parameters of ``GET /events`` and the field that each filters. Nothing is called timestampID: the event is meant."""
_TIMES = ("eventTimestampMin", "eventTimestampMax")
_PAGING = ("limit", "cursor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The answer to a POST, the events to store, and everything that was found."""

    response: Response
    accepted: list[dict[str, Any]]
    findings: list[Finding]


def post_events(request: Request, *, known: Known | None = None) -> Posted:
    """Return the answer to ``POST /events``.

    What the schema accepts is taken; of it each event is judged by the text of the standard. One that breaks it is
    refused and named, the others count.

    Parameters
    ----------
    request
        The request.
    known
        Earlier events and the time.

    Returns
    -------
    Posted
        Status 200 where anything was processed, 400 for no JSON or a body against the schema, 422 for text that no
        database can store and where every event was refused. An event that came before is accepted but not stored
        again.

    References
    ----------
    DCSA Port Call 2.0.0 (OpenAPI of 17 December 2025), operation post-events.

    Examples
    --------
    >>> answer = post_events(Request(method="POST", body=b'{"events": [{}]}'))
    >>> answer.response.status, answer.response.body["feedbackElements"][0]["propertyPath"], answer.accepted
    (422, '$.events[0].eventID', [])
    """
    wrong = _version(request)
    if wrong:
        return Posted(response=_error(request, 400, wrong), accepted=[], findings=wrong)
    try:
        body = json_body(request)
    except BodyError as error:
        found = [Finding("body", ERROR, "$", str(error), "send JSON as the standard has it")]
        return Posted(response=_error(request, error.status, found), accepted=[], findings=found)
    found = lenient(body, "dcsa", "PostEventsRequest")
    if found:
        return Posted(response=_error(request, 400, found), accepted=[], findings=found)
    events = body.get("events", [])
    if not events:
        found = [Finding("events", WARN, "$.events", "no events", "send at least one")]
    by_event = request_findings(events, known=known)
    found += [one for findings in by_event for one in findings]
    good = [findings for findings in by_event if not refused(findings)]
    if events and not good:
        return Posted(response=_error(request, 422, found), accepted=[], findings=found)
    accepted = [
        event
        for event, findings in zip(events, by_event, strict=True)
        if not refused(findings) and not any(one.check == "event_known" for one in findings)
    ]
    told = {"feedbackElements": feedback(found)} if found else {}
    return Posted(
        response=Response(status=200, body=told, headers=_headers(request)), accepted=accepted, findings=found
    )


def get_events(request: Request, events: Iterable[Mapping[str, Any]], *, page: int = PAGE) -> Response:
    """Return the answer to ``GET /events``.

    Parameters
    ----------
    request
        The request; `FILTERS`, the two times (of ``eventUpdatedDateTime``, inclusive), ``limit`` and ``cursor``.
    events
        Accepted events that the sender may see.
    page
        Most events on a page.

    Returns
    -------
    Response
        200, with an empty list where nothing fits; more than a page puts ``Next-Page-Cursor`` in the headers. 400 for
        a parameter that is unknown, repeated or no time, number or cursor.

    References
    ----------
    DCSA Port Call 2.0.0 (OpenAPI of 17 December 2025), operation get-events.

    Examples
    --------
    >>> said = [{"eventID": str(n), "eventUpdatedDateTime": "2025-01-23T04:00:00Z"} for n in range(3)]
    >>> first = get_events(Request(query="limit=2"), said)
    >>> len(first.body["events"]), "Next-Page-Cursor" in first.headers
    (2, True)
    >>> get_events(Request(query="eventTimestampMin=yesterday"), said).status
    400
    """
    asked = request.parameters()
    faults = _version(request) + _asked_wrong(asked)
    if faults:
        return _error(request, 400, faults)
    fits = _filter({name: texts[0] for name, texts in asked.items()})
    found = sorted((event for event in events if fits(event)), key=_key)
    after = read_cursor(asked["cursor"][0], 2) if "cursor" in asked else None
    left = [event for event in found if after is None or _key(event) > after]
    size = min(page, whole_number(asked["limit"]) or page) if "limit" in asked else page
    headers = _headers(request)
    if len(left) > size:
        headers["Next-Page-Cursor"] = cursor(_key(left[size - 1]))
    body: dict[str, Any] = {"events": left[:size]}
    if "timestampID" in asked:
        text = "no field has this name: events of this eventID are given"
        body["feedbackElements"] = feedback([Finding("timestampID", INFO, "$", text, "read eventID")])
    return Response(status=200, body=body, headers=headers)


def _asked_wrong(asked: Mapping[str, list[str]]) -> list[Finding]:
    names = [*FILTERS, *_TIMES, *_PAGING]
    found = []
    for name, texts in asked.items():
        at, text = f"$.{name[:100]}", texts[0]
        if name not in names:
            hint = did_you_mean(name[:100], names)
            found.append(Finding("parameter", ERROR, at, f"no such parameter{hint}", f"use {', '.join(names)}"))
        elif len(texts) > 1:
            found.append(Finding("parameter", ERROR, at, f"{len(texts)} values", "give one"))
        elif name in _TIMES and moment(text) is None:
            fault = f"{shown(text)} is no time with an offset"
            found.append(Finding("parameter", ERROR, at, fault, "write 2025-01-23T04:00:00Z, a + as %2B"))
        elif name == "limit" and whole_number(texts) is None:
            found.append(Finding("parameter", ERROR, at, f"{shown(text)} is no whole number from 1", "give one"))
        elif name == "cursor" and read_cursor(text, 2) is None:
            fault = f"{shown(text)} is no cursor"
            found.append(Finding("parameter", ERROR, at, fault, "take that of the header Next-Page-Cursor"))
    return found


def _filter(asked: Mapping[str, str]) -> Callable[[Mapping[str, Any]], bool]:
    wanted = {FILTERS[name]: text for name, text in asked.items() if name in FILTERS}
    first, last = (moment(asked.get(name)) for name in _TIMES)

    def fits(event: Mapping[str, Any]) -> bool:
        time = moment(event.get("eventUpdatedDateTime"))
        if (first or last) and time is None:
            return False
        inside = (first is None or (time is not None and time >= first)) and (
            last is None or (time is not None and time <= last)
        )
        return inside and all(_at(event, path) == text for path, text in wanted.items())

    return fits


def _at(event: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        event = event.get(name) if isinstance(event, Mapping) else None
    return event


def _key(event: Mapping[str, Any]) -> tuple[str, str]:
    """Return what events are in order by: the time of their update, in UTC and to the microsecond, and their id."""
    time = moment(event.get("eventUpdatedDateTime"))
    told = time.isoformat(timespec="microseconds") if time else ""
    return told, str(event.get("eventID", "")).lower()


def _version(request: Request) -> list[Finding]:
    """Return a fault where another major version is asked for; a suffix after ``-`` does not count."""
    told = request.header("API-Version")
    if told is None or told.split("-")[0] in {VERSION.split(".", maxsplit=1)[0], VERSION}:
        return []
    return [Finding("API-Version", ERROR, "$", f"version {shown(told)} is not served", f"ask for {VERSION}")]


def _headers(request: Request) -> dict[str, str]:
    """Return the version, and the parties of a relayed request the other way round."""
    swapped = {"Response-Sending-Party": "Request-Receiving-Party", "Response-Receiving-Party": "Request-Sending-Party"}
    told = {ours: request.header(theirs) for ours, theirs in swapped.items()}
    return {"API-Version": VERSION, **{name: text for name, text in told.items() if text is not None}}


def _error(request: Request, status: int, findings: list[Finding]) -> Response:
    return Response(status=status, body={"feedbackElements": feedback(findings)}, headers=_headers(request))
