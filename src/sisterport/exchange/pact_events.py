"""PACT 3.0.3: events received, and the answer to a request for footprints."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sisterport.exchange.findings import ERROR, Finding, refused
from sisterport.exchange.http import BodyError, Request, Response, json_body
from sisterport.exchange.objects import stamp, strict
from sisterport.exchange.pact import footprint_findings
from sisterport.exchange.pact_api import FILTERS, error, matches

MEDIA = "application/cloudevents+json"
_PREFIX = "org.wbcsd.pact.ProductFootprint."
CREATED, FULFILLED, REJECTED, PUBLISHED = (
    f"{_PREFIX}{name}.3"
    for name in ("RequestCreatedEvent", "RequestFulfilledEvent", "RequestRejectedEvent", "PublishedEvent")
)
"""Types of events."""
_NAMESPACE = UUID("2f3f1c0e-54b7-5a4f-8d3c-0c7f5a1e9d27")
"""Of the ids that are made from content; any fixed UUID does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The answer to an event, and the event where it was accepted."""

    response: Response
    event: Mapping[str, Any] | None


def receive_event(request: Request, *, addresses: Collection[str]) -> Received:
    """Return the answer to ``POST /3/events``.

    Parameters
    ----------
    request
        The request.
    addresses
        Addresses that the sender has registered: an answer goes to the ``source`` of a request, and a server must not
        be sent to any address that a message names.

    Returns
    -------
    Received
        200 with an empty body where the event is accepted. The server then stores it, and answers a request by
        `answer_request`.

    References
    ----------
    PACT Technical Specifications 3.0.3, action Events; CloudEvents 1.0.

    Examples
    --------
    >>> receive_event(Request(method="POST", body=b"{}"), addresses=()).response.status
    400
    """
    media = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if media != MEDIA:
        return _refused(f"the Content-Type is {MEDIA}")
    try:
        event = json_body(request)
    except BodyError as fault:
        return Received(response=error("BadRequest", str(fault), status=fault.status), event=None)
    found = event_findings(event)
    if refused(found):
        return _refused("; ".join(f"{one.path}: {one.fault}" for one in found if one.severity == ERROR)[:1000])
    if event["type"] == CREATED and event["source"] not in addresses:
        return _refused("the source is no address that you have registered", code="AccessDenied")
    return Received(response=Response(status=200), event=event)


def event_findings(event: Any) -> list[Finding]:
    """Return everything that breaks the standard in an event.

    Examples
    --------
    >>> event_findings({"type": "x", "specversion": "1.0", "id": "1", "source": "s", "time": "2025-01-01T00:00:00Z",
    ...                 "data": {}})[0].check
    'type'
    """
    form = strict(event, "pact", "CloudEvent")
    if refused(form):
        return form
    kinds = {CREATED: "RequestCreatedEvent", FULFILLED: "RequestFulfilledEvent", REJECTED: "RequestRejectedEvent",
             PUBLISHED: "PublishedEvent"}  # fmt: skip
    if event["type"] not in kinds:
        remedy = f"choose from {', '.join(kinds)}"
        return [*form, Finding("type", ERROR, "$.type", "no event of PACT 3", remedy)]
    found = form + strict(event["data"], "pact", kinds[event["type"]], path="$.data")
    if event["type"] != FULFILLED or refused(found):
        return found
    within = (footprint_findings(one, path=f"$.data.pfs[{n}]") for n, one in enumerate(event["data"]["pfs"]))
    return found + [one for faults in within for one in faults]


def answer_request(
    event: Mapping[str, Any], footprints: Iterable[Mapping[str, Any]], *, source: str, now: datetime
) -> dict[str, Any]:
    """Return the event that answers an accepted request: the footprints that meet it, or that there are none.

    Parameters
    ----------
    event
        An accepted RequestCreatedEvent.
    footprints
        Those that the sender may see.
    source
        Address of this server.
    now
        The time.

    Returns
    -------
    dict
        A RequestFulfilledEvent or RequestRejectedEvent, for the sender's own ``/3/events``. The same request gets an
        answer with the same id, so that one sent again is known.

    Examples
    --------
    >>> from datetime import UTC
    >>> asked = {"id": "r1", "source": "https://them.example", "data": {"productId": ["urn:x:1"]}}
    >>> answer = answer_request(asked, [], source="https://us.example", now=datetime(2026, 1, 1, tzinfo=UTC))
    >>> answer["type"].split(".")[-2], answer["data"]["error"]["code"]
    ('RequestRejectedEvent', 'NotFound')
    """
    asked = {name: _several(value) for name, value in event["data"].items() if name in FILTERS}
    found = [one for one in footprints if matches(one, asked)]
    data: dict[str, Any] = {"requestEventId": event["id"]}
    if found:
        data["pfs"] = found
    else:
        data["error"] = {"code": "NotFound", "message": "no footprint meets the request"}
    return {
        "type": FULFILLED if found else REJECTED,
        "specversion": "1.0",
        "id": str(uuid5(_NAMESPACE, f"{source}|{event['source']}|{event['id']}")),
        "source": source,
        "time": stamp(now),
        "data": data,
    }


def _several(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _refused(what: str, *, code: str = "BadRequest") -> Received:
    return Received(response=error(code, what), event=None)
