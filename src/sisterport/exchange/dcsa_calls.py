"""DCSA Port Call 2.0.0: calls from events, with what was estimated, requested, planned and what happened.

Events are read one by one: one that breaks the standard is refused with its reasons, the others count. Of events of one
call, service, type and classifier the one updated last counts.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from sisterport.exchange.dcsa import _FEEDBACK
from sisterport.exchange.dcsa_events import Remark, _part, parse
from sisterport.exchange.dcsa_fields import imo_of, locode_of, mmsi_of, text_of, time_of, unstorable, uuid_of
from sisterport.exchange.dcsa_moves import moves_of
from sisterport.exchange.dcsa_services import SERVICES
from sisterport.tables import check, schema

_METRES = {"MTR": 1.0, "FOT": 0.3048}
"""Units of lengths: metres, and decimal feet (0.3048 m by definition)."""
_LETTERS = {"EST": "e", "REQ": "r", "PLN": "p", "ACT": "a"}
_STATES = {"EST": "estimated", "REQ": "requested", "PLN": "planned", "ACT": "actual"}
_COLUMNS = {("BERTH", "ARRI"): "berth_{}ta_utc", ("BERTH", "DEPA"): "berth_{}td_utc",
            ("PILOT_BOARDING_PLACE", "ARRI"): "pilot_{}ta_utc"}  # fmt: skip
_FIELDS = {"terminal_call": "terminalCallID", "port_call": "portCallID"}
_POWER = {"STRT": "shore_power_start_utc", "CMPL": "shore_power_end_utc"}


class DcsaCalls(NamedTuple):
    """Calls read from events, and what became of the events.

    Attributes
    ----------
    calls
        Frame of the table ``announced_calls``.
    times
        Frame of the table ``call_times``: the last word of each call, service, type and classifier.
    counts
        ``outcome, events``: every event has one outcome: ``read``, ``superseded``, ``cancelled``, ``omitted``,
        ``duplicate``, ``refused``.
    feedback
        ``event, event_id, severity, outcome, path, message``: the reasons, in the manner of a FeedbackElement; remarks
        on events that count have the outcome ``odd``.
    """

    calls: pl.DataFrame
    times: pl.DataFrame
    counts: pl.DataFrame
    feedback: pl.DataFrame


def read_dcsa_calls(source: Any, *, now: datetime | None = None) -> DcsaCalls:
    """Return the calls in events of DCSA Port Call 2.0.0.

    Parameters
    ----------
    source
        Path, text, bytes or plain objects, see `sisterport.exchange.dcsa_events.parse`.
    now
        Actual times after it draw a warning.

    Raises
    ------
    InputError
        If there is no JSON.

    References
    ----------
    DCSA Port Call 2.0.0 (OpenAPI of 17 December 2025). IMO FAL.5/Circ.52: estimated, requested, planned, actual.

    Examples
    --------
    >>> said = {"eventID": "00000000-0000-0000-0000-000000000001", "eventUpdatedDateTime": "2025-01-22T08:00:00Z",
    ...     "portCall": {"UNLocationCode": "NLAMS"}, "vessel": {"vesselIMONumber": "9321483"},
    ...     "portCallService": {"portCallServiceTypeCode": "BERTH", "portCallServiceEventTypeCode": "ARRI"},
    ...     "timestamp": {"classifierCode": "EST", "serviceDateTime": "2025-01-23T04:00:00Z"}}
    >>> read_dcsa_calls([said]).calls.select("call_id", "berth_eta_utc", "state").row(0)
    ('imo-9321483-NLAMS', datetime.datetime(2025, 1, 23, 4, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC')), 'estimated')
    """
    remarks: list[Remark] = []
    seen: dict[str, Any] = {}
    read: list[dict[str, Any]] = []
    for number, event in enumerate(parse(source)):
        row = _judged(number, event, seen, remarks, now)
        if row is not None:
            read.append(row)
    kept = _last_words(read, remarks)
    _conversations(kept, remarks)
    counts: dict[str, int] = {"read": len(kept)}
    refused = {remark.event for remark in remarks if remark.outcome == "refused"}
    for remark in remarks:
        if remark.outcome not in {"odd", "refused"}:
            counts[remark.outcome] = counts.get(remark.outcome, 0) + 1
    counts["refused"] = len(refused)
    told = [(outcome, number) for outcome, number in counts.items() if number]
    timed = [row for row in kept if row["classifier"] is not None]
    frame = pl.DataFrame(timed, schema={name: column.dtype for name, column in schema("call_times").items()})
    return DcsaCalls(
        _calls(kept),
        check(frame, "call_times").sort("call_id", "service", "kind", "updated_utc"),
        pl.DataFrame(told, schema={"outcome": pl.String, "events": pl.Int64}, orient="row"),
        pl.DataFrame([asdict(remark) for remark in remarks], schema=_FEEDBACK).sort("event", maintain_order=True),
    )


def _judged(
    number: int, event: Any, seen: dict[str, Any], remarks: list[Remark], now: datetime | None
) -> dict[str, Any] | None:
    """Return an event as a row; what is wrong or odd goes to the remarks, and a wrong one gives none."""
    identifier = event.get("eventID") if isinstance(event, Mapping) else None

    def say(severity: str, outcome: str, message: str, path: str = "") -> None:
        told = identifier if isinstance(identifier, str) else None
        remarks.append(Remark(event=number, event_id=told, severity=severity, outcome=outcome,
                              path=f"$.events[{number}]{path}", message=message))  # fmt: skip

    faults: list[str] = []
    if not isinstance(event, Mapping):
        faults.append(f"{type(event).__name__}, not an object")
    elif unstorable(event):
        faults.append("holds U+0000 or half a surrogate pair, which cannot be stored")
    elif isinstance(identifier, str) and identifier in seen:
        if seen[identifier] == event:
            say("INFO", "duplicate", "same eventID and content")
            return None
        faults.append("the eventID occurs before with other content")
    row = None if faults else _read(event, faults)
    if isinstance(identifier, str) and isinstance(event, Mapping):
        seen.setdefault(identifier, event)
    for fault in faults:
        say("ERROR", "refused", fault)
    if faults or row is None:
        return None
    for path, message in _odd(event, row, now):
        say("WARN", "odd", message, path)
    return row | {"event": number}


def _read(event: Mapping[str, Any], faults: list[str]) -> dict[str, Any] | None:
    """Return the row of an event; what breaks the standard goes to `faults`."""
    service, stamp, vessel = (_part(event, name) for name in ("portCallService", "timestamp", "vessel"))
    call, terminal_call, location = (
        _part(event, "portCall"),
        _part(event, "terminalCall"),
        _part(service, "serviceLocation"),
    )
    name = service.get("portCallServiceTypeCode")
    rules = SERVICES.get(name) if isinstance(name, str) else None
    kind, classifier = service.get("portCallServiceEventTypeCode"), stamp.get("classifierCode")
    if rules is None:
        faults.append(f"portCallServiceTypeCode {name!r} is none of the standard")
        return None
    if kind not in rules.kinds:
        faults.append(f"portCallServiceEventTypeCode {kind!r}: {name} has only {', '.join(rules.kinds)}")
    if classifier is not None and classifier not in rules.classifiers:
        faults.append(
            f"classifierCode {classifier!r}: {name} has only {', '.join(rules.classifiers) or 'no timestamp'}"
        )
    if rules.classifiers and classifier is None:
        faults.append("no timestamp.classifierCode")
    imo, mmsi = imo_of(vessel.get("vesselIMONumber"), faults), mmsi_of(vessel.get("vesselMMSINumber"), faults)
    if vessel.get("vesselIMONumber") is None and vessel.get("vesselMMSINumber") is None:
        faults.append("no vesselIMONumber and no vesselMMSINumber")
    locode = locode_of(call.get("UNLocationCode") or location.get("UNLocationCode"), faults)
    ids = {
        "event_id": (event, "eventID", True),
        "reply_to": (event, "replyToEventID", False),
        "service_id": (service, "portCallServiceID", False),
        "terminal_call": (terminal_call, "terminalCallID", False),
        "port_call": (call, "portCallID", False),
    }
    named = {
        key: uuid_of(part.get(field), field, faults) if needed or part.get(field) is not None else None
        for key, (part, field, needed) in ids.items()
    }
    ship = f"imo-{imo}" if imo else f"mmsi-{mmsi}"
    forecast = event.get("movesForecasts")
    return {
        "call_id": named["terminal_call"] or named["port_call"] or f"{ship}-{locode or 'unknown'}",
        "call_id_field": next((_FIELDS[key] for key in _FIELDS if named[key]), None),
        "service": name,
        "service_id": named["service_id"],
        "kind": kind,
        "classifier": classifier,
        "time_utc": time_of(stamp.get("serviceDateTime"), "serviceDateTime", faults)
        if classifier is not None
        else None,
        "updated_utc": time_of(event.get("eventUpdatedDateTime"), "eventUpdatedDateTime", faults),
        "event_id": named["event_id"],
        "reply_to": named["reply_to"],
        "phase": text_of(service.get("portCallPhaseTypeCode")),
        "imo": imo,
        "mmsi": mmsi,
        "name": text_of(vessel.get("vesselName")),
        "locode": locode,
        "terminal": text_of(_part(location, "facility").get("facilityCode")),
        "place": text_of(location.get("locationName")),
        "fyi": event.get("isFYI") is True,
        "ended": _ended(event, service),
        "moves": moves_of(forecast) if isinstance(forecast, list) else None,
        "miles_to_go_nm": _number(vessel.get("milesToDestinationPort")),
        "length_m": _metres(vessel, "lengthOverall", "vesselSizeUnit"),
        "draught_m": _metres(vessel, "draft", "draftUnit"),
        "delay_reasons": [code for code in stamp.get("delayReasonCodes") or [] if isinstance(code, str)],
    }


def _ended(event: Mapping[str, Any], service: Mapping[str, Any]) -> str | None:
    if any(_part(event, name).get("isOmitted") is True for name in ("portCall", "terminalCall")):
        return "omitted"
    return "cancelled" if service.get("isCanceled") is True or service.get("isDeclined") is True else None


def _number(found: Any) -> float | None:
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) and found >= 0 else None


def _metres(vessel: Mapping[str, Any], field: str, unit: str) -> float | None:
    """Return a length; null where its unit is missing or unknown: nobody guesses feet."""
    number, per = _number(vessel.get(field)), _METRES.get(str(vessel.get(unit)))
    return None if number is None or per is None else number * per


def _odd(event: Mapping[str, Any], row: Mapping[str, Any], now: datetime | None) -> list[tuple[str, str]]:
    """Return what should be otherwise, but does not stop the reading."""
    service, rules = _part(event, "portCallService"), SERVICES[row["service"]]
    said = []
    for field, allowed in (("portCallPhaseTypeCode", rules.phases), ("facilityTypeCode", rules.facilities)):
        code = service.get(field)
        if code is not None and code not in allowed:
            said.append((f".portCallService.{field}", f"{field} {code}: {row['service']} should have "
                         + (" or ".join(allowed) or "none")))  # fmt: skip
    if row["moves"] is not None and row["service"] != "MOVES":
        said.append((".movesForecasts", f"moves on a {row['service']} service"))
    if row["reply_to"] is not None and row["reply_to"] == row["event_id"]:
        said.append((".replyToEventID", "the event replies to itself"))
    if now is not None and row["classifier"] == "ACT" and row["time_utc"] is not None and row["time_utc"] > now:
        said.append((".timestamp.serviceDateTime", f"an actual time after {now.isoformat()}"))
    if row["locode"] is None:
        said.append((".portCall", "no UNLocationCode: the call has no port"))
    vessel = _part(event, "vessel")
    said += [
        (f".vessel.{field}", f"{field} without a known {unit}: not used")
        for field, unit in (("lengthOverall", "vesselSizeUnit"), ("draft", "draftUnit"))
        if _number(vessel.get(field)) is not None and str(vessel.get(unit)) not in _METRES
    ]
    return said


def _last_words(rows: list[dict[str, Any]], remarks: list[Remark]) -> list[dict[str, Any]]:
    """Keep of each call, service, type and classifier what was said last, and nothing of what was called off."""

    def drop(row: Mapping[str, Any], outcome: str, message: str) -> None:
        remarks.append(Remark(event=row["event"], event_id=row["event_id"], severity="INFO", outcome=outcome,
                              path=f"$.events[{row['event']}]", message=message))  # fmt: skip

    ordered = sorted(rows, key=lambda row: (row["updated_utc"], row["event"]))
    omitted = {row["call_id"]: row["ended"] == "omitted" for row in ordered}  # the last word on each call
    off = {_topic(row): row["ended"] == "cancelled" for row in ordered}
    last = {(_topic(row), row["classifier"]): row for row in ordered}
    kept = []
    for row in ordered:
        final = last[_topic(row), row["classifier"]]
        if omitted[row["call_id"]]:
            drop(row, "omitted", "the last word on the call is that it is omitted")
        elif off[_topic(row)]:
            drop(row, "cancelled", "the last word on the service is that it is cancelled or declined")
        elif row is not final:
            drop(row, "superseded", f"event {final['event']} says the same and was updated later")
        else:
            kept.append(row)
    return kept


def _topic(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["call_id"], row["service"], row["kind"]


def _conversations(rows: list[dict[str, Any]], remarks: list[Remark]) -> None:
    """Remark answers to nothing: a reply to an event of another service, or one that was never read."""
    known = {row["event_id"]: row for row in rows}
    for row in rows:
        asked = known.get(row["reply_to"])
        if row["reply_to"] is None or row["reply_to"] == row["event_id"] or (asked and _topic(asked) == _topic(row)):
            continue
        what = "an event of another service" if asked else "an event that is not here or was said anew since"
        remarks.append(Remark(event=row["event"], event_id=row["event_id"], severity="INFO" if not asked else "WARN",
                              outcome="odd", path=f"$.events[{row['event']}].replyToEventID",
                              message=f"answers {what}"))  # fmt: skip


def _calls(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return one row per call; of each field the last that was said."""
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["updated_utc"], row["event"])):
        call = found.setdefault(row["call_id"], {"call_id": row["call_id"], "state": "unknown", "delay_reasons": ""})
        for name in (
            "call_id_field",
            "imo",
            "mmsi",
            "name",
            "locode",
            "terminal",
            "miles_to_go_nm",
            "length_m",
            "draught_m",
        ):
            if row[name] is not None:
                call[name] = row[name]
        if row["service"] == "BERTH" and row["place"] is not None:
            call["place"] = row["place"]
        if column := _COLUMNS.get((row["service"], row["kind"])):
            call[column.format(_LETTERS[row["classifier"]])] = row["time_utc"]
        if row["service"] == "SHORE_POWER":
            call[_POWER[row["kind"]]] = row["time_utc"]
        if (row["service"], row["kind"]) == ("BERTH", "ARRI"):
            call["state"] = _STATES[row["classifier"]]
        if row["moves"] is not None:
            call["moves"], call["restows"] = row["moves"]
        if row["delay_reasons"]:
            call["delay_reasons"] = " ".join(dict.fromkeys([*call["delay_reasons"].split(), *row["delay_reasons"]]))
    columns = {name: column.dtype for name, column in schema("announced_calls").items()}
    plain = [{name: call.get(name) or None if name == "delay_reasons" else call.get(name) for name in columns}
             for call in found.values()]  # fmt: skip
    return check(pl.DataFrame(plain, schema=columns), "announced_calls").sort("call_id")
