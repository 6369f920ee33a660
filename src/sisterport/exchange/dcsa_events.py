"""Events of DCSA Port Call 2.0.0: parsed leniently, then judged by what the text of the standard says."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sisterport.errors import InputError, SchemaError
from sisterport.exchange.dcsa_fields import energy_of, imo_of, locode_of, mmsi_of, text_of, time_of, unstorable, uuid_of

SERVICE = "SHORE_POWER"
STARTED, COMPLETED = "STRT", "CMPL"
PLANNED = ("EST", "REQ", "PLN")
"""Classifiers that a service which is actual-only must not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShorePowerEvent:
    """One actual start or end of shore power.

    Attributes
    ----------
    number
        Of the event in what was read, from 0.
    event_id, service_id
        Of the event, and of the port call service; the latter may be absent.
    updated, time
        When the event was last updated, and when the service started or ended [UTC].
    kind
        STRT or CMPL.
    imo, mmsi, locode, terminal, berth
        Ship and place; at least one ship number is known.
    outlet, energy_mwh
        From the object ``shorePower`` of parties that agreed on it; not part of the standard.
    canceled, omitted
        The service was cancelled or declined; the call was omitted.
    """

    number: int
    event_id: str
    service_id: str | None
    updated: datetime
    time: datetime
    kind: str
    imo: int | None
    mmsi: int | None
    locode: str | None
    terminal: str | None
    berth: str | None
    outlet: str | None
    energy_mwh: float | None
    canceled: bool
    omitted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something to say about an event: `severity` is ERROR, WARN or INFO, as in a FeedbackElement."""

    event: int
    event_id: str | None
    severity: str
    outcome: str
    path: str
    message: str


def parse(source: Any) -> list[Any]:
    r"""Return the events in a file, a text or plain objects.

    Parameters
    ----------
    source
        Path of a file, bytes or text of JSON, a dict or a list: one event, a list of events, an object with
        ``events``, or JSON lines of any of these.

    Raises
    ------
    InputError
        If it cannot be read or is no JSON.

    Examples
    --------
    >>> parse('{"events": [{"eventID": "a"}, {"eventID": "b"}]}') == parse('{"eventID": "a"}\n{"eventID": "b"}')
    True
    """
    if isinstance(source, Mapping | list):
        return _events(source)
    name = "the text"
    if isinstance(source, Path) or (isinstance(source, str) and not source.lstrip().startswith(("{", "["))):
        name = str(source)
        try:
            source = Path(source).read_bytes()
        except OSError as error:
            raise InputError(f"cannot read {name}: {error.strerror}") from None
    if isinstance(source, bytes):
        try:
            source = source.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InputError(f"{name} is not text in UTF-8") from None
    if not isinstance(source, str):
        raise InputError(f"expected JSON, got {type(source).__name__}")
    return _events(_json(source, name))


def _json(text: str, name: str) -> Any:
    if not text.strip():
        raise InputError(f"{name} is empty")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        whole = error
    except RecursionError:
        raise InputError(f"{name} is nested too deep") from None
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    found: list[Any] = []
    for number, line in lines:
        try:
            found += _events(json.loads(line))
        except json.JSONDecodeError as error:
            told = whole if len(lines) == 1 or not found else error
            where = whole.lineno if told is whole else number
            raise InputError(f"{name} is no JSON: line {where}: {told.msg}") from None
    return found


def _events(found: Any) -> list[Any]:
    if isinstance(found, Mapping):
        inner = found.get("events")
        return list(inner) if isinstance(inner, list) else [found]
    return [event for part in found for event in _events(part)] if isinstance(found, list) else [found]


def judge(events: Iterable[Any], *, now: datetime | None = None) -> tuple[list[ShorePowerEvent], list[Remark]]:
    """Return the actual shore-power events and what is to be said about all others.

    Parameters
    ----------
    events
        From `parse`.
    now
        Actual times after it draw a warning.

    Raises
    ------
    SchemaError
        Listing every fault of a shore-power event: no or a wrong id, time, event type, ship or port; text that a
        database cannot store; an id that occurs again with other content.

    References
    ----------
    DCSA Port Call 2.0.0, description of PortCallService and Timestamp.classifierCode: SHORE_POWER is actual-only, with
    STRT and CMPL, phase ALGS, at BRTH.
    """
    good: list[ShorePowerEvent] = []
    remarks: list[Remark] = []
    faults: list[str] = []
    seen: dict[str, str] = {}
    for number, event in enumerate(events):
        if not isinstance(event, Mapping):
            faults.append(f"event {number}: {type(event).__name__}, not an object")
            continue
        identifier = event.get("eventID") if isinstance(event.get("eventID"), str) else None
        service = _part(event, "portCallService")
        if service.get("portCallServiceTypeCode") != SERVICE:
            code = service.get("portCallServiceTypeCode")
            message = f"service {code}" if code else "no service named"
            remarks.append(_remark(number, identifier, "INFO", "other service", ".portCallService", message))
            continue
        content = _canonical(event)
        if identifier is not None and identifier in seen:
            if seen[identifier] != content:
                faults.append(f"event {number} ({identifier}): the eventID occurs before with other content")
            remarks.append(_remark(number, identifier, "INFO", "duplicate", "", "same eventID and content"))
            continue
        seen[identifier or f"event {number}"] = content
        classifier = _part(event, "timestamp").get("classifierCode")
        if classifier in PLANNED:
            text = f"{SERVICE} is actual-only in DCSA Port Call 2.0.0: classifier {classifier} is refused"
            path = ".timestamp.classifierCode"
            remarks.append(_remark(number, identifier, "ERROR", "refused", path, text))
            continue
        own: list[str] = []
        read = _read(number, event, own, remarks, now)
        faults += [f"event {number} ({identifier or 'no eventID'}): {fault}" for fault in own]
        if read is not None:
            good.append(read)
    if faults:
        raise SchemaError("DCSA Port Call events", faults)
    return good, remarks


def _remark(number: int, identifier: str | None, severity: str, outcome: str, path: str, message: str) -> Remark:
    return Remark(
        event=number,
        event_id=identifier,
        severity=severity,
        outcome=outcome,
        path=f"$.events[{number}]{path}",
        message=message,
    )


def _canonical(event: Mapping[str, Any]) -> str:
    return json.dumps(event, sort_keys=True, separators=(",", ":"))


def _part(event: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return an object below an event; an empty one where it is absent or no object."""
    part: Any = event
    for name in names:
        part = part.get(name) if isinstance(part, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def _read(
    number: int, event: Mapping[str, Any], faults: list[str], remarks: list[Remark], now: datetime | None
) -> ShorePowerEvent | None:
    """Read a shore-power event; what is wrong goes to `faults`, what is odd to `remarks`."""
    if unstorable(event):
        faults.append("holds U+0000 or half a surrogate pair, which cannot be stored")
        return None
    service, stamp, vessel = (_part(event, name) for name in ("portCallService", "timestamp", "vessel"))
    location = _part(service, "serviceLocation")
    identifier = uuid_of(event.get("eventID"), "eventID", faults)
    service_id = service.get("portCallServiceID")
    if service_id is not None:
        service_id = uuid_of(service_id, "portCallServiceID", faults)
    kind = service.get("portCallServiceEventTypeCode")
    if kind not in {STARTED, COMPLETED}:
        faults.append(f"portCallServiceEventTypeCode {kind!r}: {SERVICE} has only {STARTED} and {COMPLETED}")
    if stamp.get("classifierCode") != "ACT":
        faults.append(f"classifierCode {stamp.get('classifierCode')!r}: {SERVICE} has only ACT")
    updated = time_of(event.get("eventUpdatedDateTime"), "eventUpdatedDateTime", faults)
    time = time_of(stamp.get("serviceDateTime"), "serviceDateTime", faults)
    imo, mmsi = imo_of(vessel.get("vesselIMONumber"), faults), mmsi_of(vessel.get("vesselMMSINumber"), faults)
    if vessel.get("vesselIMONumber") is None and vessel.get("vesselMMSINumber") is None:
        faults.append("no vesselIMONumber and no vesselMMSINumber")
    code = _part(event, "portCall").get("UNLocationCode") or location.get("UNLocationCode")
    locode = locode_of(code, faults)
    remarks += _odd(number, identifier, service, code, time, now)
    if faults or identifier is None or updated is None or time is None:
        return None
    ours = _part(event, "shorePower")
    return ShorePowerEvent(
        number=number,
        event_id=identifier,
        service_id=service_id,
        updated=updated,
        time=time,
        kind=str(kind),
        imo=imo,
        mmsi=mmsi,
        locode=locode,
        terminal=text_of(_part(location, "facility").get("facilityCode")),
        berth=text_of(location.get("locationName")),
        outlet=text_of(ours.get("outlet_id")),
        energy_mwh=energy_of(ours.get("energy_mwh")),
        canceled=service.get("isCanceled") is True or service.get("isDeclined") is True,
        omitted=any(_part(event, name).get("isOmitted") is True for name in ("portCall", "terminalCall")),
    )


def _odd(
    number: int,
    identifier: str | None,
    service: Mapping[str, Any],
    code: Any,
    time: datetime | None,
    now: datetime | None,
) -> list[Remark]:
    """Return what should be otherwise, but does not stop the reading."""
    said = [
        (f".portCallService.{name}", f"{name} {service[name]}: {SERVICE} should have {wanted}")
        for name, wanted in (("portCallPhaseTypeCode", "ALGS"), ("facilityTypeCode", "BRTH"))
        if service.get(name) not in {None, wanted}
    ]
    if code is None:
        said.append((".portCall", "no UNLocationCode: the connection has no port"))
    if now is not None and time is not None and time > now:
        said.append((".timestamp.serviceDateTime", f"an actual time after {now.isoformat()}"))
    return [_remark(number, identifier, "WARN", "odd", path, text) for path, text in said]
