"""DCSA Port Call 2.0.0: what the text of the standard asks of an event, beyond what its schema can prove.

The schema has no required fields, no codes and no forms: ``{}`` is a valid event. Each rule here is one named check;
an ERROR refuses its event, a WARN does not. Event types and classifiers are "only" in the text, phases and facilities
"should be": so are the severities.
"""

from collections import ChainMap
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sisterport.errors import ReferenceDataError, did_you_mean
from sisterport.exchange.dcsa_events import _part
from sisterport.exchange.dcsa_fields import imo_of, mmsi_of, unstorable
from sisterport.exchange.dcsa_services import SERVICES
from sisterport.exchange.findings import ERROR, INFO, WARN, Finding
from sisterport.exchange.objects import fields, is_uuid, moment, shown, strict
from sisterport.reference import resolve_locode, value

_ANSWERS = {"REQ": ("EST",), "PLN": ("REQ",), "EST": ("REQ",), "ACT": ("PLN",)}
"""What each classifier may reply to: estimated, requested, planned, actual (IMO FAL.5/Circ.52)."""
_OWN_RULE = frozenset({
    "$.eventID", "$.eventUpdatedDateTime", "$.timestamp.serviceDateTime", "$.timestamp.classifierCode",
    "$.portCallService.portCallServiceTypeCode", "$.portCallService.portCallServiceEventTypeCode",
    "$.portCallService.portCallPhaseTypeCode", "$.portCallService.facilityTypeCode",
})  # fmt: skip
_QUAYS = ("POTE", "INTE")
"""Kinds of location that have berths: port terminal and inland terminal."""
_IDS = (("portCall", "portCallID"), ("terminalCall", "terminalCallID"), ("portCallService", "portCallServiceID"))
_UNITS = (
    ("vesselSizeUnit", ("lengthOverall", "width")),
    ("draftUnit", ("airDraft", "draft", "aftDraft", "forwardDraft")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a check may know beyond the message.

    Attributes
    ----------
    events
        Earlier events by ``eventID`` in small letters.
    now
        The time; None leaves actual times in the future unremarked.
    terminals
        Known (UN/LOCODE, SMDG terminal code) pairs; empty leaves terminal codes unremarked.
    delay_codes
        Known delay reason codes; empty leaves them unremarked.
    """

    events: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    now: datetime | None = None
    terminals: Collection[tuple[str, str]] = ()
    delay_codes: Collection[str] = ()


def event_findings(event: Any, *, path: str = "$", known: Known | None = None) -> list[Finding]:
    """Return everything that breaks the text of the standard in one event.

    Parameters
    ----------
    event
        An object of the schema's type Event.
    path
        Where it stands in the message.
    known
        Earlier events, the time and code lists that are not part of the package.

    References
    ----------
    DCSA Port Call 2.0.0 (OpenAPI of 17 December 2025), descriptions of Event, PortCallService and Timestamp.

    Examples
    --------
    >>> [one.check for one in event_findings({})]
    ['event_id', 'updated_time', 'service_code', 'payload', 'ship', 'locode']
    """
    if not isinstance(event, Mapping):
        return [Finding("kind", ERROR, path, "not an object", "give an object Event")]
    if unstorable(event):
        text = "holds U+0000 or half a surrogate pair, which no database can store"
        return [Finding("storable", ERROR, path, text, "leave these characters out")]
    told = known or Known()
    rules = chain(
        _form(event), _identity(event, told), _times(event, told), _service(event), _payload(event), _ship(event),
        _places(event, told), _delays(event, told), _reply(event, told), _called_off(event), _sizes(event),
    )  # fmt: skip
    return [Finding(one.check, one.severity, path + one.path.removeprefix("$"), one.fault, one.remedy) for one in rules]


def request_findings(events: list[Any], *, known: Known | None = None) -> list[list[Finding]]:
    """Return the findings of each event of a request; later events know the earlier ones.

    Examples
    --------
    >>> twice = {"eventID": "00000000-0000-0000-0000-000000000001", "isFYI": True}
    >>> [one.check for one in request_findings([twice, twice | {"isFYI": False}])[1] if one.path.endswith("eventID")]
    ['event_id']
    """
    told = known or Known()
    seen: dict[str, Mapping[str, Any]] = {}
    every = replace(told, events=ChainMap(seen, dict(told.events)))
    found = []
    for number, event in enumerate(events):
        found.append(event_findings(event, path=f"$.events[{number}]", known=every))
        if isinstance(event, Mapping) and isinstance(event.get("eventID"), str):
            seen.setdefault(event["eventID"].lower(), event)
    return found


def _form(event: Mapping[str, Any]) -> Iterator[Finding]:
    """Kinds, lengths, forms and codes of all fields, but for those that a rule of their own judges."""
    for one in strict(event, "dcsa", "Event"):
        if one.check not in {"code", "form"} or one.path not in _OWN_RULE:
            softer = WARN if one.check == "code" else one.severity
            yield Finding(one.check, softer, one.path, one.fault, one.remedy)


def _identity(event: Mapping[str, Any], known: Known) -> Iterator[Finding]:
    name = event.get("eventID")
    if not isinstance(name, str) or not is_uuid(name):
        text = "no eventID" if name is None else f"{shown(name)} is no UUID"
        yield Finding("event_id", ERROR, "$.eventID", text, "give every event a UUID of its own")
        return
    before = known.events.get(name.lower())
    if before == event:
        yield Finding("event_known", INFO, "$.eventID", "same eventID and content as before", "nothing to do")
    elif before is not None:
        remedy = "a correction is a new event with the same ids of call and service and a later eventUpdatedDateTime"
        yield Finding("event_id", ERROR, "$.eventID", "the eventID was used for other content", remedy)
    for part, field_name in _IDS:
        if _part(event, part).get(field_name) == name:
            text = f"{field_name} is the eventID"
            yield Finding("ids", WARN, f"$.{part}.{field_name}", text, "call, service and event have ids of their own")


def _times(event: Mapping[str, Any], known: Known) -> Iterator[Finding]:
    stamp = _part(event, "timestamp")
    wanted = [("updated_time", "$.eventUpdatedDateTime", event.get("eventUpdatedDateTime"))]
    if "timestamp" in event:
        wanted.append(("service_time", "$.timestamp.serviceDateTime", stamp.get("serviceDateTime")))
    for check, path, text in wanted:
        if moment(text) is None:
            fault = f"no {path.rsplit('.', 1)[1]}" if text is None else f"{shown(text)} is no time with an offset"
            yield Finding(check, ERROR, path, fault, "write it as RFC 3339: 2025-01-23T04:00:00Z")
    time = moment(stamp.get("serviceDateTime"))
    if known.now is not None and time is not None and stamp.get("classifierCode") == "ACT":
        limit = known.now + timedelta(minutes=value("dcsa_clock_tolerance_min"))
        if time > limit:
            text = f"an actual time after {known.now.isoformat(timespec='seconds')}"
            yield Finding(
                "future_actual", WARN, "$.timestamp.serviceDateTime", text, "check the clock or the classifier"
            )


def _service(event: Mapping[str, Any]) -> Iterator[Finding]:
    service, code = _part(event, "portCallService"), _part(event, "portCallService").get("portCallServiceTypeCode")
    at = "$.portCallService"
    rules = SERVICES.get(code) if isinstance(code, str) else None
    if rules is None:
        text = "no portCallServiceTypeCode" if code is None else f"{shown(code)} is no service"
        hint = did_you_mean(str(code), list(SERVICES)) if code else ""
        yield Finding(
            "service_code", ERROR, f"{at}.portCallServiceTypeCode", text + hint, f"choose from {', '.join(SERVICES)}"
        )
        return
    kind, classifier = service.get("portCallServiceEventTypeCode"), _part(event, "timestamp").get("classifierCode")
    if kind not in rules.kinds:
        text = f"{code} with {shown(kind)}"
        yield Finding("event_type", ERROR, f"{at}.portCallServiceEventTypeCode", text, f"only {', '.join(rules.kinds)}")
    if "timestamp" in event and classifier not in rules.classifiers:
        text, only = f"{code} with {shown(classifier)}", ", ".join(rules.classifiers) or "no timestamp at all"
        yield Finding("classifier", ERROR, "$.timestamp.classifierCode", text, f"only {only}")
    kind = _part(service, "serviceLocation").get("facilityTypeCode")
    if kind is not None and rules.facilities == ("BRTH",) and kind not in _QUAYS:
        text = f"{code} at a location {shown(kind)}"
        yield Finding(
            "location_type", WARN, f"{at}.serviceLocation.facilityTypeCode", text, f"use {' or '.join(_QUAYS)}"
        )
    for check, name, allowed in (("phase", "portCallPhaseTypeCode", rules.phases),
                                 ("facility", "facilityTypeCode", rules.facilities)):  # fmt: skip
        found = service.get(name)
        if found is not None and found not in allowed:
            remedy = f"use {' or '.join(allowed)}" if allowed else "leave it out"
            yield Finding(check, WARN, f"{at}.{name}", f"{code} with {shown(found)}", remedy)


def _payload(event: Mapping[str, Any]) -> Iterator[Finding]:
    stamp, moves = "timestamp" in event, "movesForecasts" in event
    code = _part(event, "portCallService").get("portCallServiceTypeCode")
    if stamp == moves:
        text = "timestamp and movesForecasts" if stamp else "neither timestamp nor movesForecasts"
        yield Finding("payload", WARN, "$", text, "give just one of them")
    if moves and code != "MOVES":
        text = f"moves on a service {shown(code)}"
        yield Finding("moves_service", WARN, "$.movesForecasts", text, "use service MOVES")


def _ship(event: Mapping[str, Any]) -> Iterator[Finding]:
    vessel = _part(event, "vessel")
    numbers = ((imo_of, "vesselIMONumber"), (mmsi_of, "vesselMMSINumber"))
    for reader, name in numbers:
        faults: list[str] = []
        reader(vessel.get(name), faults)
        for fault in faults:
            yield Finding(
                "ship", ERROR, f"$.vessel.{name}", fault.removeprefix(f"{name} "), "correct it or leave it out"
            )
    if all(vessel.get(name) is None for _, name in numbers):
        remedy = "give vesselIMONumber or vesselMMSINumber"
        yield Finding("ship", ERROR, "$.vessel", "no number of the ship", remedy)


def _places(event: Mapping[str, Any], known: Known) -> Iterator[Finding]:
    location, vessel = _part(_part(event, "portCallService"), "serviceLocation"), _part(event, "vessel")
    codes = {
        "$.portCall": _part(event, "portCall").get("UNLocationCode"),
        "$.portCallService.serviceLocation": location.get("UNLocationCode"),
        "$.vessel.vesselPosition": _part(vessel, "vesselPosition").get("UNLocationCode"),
    }
    ports = {}
    for at, code in codes.items():
        if not isinstance(code, str):
            continue
        try:
            ports[at] = resolve_locode(code)
        except ReferenceDataError as error:
            yield Finding("locode", WARN, f"{at}.UNLocationCode", str(error), "check the code of the port")
            continue
        if ports[at] != code:
            text = f"'{code}' is taken as {ports[at]}"
            yield Finding("locode_alias", INFO, f"{at}.UNLocationCode", text, f"write {ports[at]}")
    if codes["$.portCall"] is None and codes["$.portCallService.serviceLocation"] is None:
        yield Finding("locode", WARN, "$.portCall.UNLocationCode", "the event has no port", "give UNLocationCode")
    port = ports.get("$.portCallService.serviceLocation", ports.get("$.portCall"))
    facility = _part(location, "facility")
    code, provider = facility.get("facilityCode"), facility.get("facilityCodeListProvider")
    if known.terminals and isinstance(code, str) and provider == "SMDG" and (port, code) not in known.terminals:
        at = "$.portCallService.serviceLocation.facility.facilityCode"
        yield Finding("terminal", WARN, at, f"'{code}' is no terminal of {port}", "check the SMDG terminal code list")


def _delays(event: Mapping[str, Any], known: Known) -> Iterator[Finding]:
    codes = _part(event, "timestamp").get("delayReasonCodes")
    for number, code in enumerate(codes if known.delay_codes and isinstance(codes, list) else ()):
        if code not in known.delay_codes:
            at = f"$.timestamp.delayReasonCodes[{number}]"
            yield Finding(
                "delay_code", WARN, at, f"{shown(code)} is no delay reason", "check the SMDG delay reason codes"
            )


def _reply(event: Mapping[str, Any], known: Known) -> Iterator[Finding]:
    answers, own = event.get("replyToEventID"), event.get("eventID")
    if not isinstance(answers, str):
        return
    at = "$.replyToEventID"
    if answers == own:
        yield Finding("reply", WARN, at, "the event replies to itself", "name the event that it answers")
        return
    asked = known.events.get(answers.lower())
    if asked is None:
        yield Finding("reply", INFO, at, "answers an event that is not known here", "send that event too")
        return
    if _topic(asked) != _topic(event):
        yield Finding("reply", WARN, at, "answers an event of another service", "name an event of the same service")
    said, heard = (_part(one, "timestamp").get("classifierCode") for one in (event, asked))
    allowed = _ANSWERS.get(str(said), ())
    if said is not None and heard not in allowed:
        text = f"{said} answers {heard}"
        yield Finding("reply_order", WARN, at, text, f"{said} answers {' or '.join(allowed) or 'nothing'}")


def _topic(event: Mapping[str, Any]) -> tuple[Any, ...]:
    service = _part(event, "portCallService")
    return service.get("portCallServiceTypeCode"), service.get("portCallServiceEventTypeCode")


def _called_off(event: Mapping[str, Any]) -> Iterator[Finding]:
    """Judge who calls off: providers send EST, PLN and ACT and cancel, consumers send REQ and decline."""
    service, classifier = _part(event, "portCallService"), _part(event, "timestamp").get("classifierCode")
    if service.get("isCanceled") is True and classifier == "REQ":
        text = "a request that cancels: only the provider cancels"
        yield Finding("called_off_by", ERROR, "$.portCallService.isCanceled", text, "use isDeclined")
    if service.get("isDeclined") is True and classifier in {"EST", "PLN", "ACT"}:
        text = f"{classifier} that declines: only the consumer declines"
        yield Finding("called_off_by", ERROR, "$.portCallService.isDeclined", text, "use isCanceled")


def _sizes(event: Mapping[str, Any]) -> Iterator[Finding]:
    vessel = _part(event, "vessel")
    for unit, names in _UNITS:
        told = [name for name in names if vessel.get(name) is not None]
        if told and vessel.get(unit) not in fields("dcsa", "Vessel")[unit].codes:
            text = f"{', '.join(told)} without {unit}"
            yield Finding("unit", WARN, f"$.vessel.{unit}", text, "give MTR or FOT: nobody guesses feet")
    draft, ends = vessel.get("draft"), [vessel.get("aftDraft"), vessel.get("forwardDraft")]
    numbers = [part for part in (draft, *ends) if isinstance(part, int | float) and not isinstance(part, bool)]
    if len(numbers) == 3 and not min(numbers[1:]) <= numbers[0] <= max(numbers[1:]):
        text = f"draft {draft} is not between aftDraft {ends[0]} and forwardDraft {ends[1]}"
        yield Finding("draught", WARN, "$.vessel.draft", text, "check the draughts")
